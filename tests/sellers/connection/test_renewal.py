from datetime import UTC, datetime, timedelta

import pytest

from sellers.connection.renewal import Outcome, Past, is_due, pause_after, refused_again, renew_at

START = datetime(2026, 11, 21, tzinfo=UTC)


def after(**time):
    return START + timedelta(**time)


@pytest.mark.parametrize(
    ("life", "jitter", "at"),
    [
        (timedelta(hours=6), 0, timedelta(hours=5, minutes=15)),
        (timedelta(hours=6), 1, timedelta(hours=5, minutes=5)),
        (timedelta(hours=6), -1, timedelta(hours=5, minutes=25)),
        (timedelta(hours=1), 0, timedelta(minutes=45)),
        (timedelta(seconds=8), 0, timedelta(seconds=6)),
    ],
)
def test_when_a_token_is_renewed(life, jitter, at):
    assert renew_at(obtained_at=START, expires_at=START + life, jitter=jitter) == START + at


HOURS = {"obtained_at": START, "expires_at": after(hours=6), "jitter": 0}


@pytest.mark.parametrize(
    ("now", "wanted_at", "past", "due"),
    [
        (after(hours=1), None, Past(), False),
        (after(hours=5, minutes=16), None, Past(), True),
        (after(hours=7), None, Past(), True),
        (after(hours=1), after(minutes=59), Past(), True),
        (after(hours=1), after(minutes=-5), Past(), False),
        # one was made just now: left alone, unless a 401 came after it
        (after(minutes=3), after(minutes=2), Past(Outcome.OK, START), True),
        (after(hours=5, minutes=50), None, Past(Outcome.OK, after(hours=5, minutes=48)), False),
        (
            after(hours=5, minutes=50),
            after(hours=5),
            Past(Outcome.PENDING, after(hours=5, minutes=49, seconds=50)),
            False,
        ),
        (
            after(hours=5, minutes=50),
            after(hours=5),
            Past(Outcome.UNKNOWN, after(hours=5, minutes=49, seconds=25), 1),
            True,
        ),
        (
            after(hours=5, minutes=50),
            after(hours=5),
            Past(Outcome.UNKNOWN, after(hours=5, minutes=49, seconds=25), 2),
            False,
        ),
        (after(hours=5, minutes=50), None, Past(Outcome.NOT_SENT, after(hours=5, minutes=49, seconds=50)), False),
        (after(hours=5, minutes=50), None, Past(Outcome.NOT_SENT, after(hours=5, minutes=49, seconds=30)), True),
        (after(hours=5, minutes=50), None, Past(Outcome.INVALID_CLIENT, after(hours=5, minutes=46)), False),
        (after(hours=5, minutes=50), None, Past(Outcome.REFUSED, after(hours=5, minutes=44)), True),
    ],
)
def test_whether_a_token_is_renewed_now(now, wanted_at, past, due):
    assert is_due(now=now, wanted_at=wanted_at, past=past, **HOURS) is due


def test_a_short_lived_token_does_not_wait_five_minutes():
    assert pause_after(Past(Outcome.OK, START), life=timedelta(seconds=8)) == timedelta(seconds=4)


@pytest.mark.parametrize(
    ("lives", "wanted_at", "refused"),
    [
        # the token before lived two minutes, the present one is refused after one: nothing will help
        ([(after(minutes=2), after(hours=6)), (START, after(hours=6))], after(minutes=3), True),
        # the token before had lived its time
        ([(after(hours=5), after(hours=11)), (START, after(hours=6))], after(hours=5, minutes=1), False),
        # the present one has served for a while
        ([(after(minutes=2), after(hours=6)), (START, after(hours=6))], after(minutes=30), False),
        # it simply ended
        ([(after(seconds=6), after(seconds=14)), (START, after(seconds=8))], after(seconds=14), False),
        ([(after(minutes=2), after(hours=6)), (START, after(hours=6))], None, False),
        ([(START, after(hours=6))], after(minutes=1), False),
    ],
)
def test_when_renewing_again_is_of_no_use(lives, wanted_at, refused):
    assert refused_again(lives=lives, wanted_at=wanted_at) is refused
