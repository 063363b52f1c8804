"""Every error message that Mercado Libre documents, against what staff reads of it."""

import json

import pytest

from mercadolibre import errors
from mercadolibre.envelopes import error_from
from mercadolibre.errors import explain
from mercadolibre.explanations import BY_PHRASE, find

# status, ML's message, the error of the tree, words from its meaning, words from what to do
GLOBAL_SELLING = [
    (404, "Item with id CBT700 not found", errors.NotFound, "no listing of this number", "right account"),
    (403, "At least one policy returned UNAUTHORIZED.", errors.PolicyDenied, "lacks the permission", "connect again"),
    (
        400,
        "The body sent is not valid, make sure you write the fields and values correctly",
        errors.Rejected,
        "does not accept a field or a value",
        "active or paused",
    ),
    (400, "Cannot update item price because it is an invalid value", errors.Rejected, "this price", "above zero"),
    (
        400,
        "invalid property type: [available_quantity] expected Number greater than 0",
        errors.Rejected,
        "this quantity",
        "whole number, zero or more",
    ),
    (400, "User not found by site: INVALID", errors.Rejected, "this marketplace", "Brazil, Chile, Mexico or Colombia"),
    (400, "Cannot modify CBT item from this resource.", errors.Rejected, "item of Global Selling", "calls of its own"),
    (
        400,
        "The item could not be updated because the item or variation you are trying to modify has inventory.",
        errors.Rejected,
        "units in Full",
        "no variation can be added, changed or removed",
    ),
    (400, "Error processing dimensions for item", errors.Rejected, "not complete", "at least 3 cm"),
    (400, "Shipping configuration is not valid for item.", errors.Rejected, "cannot ship", "flammable"),
    (
        422,
        "The submitted dimensions and/or weights do not correspond to real measurements of the package.",
        errors.Rejected,
        "not those of the real one",
        "Measure and weigh",
    ),
    (429, "Rate limit exceeded", errors.RateLimited, "too often", "by themselves"),
]

MULTI_ORIGIN = [
    (
        400,
        "The fields [stock_locations] are required for requested call",
        errors.StoreProblem,
        "of no warehouse how many",
        "then publish again",
    ),
    (
        400,
        "The fields [stock_locations] are invalid for requested call",
        errors.Rejected,
        "no stock by warehouse",
        "Import the seller",
    ),
    (400, "Store does not belong to seller: 000", errors.StoreProblem, "another seller", "this seller's own"),
    (400, "Store not found: 000", errors.StoreProblem, "does not know this warehouse", "link ours to one that exists"),
    (
        400,
        "The fields [available_quantity] are invalid for requested call",
        errors.StockNotModifiable,
        "refuses one total",
        "sent by warehouse",
    ),
    (400, "Missing X-Version header", errors.Rejected, "without the version", "Try again"),
    (409, "Version mismatch", errors.VersionMismatch, "changed at Mercado Libre since it was read", "computed again"),
    (
        400,
        "Store is not configured to be a stock location",
        errors.StoreProblem,
        "not switched this warehouse on",
        "My warehouses",
    ),
    (400, "Store cannot be null or empty", errors.StoreProblem, "which warehouse", "Link our warehouse"),
    (
        400,
        "seller with a single warehouse cannot update stock across multiple network nodes",
        errors.StoreProblem,
        "one warehouse",
        "only one of our warehouses",
    ),
]

SELLING_ADDRESS = [
    (
        400,
        "You cannot modify selling address stock if associated items are fulfillment only or no items are associated.",
        errors.StockNotModifiable,
        "in this way",
        "served from Full",
    ),
    (
        400,
        "You cannot modify selling address stock in items without inventory id.",
        errors.StockNotModifiable,
        "in this way",
        "not in Full",
    ),
    (
        400,
        "You cannot modify selling address stock because you have to do a full inbound first before modifying.",
        errors.StockNotModifiable,
        "in this way",
        "first delivery to Full",
    ),
    (
        400,
        "seller with a single warehouse cannot update selling address stock",
        errors.StockNotModifiable,
        "by warehouse",
        "by warehouse",
    ),
    (
        400,
        "the site is blocked for modifications to the selling address",
        errors.StockNotModifiable,
        "In this country",
        "panel",
    ),
]

OTHERS = [
    (400, "available_quantity is not updatable for multi warehouse seller", errors.StockNotModifiable, "total", "sent"),
    (400, "Cannot modify price on items with dynamic pricing", errors.PriceNotModifiable, "automation", "End the"),
    (409, "item optimistic locking error: conflict", errors.Conflict, "same moment", "sent again"),
    (404, "stock-locations not found", errors.NotFound, "never been told", "first stock"),
    (403, "User 5 cannot access to seller_product ESZJ28231", errors.Forbidden, "another seller", "right account"),
    (404, "Inventory not found with id: ESZJ28232", errors.NotFound, "no stock of this number", "left Full"),
    (403, "Searching another user items is restricted.", errors.Forbidden, "another seller", "connect again"),
    (403, "The user has not access to the order", errors.Forbidden, "another seller", "connect again"),
    (403, "Invalid caller.id", errors.Forbidden, "which seller", "connect again"),
    (403, "Can not identify the user", errors.Forbidden, "which seller", "connect again"),
    (400, "Invalid Scroll Id: Error decode reading Scroll ID", errors.InvalidScroll, "too long", "starts again"),
]


@pytest.mark.parametrize(
    ("status", "message", "kind", "meaning", "todo"), [*GLOBAL_SELLING, *MULTI_ORIGIN, *SELLING_ADDRESS, *OTHERS]
)
def test_every_documented_message_is_explained(status, message, kind, meaning, todo):
    body = {"message": message, "error": "validation_error", "status": status, "cause": []}
    error = error_from(status, {}, json.dumps(body).encode(), "PUT /global/items/CBT700")
    told = explain(error)
    assert type(error) is kind
    assert meaning in told.meaning
    assert todo in told.todo


@pytest.mark.parametrize(
    ("code", "todo"),
    [
        ("item.attributes.missing_required", "Complete the listing's attributes"),
        ("error.item.attribute.business_conditional.value_name", "Correct the listing's attributes"),
        ("item.price.not_modifiable", "End the automation"),
        ("item.available_quantity.not_updatable", "by warehouse"),
        ("field_not_updatable", "lock fields"),
    ],
)
def test_every_documented_code_of_a_cause_is_explained(code, todo):
    body = {"message": "Validation error", "error": "validation_error", "cause": [{"code": code, "message": "x"}]}
    assert todo in explain(error_from(400, {}, json.dumps(body).encode(), "PUT /items/MLA1")).todo


def test_too_many_calls_are_explained_without_a_word_of_mls():
    assert explain(error_from(429, {}, b"", "GET /x")) == find(["Rate limit exceeded"])


@pytest.mark.parametrize("phrase", [phrase for phrase, _ in BY_PHRASE])
def test_every_phrase_can_be_found_and_says_whole_sentences(phrase):
    told = find([phrase.upper()])
    assert phrase == phrase.lower()
    assert told is not None
    assert told.meaning.endswith(".")
    assert told.todo.endswith(".")
    assert told == dict(BY_PHRASE)[phrase]


def test_no_phrase_stands_twice_and_unknown_words_have_no_explanation():
    phrases = [phrase for phrase, _ in BY_PHRASE]
    assert len(phrases) == len(set(phrases))
    assert find(["something new"]) is None
