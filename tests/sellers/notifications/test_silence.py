"""When silence is no chance: the rule as tables, and what is learned from the inbox."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sellers import upkeep
from sellers.models import HeardHour, Hearing, Notification
from sellers.notifications import hearing
from sellers.notifications.silence import expected, is_silent, rates_of, zone_of

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)
BUSY = [10.0] * 24  # minutes heard in each hour
SHOP_HOURS = [0.0] * 9 + [20.0] * 12 + [0.0] * 3  # from 9 to 21
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("rates", "length", "minutes"),
    [
        (BUSY, HOUR, 10),
        (BUSY, 90 * MINUTE, 15),
        (BUSY, 6 * MINUTE, 1),
        (SHOP_HOURS, 2 * HOUR, 40),
        (SHOP_HOURS, 24 * HOUR, 240),
        (SHOP_HOURS, timedelta(0), 0),
    ],
)
def test_what_should_have_been_heard(rates, length, minutes):
    assert expected(rates, NOON - length, NOON, UTC) == pytest.approx(minutes)


def test_hours_are_those_of_the_seller():
    night_there = datetime(2026, 5, 6, 9, tzinfo=UTC)  # six in the morning in Buenos Aires

    assert expected(SHOP_HOURS, night_there - 3 * HOUR, night_there, ZoneInfo("America/Argentina/Buenos_Aires")) == 0
    assert expected(SHOP_HOURS, night_there, night_there + 4 * HOUR, zone_of("MLA")) == pytest.approx(20)


@pytest.mark.parametrize(
    ("rates", "days", "minutes", "silent_for", "silent"),
    [
        (BUSY, 14, 3000, 41 * MINUTE, False),  # one in e^6.8: 1/898
        (BUSY, 14, 3000, 42 * MINUTE, True),  # one in e^7: 1/1097
        ([60.0] * 24, 14, 9000, 14 * MINUTE, False),  # never within a quarter of an hour
        ([60.0] * 24, 14, 9000, 15 * MINUTE, True),
        ([0.5] * 24, 14, 168, 13 * HOUR, False),
        ([0.5] * 24, 14, 168, 14 * HOUR, True),
        (BUSY, 6.9, 1000, 5 * HOUR, False),  # too few days to know a week
        (BUSY, 14, 49, 5 * HOUR, False),  # too little was heard
        ([], 14, 3000, 5 * HOUR, False),  # nothing learned yet
        ([0.0] * 24, 14, 3000, 500 * HOUR, False),
    ],
)
def test_silence_is_what_happens_once_in_a_thousand_times(rates, days, minutes, silent_for, silent):
    found = is_silent(rates, days=days, minutes=minutes, since=NOON - silent_for, now=NOON, zone=UTC)

    assert found is silent


def test_a_night_is_no_silence_and_a_morning_is():
    judged = {"days": 14, "minutes": 3000, "since": datetime(2026, 5, 5, 20, 59, tzinfo=UTC), "zone": UTC}

    assert not is_silent(SHOP_HOURS, now=datetime(2026, 5, 6, 9, 15, tzinfo=UTC), **judged)
    assert is_silent(SHOP_HOURS, now=datetime(2026, 5, 6, 9, 30, tzinfo=UTC), **judged)


def test_rates_are_averages_by_hour():
    assert rates_of({9: 20, 10: 5}, 10)[8:11] == [0, 2, 0.5]
    assert rates_of({9: 20}, 0) == []


# --- learned from the inbox -------------------------------------------------------------------------------------------


@pytest.fixture
def hear(account):
    """A notification of a topic, some time ago."""

    def heard(ago, *, topic="orders_v2", verdict="accepted", user_id=None):
        return Notification.objects.create(
            received_at=NOON - ago, ml_user_id=user_id or account.ml_user_id, topic=topic, body=b"", verdict=verdict
        )

    return heard


@pytest.fixture
def usual(account, hear):
    """Ten days in which orders were announced every five minutes, until a while ago."""
    account.connected_at = NOON - timedelta(days=20)
    account.save()

    def until(ago, *, topic="orders_v2"):
        rows = [hear(ago + number * 5 * MINUTE, topic=topic) for number in range(3)]
        hours = [(NOON - ago).replace(minute=0) - number * HOUR for number in range(1, 241)]
        HeardHour.objects.bulk_create(
            HeardHour(account=account, topic=topic, hour=hour, minutes=12, last_at=hour + 55 * MINUTE) for hour in hours
        )
        return rows

    return until


def test_minutes_are_counted_not_notifications(account, hear):
    for seconds in (0, 1, 2, 130, 131):
        hear(40 * MINUTE + timedelta(seconds=seconds))
    hear(40 * MINUTE, verdict="unknown_topic", topic="questions")
    hear(40 * MINUTE, user_id=1)

    hearing.listen(NOON)

    row = HeardHour.objects.get()
    assert (row.account, row.topic, row.minutes, row.last_at) == (account, "orders_v2", 3, NOON - 40 * MINUTE)


def test_the_newest_hour_is_counted_again_and_older_ones_are_not_looked_at(account, hear):
    old = hear(3 * HOUR)
    hear(HOUR)
    hearing.listen(NOON)
    old.delete()
    hear(HOUR - 10 * MINUTE)

    hearing.listen(NOON)

    assert dict(HeardHour.objects.values_list("hour", "minutes")) == {NOON - 3 * HOUR: 1, NOON - HOUR: 2}
    assert Hearing.objects.get().last_at == NOON - HOUR + 10 * MINUTE


def test_the_first_weeks_are_counted_a_day_at_a_time_and_what_was_counted_stays(account, hear):
    for days in (20, 19.5, 12, 0.001):
        hear(timedelta(days=days))
    asked = []

    def too_slow_at_first(execute, sql, params, many, context):
        if "sellers_notification" in sql:
            assert params[1] - params[0] <= timedelta(days=1)
            asked.append(params[0])
            if len(asked) == 15:
                raise OperationalError("canceling statement due to statement timeout")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(too_slow_at_first):
        with pytest.raises(OperationalError):
            hearing.listen(NOON)
        assert HeardHour.objects.count() == 2
        hearing.listen(NOON)

    assert HeardHour.objects.count() == 4
    assert asked[15] == NOON - timedelta(days=19.5), "where it had come to"


def test_a_topic_that_stops_is_silent_since_it_was_last_heard(account, usual):
    usual(timedelta(minutes=10))
    hearing.listen(NOON)
    assert hearing.silent_topics() == {}

    hearing.listen(NOON + 40 * MINUTE)

    (found,) = hearing.silent_topics()[account.pk]
    assert (found.topic, found.silent_since) == ("orders_v2", NOON - 10 * MINUTE)


def test_one_silent_topic_does_not_hide_behind_another(account, usual):
    usual(timedelta(hours=2))
    usual(timedelta(minutes=1), topic="shipments")

    hearing.listen(NOON)

    assert [found.topic for found in hearing.silent_topics()[account.pk]] == ["orders_v2"]


def test_heard_again_is_no_longer_silent(account, usual, hear):
    usual(timedelta(hours=2))
    hearing.listen(NOON)
    hear(timedelta(0))

    hearing.listen(NOON + MINUTE)

    assert hearing.silent_topics() == {}


def test_silence_teaches_nothing(account, usual):
    """A topic that is off for three days is as silent as it was on the first."""
    usual(timedelta(days=3))

    hearing.listen(NOON)

    found = Hearing.objects.get()
    assert found.rates[3] == pytest.approx(12, rel=0.1)
    assert found.silent_since == NOON - timedelta(days=3)


@pytest.mark.parametrize("status", ["needs_reconnect", "disconnected"])
def test_a_seller_who_is_not_connected_is_not_expected_to_be_heard(account, usual, status):
    usual(timedelta(hours=2))
    account.status = status
    account.save()

    hearing.listen(NOON)

    assert hearing.silent_topics() == {}


def test_a_seller_connected_again_has_its_time(account, usual):
    usual(timedelta(hours=5))
    account.connected_at = NOON - 5 * MINUTE
    account.save()

    hearing.listen(NOON)

    assert hearing.silent_topics() == {}


def test_listening_costs_the_same_however_much_there_is(account, usual, hear):
    usual(timedelta(minutes=10))
    hearing.listen(NOON)
    with CaptureQueriesContext(connection) as few:
        hearing.listen(NOON + MINUTE)
    for number in range(50):
        hear(number * timedelta(seconds=9))

    with CaptureQueriesContext(connection) as many:
        hearing.listen(NOON + 2 * MINUTE)

    assert len(few) == len(many) == 5


def test_old_hours_are_forgotten(account):
    old, young = timezone.now() - timedelta(days=36), timezone.now() - timedelta(days=34)
    for hour in (old, young):
        HeardHour.objects.create(account=account, topic="items", hour=hour, minutes=1, last_at=hour)

    upkeep.prune()

    assert HeardHour.objects.get().hour == young
