"""Every status and every class of error to its end: nothing that ML refused is asked for again and again."""

import pytest

from mercadolibre import errors
from mercadolibre.envelopes import error_from
from sellers.queue.outcomes import NEVER_GIVEN_UP, NOT_FOUND_TRIES, AccountEffect, Outcome, outcome_of

FOREVER = 200  # tries, after which a row counts as one that never ends
ORDER, PUSH = "order", "stock"
BODIES = [b"", b"not JSON", b'{"message":"no","error":"validation_error","status":400}', b"<html>edge</html>"]
# How often the same answer is waited out before the row ends. None: for ever, at a growing distance.
TRIES = {
    400: {PUSH: 1, ORDER: 1},
    402: {PUSH: 1, ORDER: 1},
    403: {PUSH: 1, ORDER: 1},
    404: {PUSH: 1, ORDER: NOT_FOUND_TRIES + 1},
    405: {PUSH: 1, ORDER: 1},
    408: {PUSH: 7, ORDER: None},
    409: {PUSH: 15, ORDER: None},
    410: {PUSH: 1, ORDER: 1},
    412: {PUSH: 1, ORDER: 1},
    415: {PUSH: 1, ORDER: 1},
    422: {PUSH: 1, ORDER: 1},
    423: {PUSH: 1, ORDER: 1},
    451: {PUSH: 1, ORDER: 1},
    500: {PUSH: 7, ORDER: None},
    502: {PUSH: 7, ORDER: None},
    503: {PUSH: 7, ORDER: None},
    504: {PUSH: 7, ORDER: None},
    599: {PUSH: 7, ORDER: None},
}


def tries_of(error: Exception, kind: str) -> tuple[int | None, Outcome]:
    """How many tries a row makes that always gets this answer, and what the last one came to."""
    fails = 0
    for tries in range(1, FOREVER):
        outcome = outcome_of(error, kind=kind, fails=fails)
        if outcome.state != "ready":
            return tries, outcome
        fails += outcome.counted
    return None, outcome


@pytest.mark.parametrize("kind", [PUSH, ORDER])
@pytest.mark.parametrize("status", TRIES)
def test_how_often_an_answer_is_waited_out(status, kind):
    error = error_from(status, {}, BODIES[2], "GET /items/MLA1")

    tries, last = tries_of(error, kind)

    assert tries == TRIES[status][kind]
    assert last.account is AccountEffect.NONE


@pytest.mark.parametrize("body", BODIES[:3])
@pytest.mark.parametrize("kind", ["order", "shipment", "item", "stock", "price", "job", "patrol"])
def test_no_other_refusal_is_asked_for_twice(body, kind):
    for status in {*range(400, 500)} - {401, 404, 408, 409, 429}:
        outcome = outcome_of(error_from(status, {}, body, "GET /items/MLA1"), kind=kind, fails=0)

        assert outcome.state == "dead" or outcome.account is AccountEffect.NEEDS_RECONNECT, status


@pytest.mark.parametrize("status", [401, 429])
def test_what_is_not_counted_stops_the_seller_instead(status):
    """A 401 asks for a new token and no call is made before it is there; a 429 has paused the seller."""
    outcome = outcome_of(error_from(status, {}, b"", "GET /users/me"), kind=PUSH, fails=0)

    assert (outcome.state, outcome.counted) == ("ready", False)
    assert outcome.account is (AccountEffect.REFRESH if status == 401 else AccountEffect.NONE)


def every_error(kind: type[errors.MeliError] = errors.MeliError) -> list[type[errors.MeliError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in every_error(child))]


WAITED_OUT = (
    errors.TransportError,
    errors.ServerError,
    errors.Conflict,
    errors.StaleRead,
    errors.UnexpectedRedirect,
)
HELD = ("WritesHeld",)
STOPS_THE_SELLER = (errors.RateLimited, errors.Unauthorized, errors.InvalidGrant, errors.PolicyDenied)


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_every_class_of_error_ends_or_grows_slow(kind):
    error = kind("words")
    tries, last = tries_of(error, PUSH)

    if kind.__name__ in HELD or issubclass(kind, STOPS_THE_SELLER):
        assert (tries, last.counted) == (None, False)
    elif issubclass(kind, WAITED_OUT):
        assert (tries or FOREVER) <= 15
    else:
        assert tries == 1


@pytest.mark.parametrize("kind", sorted(NEVER_GIVEN_UP))
def test_what_brings_sales_in_is_tried_for_ever_but_hours_apart(kind):
    outcome = outcome_of(errors.TimedOut("x"), kind=kind, fails=50)

    assert outcome.state == "ready"
    assert outcome.delay.total_seconds() >= 3 * 3600
