import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercadolibre import errors
from mercadolibre.encoding import encode, parse_json
from mercadolibre.protocol import Request, Response, decode
from tests.mercadolibre.strategies import json_values, patient, words

ORDER = Request("GET", "/orders/1")


def answer(status: int, body: bytes = b"", **headers: str) -> Response:
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def failure(status: int, body: bytes = b"", **headers: str) -> errors.MeliError:
    with pytest.raises(errors.MeliError) as caught:
        decode(answer(status, body, **headers), ORDER)
    return caught.value


def test_amounts_are_decimal_to_the_last_digit():
    assert decode(answer(200, b'{"amount": 14.290000000000001, "whole": 55882}'), ORDER) == {
        "amount": Decimal("14.290000000000001"),
        "whole": 55882,
    }


def test_ids_above_53_bits_keep_every_digit():
    assert decode(answer(200, b'{"id": 9007199254740993}'), ORDER) == {"id": 9007199254740993}


def test_an_empty_body_is_none():
    assert decode(answer(204), ORDER) is None


def test_a_partial_answer_is_usable_and_names_what_is_missing():
    partial = answer(206, b'{"id": 1}', X_Content_Missing="buyer, feedback")
    assert (decode(partial, ORDER), partial.missing) == ({"id": 1}, ("buyer", "feedback"))


@pytest.mark.parametrize(
    "body", [b"<html>", b"{", b"\xff", b"[" * 100_000, b"NaN", b'{"a": Infinity}', b"1e999999999", b"9" * 5000]
)
def test_a_2xx_body_that_is_not_json_is_a_bad_response(body):
    error = failure(200, body)
    assert type(error) is errors.BadResponse
    assert (error.retryable, error.outcome_unknown, error.request) == (True, True, "GET /orders/1")


def test_text_a_database_cannot_keep_is_replaced():
    assert parse_json(b'{"a\\u0000": ["b\\u0000", "\\ud800", "\\ud83d\\ude00"]}') == {
        "a\ufffd": ["b\ufffd", "\ufffd", "\U0001f600"]
    }


@pytest.mark.parametrize("status", [301, 302, 303, 304, 307, 308])
def test_a_redirect_is_an_error(status):
    assert type(failure(status, Location="http://169.254.169.254/")) is errors.UnexpectedRedirect


@patient
@given(st.integers(200, 599), st.binary(max_size=300), st.dictionaries(st.sampled_from(["Retry-After"]), words))
def test_decode_raises_nothing_outside_the_tree(status, body, headers):
    with contextlib.suppress(errors.MeliError):
        decode(Response(status, headers, body), ORDER)


@patient
@given(st.integers(400, 599), st.binary(max_size=300))
def test_every_error_can_be_shown_and_stored(status, body):
    error = failure(status, body)
    assert errors.explain(error).meaning
    assert "\x00" not in str(error) + error.body
    assert (str(error) + error.body).encode()


@patient
@given(
    st.sampled_from([400, 401, 403, 404, 409, 412, 422, 429, 500]),
    st.dictionaries(st.sampled_from(["cause", "error", "code", "message", "status"]), json_values),
)
def test_no_shape_of_an_error_body_surprises(status, body):
    error = failure(status, json.dumps(body).encode())
    assert all(isinstance(cause, errors.Cause) for cause in error.causes)


def test_a_float_cannot_go_into_a_request():
    with pytest.raises(TypeError):
        encode({"price": 0.1})


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"price": Decimal("1509999.99")}, '{"price":1509999.99}'),
        ({"price": Decimal("1E+3")}, '{"price":1000}'),
        ([1, True, None, "ñ"], '[1,true,null,"\\u00f1"]'),
        ({"variations": [{"id": 1, "available_quantity": 8}, {"id": 2}]}, None),
    ],
)
def test_requests_are_written_as_json(value, written):
    assert parse_json(encode(value)) == value
    assert written is None or encode(value).decode() == written


@pytest.mark.parametrize("path", ["orders/1", "//evil", "/orders/../users/me", "/orders/1?x", "/orders/1\n", "/a/", ""])
def test_a_request_takes_no_other_path(path):
    with pytest.raises(ValueError, match="not a path"):
        Request("GET", path)


def test_neither_request_nor_answer_shows_its_body():
    request = Request("POST", "/oauth/token", form={"client_secret": "hush", "refresh_token": "TG-hush"})
    shown = repr(request) + repr(Response(200, {"Set-Cookie": "hush"}, b'{"access_token": "hush"}'))
    assert "hush" not in shown
