"""The catalogue of messages: every entry is reached by a body in the shape Mercado Libre sends it in."""

import ast
import json
from pathlib import Path

import pytest

from mercadolibre import errors
from mercadolibre.envelopes import error_from, token_error_from
from mercadolibre.errors import Explanation, by_name, explain, explain_kept
from mercadolibre.explanations import BY_PHRASE

ITEM, ORDER = "MLA1100000001", 2000011122233
EXPLAINED = dict(BY_PHRASE)


def standard(message, error="bad_request", cause=()):
    return {"message": message, "error": error, "status": 400, "cause": list(cause)}


def refused(*causes):
    """A validation error whose causes say what is wrong."""
    return standard("Validation error", "validation_error", [{"code": code, "message": text} for code, text in causes])


def token(error, description=""):
    return {"error_description": description or error, "error": error, "status": 400, "cause": []}


# phrase of the catalogue -> status and body of the answer; "token" marks what the token endpoint says
CONNECTING = {
    "invalid_operator_user_id": (403, standard("Invalid operator", "invalid_operator_user_id")),
    "unauthorized_scopes": (401, standard("unauthorized_scopes", "unauthorized")),
    "excessive_api_call": (403, {"code": "EXCESSIVE_API_CALL", "message": "Application is blocked", "status": 403}),
    "invalid_client": ("token", standard("credenciales inv&aacute;lidas", "invalid_client")),
    "invalid_grant": (
        "token",
        token("invalid_grant", "Your authorization code or refresh token may be expired or it was already used"),
    ),
    "invalid_scope": ("token", token("invalid_scope")),
    "code_verifier": ("token", standard("code_verifier is a required parameter", "invalid_request")),
    "invalid_request": ("token", token("invalid_request", "redirect_uri is a duplicated parameter")),
    "unsupported_grant_type": ("token", token("unsupported_grant_type")),
    "unauthorized_client": ("token", token("unauthorized_client")),
    "unauthorized_application": (401, standard("The application is blocked", "unauthorized_application")),
    "local_rate_limited": (429, b"local_rate_limited"),
    "invalid_token": (401, standard("invalid_token", "not_found")),
    "invalid access token": (401, {"code": "unauthorized", "message": "invalid access token"}),
}
ACCESS = {
    "pa_unauthorized_result_from_policies": (
        403,
        {"blocked_by": "PolicyAgent", "code": "PA_UNAUTHORIZED_RESULT_FROM_POLICIES", "message": "No", "status": 403},
    ),
    "at least one policy returned unauthorized": (
        403,
        {"blocked_by": "PolicyAgent", "message": "At least one policy returned UNAUTHORIZED.", "status": 403},
    ),
    "invalid scopes": (403, {"status": 403, "error": "Invalid scopes", "code": "FORBIDDEN"}),
    "rate limit exceeded": (429, standard("Rate limit exceeded", "")),
    "too_many_request": (429, standard("Too many requests", "too_many_requests")),
    "can not identify the user": (403, standard("Can not identify the user", "forbidden")),
    "caller.id": (403, standard("Invalid caller", "caller.id.invalid")),
    "caller is not the item's owner": (401, standard("Caller is not the item's owner", "")),
    "searching another user items is restricted": (403, standard("Searching another user items is restricted", "")),
    "access_denied": (403, {"status": 403, "error": "access_denied", "message": "No", "code": "FORBIDDEN"}),
    "access to the requested resource is forbidden": (
        403,
        {"status": 403, "message": "access to the requested resource is forbidden", "code": "FORBIDDEN"},
    ),
}
ORDERS = {
    "not_owned_order": (403, standard("Forbidden", "not_owned_order")),
    "the user has not access to the order": (403, standard("The user has not access to the order", "forbidden")),
    "order_not_found": (404, {"message": "Not here.", "error": "order_not_found", "status": 404, "cause": None}),
    "order not found": (404, {"message": "Order not found.", "error": "not_found", "status": 404, "cause": None}),
    "order does not exist": (404, standard("Order does not exist", "not_found")),
    "order do not exists": (404, standard("Order do not exists", "not_found")),
    "discount_not_found": (404, {"cause": "", "message": "None", "error": "discount_not_found", "status": 404}),
    "discount not found": (404, {"cause": "", "message": "Discount not found", "error": "none", "status": 404}),
    "unavailable.for.legal.reasons": (451, standard("Not available", "unavailable.for.legal.reasons")),
    "bad_request_error": (
        400,
        {
            "timestamp": "2026-10-07T14:54:23.653621523Z",
            "status": 400,
            "type": "BAD_REQUEST_ERROR",
            "message": "Http status error with code 400",
            "path": "/periods/key/2026-09-01/group/ML/flex/details",
        },
    ),
}
GLOBAL_SELLING = {
    "the body sent is not valid": (
        400,
        standard("The body sent is not valid, make sure you write the fields and values correctly"),
    ),
    "cannot update item price because it is an invalid value": (
        400,
        standard("Cannot update item price because it is an invalid value"),
    ),
    "invalid property type: [available_quantity]": (
        400,
        standard("invalid property type: [available_quantity] expected Number greater than 0"),
    ),
    "user not found by site": (400, standard("User not found by site: INVALID")),
    "cannot modify cbt item from this resource": (400, standard("Cannot modify CBT item from this resource.")),
    "error processing dimensions for item": (400, standard("Error processing dimensions for item")),
    "shipping configuration is not valid for item": (400, standard("Shipping configuration is not valid for item.")),
    "the submitted dimensions and/or weights do not correspond": (
        422,
        standard("The submitted dimensions and/or weights do not correspond to real measurements of the package."),
    ),
}
STOCK = {
    "available_quantity.not_updatable": (400, refused(("item.available_quantity.not_updatable", "Refused"))),
    "available_quantity is not updatable": (
        400,
        standard("available_quantity is not updatable for multi warehouse seller"),
    ),
    "the fields [available_quantity] are invalid": (
        400,
        standard("The fields [available_quantity] are invalid for requested call"),
    ),
    "the fields [stock_locations] are required": (
        400,
        standard("The fields [stock_locations] are required for requested call"),
    ),
    "the fields [stock_locations] are invalid": (
        400,
        standard("The fields [stock_locations] are invalid for requested call"),
    ),
    "available_quantity is not modifiable": (
        400,
        refused(("item.available_quantity", "available_quantity is not modifiable")),
    ),
    "do a full inbound first": (
        400,
        standard("You cannot modify selling address stock because you have to do a full inbound first."),
    ),
    "fulfillment only": (
        400,
        standard("You cannot modify selling address stock if associated items are fulfillment only or no items."),
    ),
    "in items without inventory id": (
        400,
        standard("You cannot modify selling address stock in items without inventory id."),
    ),
    "blocked for modifications to the selling address": (
        400,
        standard("the site is blocked for modifications to the selling address"),
    ),
    "cannot update selling address stock": (
        400,
        standard("seller with a single warehouse cannot update selling address stock"),
    ),
    "store not found": (400, standard("store not found: 000")),
    "store does not belong to seller": (400, standard("store does not belong to seller: 000")),
    "not configured to be a stock location": (400, standard("store is not configured to be a stock location")),
    "store cannot be null or empty": (400, standard("store cannot be null or empty")),
    "seller with a single warehouse": (
        400,
        standard("seller with a single warehouse cannot update stock across multiple network nodes"),
    ),
    "missing x-version header": (400, standard("Missing X-Version header")),
    "version mismatch": (409, standard("Version mismatch", "conflict")),
    "stock-locations not found": (404, standard("stock-locations not found", "not_found")),
}
FULL = {
    "you are trying to modify has inventory": (
        400,
        standard("The item could not be updated because the item you are trying to modify has inventory."),
    ),
    "cannot access to seller_product": (403, standard("User 2813 cannot access to seller_product ESZJ28231")),
    "seller_product_not_found": (404, standard("Not here", "seller_product_not_found")),
    "inventory not found": (404, standard("Inventory not found with id: ESZJ28232", "not_found")),
}
ITEMS = {
    "item.price.not_modifiable": (
        400,
        standard("Cannot modify price on items with dynamic pricing", "item.price.not_modifiable"),
    ),
    "item.price.invalid": (400, refused(("item.price.invalid", "The price is not valid"))),
    "automation_already_created": (412, standard("Automation already created", "automation_already_created")),
    "error_credibility_discounted_price": (400, refused(("ERROR_CREDIBILITY_DISCOUNTED_PRICE", "Not credible"))),
    "lockedentityexception": (400, standard("Try later", "LockedEntityException")),
    "offer locked": (400, standard("Offer Locked")),
    "item optimistic locking error": (409, {"message": "item optimistic locking error: conflict", "status": 409}),
    "item with id": (404, standard(f"Item with id {ITEM} not found", "not_found")),
    "invalid.scroll.id": (400, standard("Invalid Scroll Id: Error decode reading Scroll ID", "invalid.scroll.id")),
    "has no prices associated": (
        404,
        {"error": f"The item {ITEM} has no prices associated", "code": "not.found", "status": 404},
    ),
    "entity not calculated": (
        400,
        {"message": "Entity not calculated: Product items are not supported", "error": "bad_request", "status": 400},
    ),
    "item.attributes.missing_required": (
        400,
        refused(("item.attributes.missing_required", "One or more required attributes are not present in the item.")),
    ),
    "item.attribute.business_conditional": (
        400,
        standard(
            "Validation error",
            "validation_error",
            [
                {
                    "department": "structured-data",
                    "cause_id": 2516,
                    "type": "error",
                    "code": "error.item.attribute.business_conditional.value_name",
                    "references": ["item.name"],
                    "message": "Attribute [GENDER] is not valid",
                }
            ],
        ),
    ),
    "not_modifiable": (400, refused(("item.attributes.not_modifiable", "Refused"))),
    "field_not_updatable": (400, standard("No", "field_not_updatable")),
}
RECORDED = CONNECTING | ACCESS | ORDERS | GLOBAL_SELLING | STOCK | FULL | ITEMS


def answered(status, body):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    if status == "token":
        return token_error_from(400, {}, content, "POST /oauth/token")
    return error_from(status, {}, content, f"PUT /items/{ITEM}")


def test_every_entry_has_a_recorded_answer():
    assert set(RECORDED) == set(EXPLAINED)
    assert len(RECORDED) >= 40


@pytest.mark.parametrize("phrase", RECORDED)
def test_a_recorded_answer_gets_its_entry(phrase):
    error = answered(*RECORDED[phrase])

    assert explain(error) == EXPLAINED[phrase]


@pytest.mark.parametrize("phrase", RECORDED)
def test_what_a_failed_row_keeps_of_it_gets_the_same_entry(phrase):
    error = answered(*RECORDED[phrase])

    assert explain_kept(str(error), type(error).__name__) == EXPLAINED[phrase]


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (404, b'{"Status":404}', errors.NotFound.meaning),
        (429, b"", errors.RateLimited.meaning),
        (502, b"<html><body>Bad Gateway</body></html>", errors.ServerError.meaning),
        (403, b'{"message":"x","error":"forbidden","status":403}', errors.Forbidden.meaning),
        (400, b'{"message":"something new","error":"brand_new","status":400}', errors.Rejected.meaning),
        (400, b"nothing that was ever seen", errors.Rejected.meaning),
    ],
)
def test_what_is_in_no_entry_is_explained_by_its_class_and_keeps_its_words(status, body, meaning):
    error = answered(status, body)

    assert explain(error).meaning == meaning
    assert explain_kept(str(error), type(error).__name__) == explain(error)
    assert explain(error).todo


def test_unknown_words_are_shown_raw():
    error = answered(400, {"message": "Algo <nuevo>", "error": "brand_new", "cause": [{"code": "a.b", "message": "c"}]})

    assert str(error) == f"PUT /items/{ITEM} 400 brand_new Algo <nuevo> [a.b c]"


def test_what_is_no_error_of_mercado_libres_is_not_explained_by_its_words():
    assert explain_kept("Item with id MLA1 not found", "ValueError") is None


@pytest.mark.parametrize("kind", by_name().values(), ids=lambda kind: kind.__name__)
def test_every_class_says_what_it_means_and_what_to_do(kind):
    assert_is_said(Explanation(kind.meaning, kind.todo))


@pytest.mark.parametrize("phrase", EXPLAINED)
def test_every_entry_says_what_it_means_and_what_to_do_in_sentences_that_are_translated(phrase):
    assert_is_said(EXPLAINED[phrase])


def assert_is_said(told):
    for sentence in (told.meaning, told.todo):
        assert sentence in MARKED, sentence
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert len(sentence.split()) > 2


def marked():
    """Every text in the package that is marked for translation."""
    for path in Path(errors.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "gettext_noop":
                yield ast.literal_eval(node.args[0])


MARKED = set(marked())
