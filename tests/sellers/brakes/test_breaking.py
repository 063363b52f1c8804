"""The circuit breaker's decisions, played with a clock of its own."""

from datetime import UTC, datetime, timedelta

import pytest

from sellers.brakes import breaking
from sellers.brakes.breaking import Circuit, Tally, all_are_down, closed, opened, opened_again, pause_of, probing

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EXACTLY = {"chance": 0.5}


def seconds(number):
    return timedelta(seconds=number)


@pytest.mark.parametrize(
    ("good", "bad", "opens"),
    [
        (0, 0, False),
        (0, 19, False),
        (0, 20, True),
        (10, 10, True),
        (11, 10, False),
        (9, 10, False),
        (1000, 999, False),
        (20, 0, False),
    ],
)
def test_twenty_calls_of_which_half_were_bad_open_it(good, bad, opens):
    assert Tally(good, bad).opens is opens


@pytest.mark.parametrize("status", [200, 206, 302, 400, 401, 403, 404, 409, 422, 429])
def test_a_refusal_is_an_answer(status):
    assert not breaking.is_bad(status)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 599])
def test_trouble_on_their_side_is_none(status):
    assert breaking.is_bad(status)


@pytest.mark.parametrize(
    ("sellers", "down"),
    [
        ([], False),
        ([Tally(0, 100)], False),  # one seller has a breaker of its own
        ([Tally(0, 100), Tally(100, 0)], False),
        ([Tally(0, 100), Tally(0, 100)], True),
        ([Tally(0, 5), Tally(1, 6), Tally(0, 9)], True),  # few calls of each, enough together
        ([Tally(0, 5), Tally(0, 5)], False),
        ([Tally(0, 50), Tally(0, 50), Tally(0, 50), Tally(20, 0)], True),
        ([Tally(0, 50), Tally(0, 50), Tally(20, 0)], False),
        ([Tally(0, 100), Tally(0, 100), Tally(0, 0)], True),  # who did not call says nothing
    ],
)
def test_mercado_libre_is_down_where_most_sellers_are_answered_badly(sellers, down):
    assert all_are_down(sellers) is down


@pytest.mark.parametrize(("times", "pause"), [(1, 30), (2, 60), (3, 120), (4, 240), (5, 300), (60, 300)])
def test_the_pause_doubles_to_five_minutes(times, pause):
    assert pause_of(times, 0.5) == seconds(pause)


def test_the_pause_is_spread():
    assert (pause_of(1, 0.0), pause_of(1, 1.0)) == (seconds(24), seconds(36))
    assert pause_of(9, 1.0) == seconds(300)


def test_an_outage_from_beginning_to_end():
    circuit = opened(Circuit(), now=NOON, **EXACTLY)
    assert (circuit.state, circuit.times, circuit.probe_at) == ("open", 1, NOON + seconds(30))
    assert not circuit.may_probe(NOON + seconds(29))
    assert circuit.may_probe(NOON + seconds(30))

    trying = probing(circuit, now=NOON + seconds(30))
    assert not trying.may_probe(NOON + seconds(31)), "one at a time"
    assert trying.may_probe(NOON + seconds(90)), "whoever tried has died"

    still = opened_again(trying, now=NOON + seconds(31), **EXACTLY)
    assert (still.state, still.times, still.opened_at) == ("open", 2, NOON)
    assert still.probe_at == NOON + seconds(91)

    over = closed(probing(still, now=NOON + seconds(91)), now=NOON + seconds(92))
    assert (over.state, over.closed_at, over.may_probe(NOON + seconds(999))) == ("closed", NOON + seconds(92), False)


@pytest.mark.parametrize(("later", "times"), [(60, 3), (599, 3), (601, 1)])
def test_opening_again_soon_is_the_same_trouble(later, times):
    over = Circuit("closed", times=2, opened_at=NOON, closed_at=NOON)

    assert opened(over, now=NOON + seconds(later), **EXACTLY).times == times


@pytest.mark.parametrize("state", ["open", "probing"])
def test_more_bad_calls_change_nothing_while_it_is_open(state):
    circuit = Circuit(state, times=2, opened_at=NOON, probe_at=NOON + seconds(30))

    assert opened(circuit, now=NOON + seconds(5), **EXACTLY) == circuit


def test_a_call_that_could_not_be_made_costs_no_patience():
    trying = Circuit("probing", times=3, opened_at=NOON, probe_at=NOON + seconds(60))

    later = breaking.not_tried(trying, now=NOON)

    assert (later.state, later.times, later.probe_at) == ("open", 3, NOON + seconds(30))
