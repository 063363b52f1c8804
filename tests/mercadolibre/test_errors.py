import pickle

import pytest

from mercadolibre import errors
from mercadolibre.envelopes import error_from, token_error_from
from mercadolibre.errors import Cause, Explanation, explain

GET = "GET /items/MLA1"


def classes(root):
    """An error and all that are made of it here; other packages may make more."""
    own = (child for child in root.__subclasses__() if child.__module__ == errors.__name__)
    return [root, *(found for child in own for found in classes(child))]


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "message"),
    [
        (404, b'{"Status":404}', errors.NotFound, "", '{"Status":404}'),
        (
            404,
            b'{"error":"The item MLA1 has no prices associated","code":"not.found","status":404}',
            errors.NotFound,
            "not.found",
            "The item MLA1 has no prices associated",
        ),
        (
            404,
            b'{"cause":"","message":"Discount not found","error":"discount_not_found","status":404}',
            errors.NotFound,
            "discount_not_found",
            "Discount not found",
        ),
        (400, b'{"message":"Entity not calculated","error":"bad_request"}', errors.Rejected, "bad_request", None),
        (400, b'{"timestamp":1,"type":"BAD_REQUEST_ERROR","message":"no"}', errors.Rejected, "BAD_REQUEST_ERROR", "no"),
        (401, b'{"code":"unauthorized","message":"invalid access token"}', errors.Unauthorized, "unauthorized", None),
        (401, b'{"message":"Caller is not the owner","error":"","cause":[]}', errors.Unauthorized, "", None),
        (401, b'{"message":"unauthorized_scopes","error":"x"}', errors.ScopeBlocked, "x", None),
        (401, b"<html>", errors.Unauthorized, "", "<html>"),
        (403, b'{"error":"access_denied","message":"no","code":"FORBIDDEN"}', errors.Forbidden, "access_denied", "no"),
        (403, b'{"error":"Invalid scopes","code":"FORBIDDEN"}', errors.Forbidden, "FORBIDDEN", "Invalid scopes"),
        (
            403,
            b'{"code":"PA_UNAUTHORIZED_RESULT_FROM_POLICIES","blocked_by":"PolicyAgent","message":"At least one"}',
            errors.PolicyDenied,
            "PA_UNAUTHORIZED_RESULT_FROM_POLICIES",
            "At least one",
        ),
        (404, b'{"message":"Order not found.","error":"order_not_found","cause":null}', errors.NotFound, None, None),
        (404, b"<html>not us</html>", errors.ServerError, "", "<html>not us</html>"),
        (429, b"", errors.RateLimited, "", ""),
        (429, b"slow down", errors.RateLimited, "", "slow down"),
        (502, b"<html>", errors.ServerError, "", "<html>"),
        (500, b'{"message":"oops","error":"internal"}', errors.ServerError, "internal", "oops"),
        (408, b"", errors.ServerError, "", ""),
        (409, b'{"message":"item optimistic locking error: conflict"}', errors.Conflict, "", None),
        (409, b'{"message":"Version mismatch"}', errors.VersionMismatch, "", "Version mismatch"),
        (412, b'{"error":"automation_already_created"}', errors.Rejected, "automation_already_created", ""),
        (422, b'{"message":"wrong measures"}', errors.Rejected, "", "wrong measures"),
        (400, b'{"message":"Invalid Scroll Id: x","error":"invalid.scroll.id"}', errors.InvalidScroll, None, None),
        (400, b'{"message":"x","error":"item.price.not_modifiable"}', errors.PriceNotModifiable, None, "x"),
        (
            400,
            b'{"error":"validation_error","cause":[{"code":"item.available_quantity.not_updatable"}]}',
            errors.StockNotModifiable,
            "validation_error",
            "",
        ),
        (400, b'{"message":"available_quantity is not modifiable"}', errors.StockNotModifiable, "", None),
        (
            400,
            b'{"message":"You cannot modify selling address stock in items without inventory id."}',
            errors.StockNotModifiable,
            "",
            None,
        ),
        (400, b'{"message":"store not found: 100"}', errors.StoreProblem, "", None),
        (400, b'{"message":"Store does not belong to seller: 000"}', errors.StoreProblem, "", None),
        (400, b'{"message":"store is not configured to be a stock location"}', errors.StoreProblem, "", None),
        (400, b'{"message":"store cannot be null or empty"}', errors.StoreProblem, "", None),
        (
            400,
            b'{"message":"seller with a single warehouse cannot update stock across multiple network nodes"}',
            errors.StoreProblem,
            "",
            None,
        ),
        (400, b'{"message":"Missing X-Version header"}', errors.Rejected, "", None),
    ],
)
def test_every_envelope_becomes_its_error(status, body, kind, code, message):
    error = error_from(status, {}, body, GET)
    assert (type(error), error.status, error.request) == (kind, status, GET)
    assert code is None or error.code == code
    assert message is None or error.message == message


@pytest.mark.parametrize(
    ("cause", "causes"),
    [
        (b"null", ()),
        (b'""', ()),
        (b"[]", ()),
        (b"5", ()),
        (b"[null, 7, []]", ()),
        (b'"no stock"', (Cause(message="no stock"),)),
        (b'["no stock"]', (Cause(message="no stock"),)),
        (b'{"code": "a.b"}', (Cause(code="a.b"),)),
        (
            b'[{"department":"items","cause_id":502,"type":"warning","code":"c","message":"m","references":["item"]}]',
            (Cause("c", "m", 502, "warning", "items", ("item",)),),
        ),
    ],
)
def test_a_cause_may_be_of_any_type(cause, causes):
    assert error_from(400, {}, b'{"message":"x","cause":' + cause + b"}", GET).causes == causes


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (400, b'{"error_description":"used","error":"invalid_grant"}', errors.InvalidGrant, "used"),
        (400, b'{"message":"used","error":"invalid_grant"}', errors.InvalidGrant, "used"),
        (400, b'{"error":"unauthorized_client"}', errors.InvalidGrant, ""),
        (401, b'{"error":"unauthorized_application"}', errors.InvalidClient, ""),
        (
            400,
            b'{"message":"credenciales inv&aacute;lidas","error":"invalid_client"}',
            errors.InvalidClient,
            "credenciales inválidas",
        ),
        (400, b'{"error":"invalid_request"}', errors.TokenEndpointError, ""),
        (403, b'{"error":"forbidden"}', errors.TokenEndpointError, ""),
        (429, b"local_rate_limited", errors.RateLimited, "local_rate_limited"),
        (503, b"<html>", errors.ServerError, "<html>"),
    ],
)
def test_the_token_endpoint_has_words_of_its_own(status, body, kind, message):
    error = token_error_from(status, {}, body, "POST /oauth/token")
    assert (type(error), error.message) == (kind, message)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("Wed, 21 Oct 1999 07:28:00 GMT", None),
        ("99999999", None),
    ],
)
def test_a_wait_is_taken_from_the_header_when_it_makes_sense(header, seconds):
    assert error_from(429, {"retry-after": header}, b"", GET).retry_after == seconds


def test_a_wait_until_a_date_is_counted_from_the_answer_s_own_date():
    """Our clock may be an hour off."""
    headers = {"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}

    assert error_from(429, headers, b"", GET).retry_after == 30


def test_errors_hold_no_token_and_at_most_two_kilobytes():
    body = b'{"message": "token APP_USR-123456-1010-abcdef-5 and TG-66aabbcc-5", "x": "' + b"x" * 9000 + b'"}'
    error = error_from(400, {}, body, GET)
    assert error.message == "token [token] and [token]"
    assert "APP_USR-1" not in error.body
    assert len(error.body) <= 2048


@pytest.mark.parametrize("kind", classes(errors.MeliError))
def test_every_error_says_what_it_means_and_what_to_do(kind):
    assert kind.meaning.endswith(".")
    assert kind.todo.endswith(".")
    assert explain(kind("x")) == Explanation(kind.meaning, kind.todo)
    assert kind.__name__ in (errors.__doc__ or "")


RETRYABLE = {
    *classes(errors.TransportError),
    *classes(errors.ServerError),
    *classes(errors.Conflict),
    errors.RateLimited,
    errors.StaleRead,
    errors.WrongResource,
}


@pytest.mark.parametrize("kind", classes(errors.MeliError))
def test_which_errors_may_pass_by_themselves(kind):
    assert kind.retryable is (kind in RETRYABLE)


def test_only_a_failed_connection_and_our_own_refusals_prove_that_nothing_happened():
    unknown = {kind.__name__ for kind in classes(errors.MeliError) if kind.outcome_unknown}
    assert unknown == {"TransportError", "TimedOut", "ConnectionLost", "ServerError", "BadResponse"}


def test_mls_own_code_explains_better_than_the_class():
    error = error_from(400, {}, b'{"error":"validation_error","cause":[{"code":"item.price.not_modifiable"}]}', GET)
    assert "automation" in explain(error).todo
    assert explain(error) != Explanation(errors.Rejected.meaning, errors.Rejected.todo)


def test_an_error_reads_as_one_line_and_survives_pickling():
    error = error_from(404, {}, b'{"message":"Order not found.","error":"order_not_found"}', "GET /orders/1")
    assert str(error) == "GET /orders/1 404 order_not_found Order not found."
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
