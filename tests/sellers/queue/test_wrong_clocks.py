"""A worker, the pump or beat on a machine whose clock is an hour off: times are PostgreSQL's, so nothing changes."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import redis
from django.conf import settings

from sellers import clock
from sellers.connection import grants
from sellers.models import Heartbeat, RefreshAttempt, ScheduleSlot, SellerAccount
from sellers.queue import pumping, schedule
from sellers.queue.waking import Waker
from sellers.tasks import WAKE_UPS, tick
from tests.wrong_clock import another_hour

BOTH_WAYS = pytest.mark.parametrize("hours", [1, -1])


@pytest.fixture
def broker():
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    yield client
    client.flushdb()


def count_a_run():
    SellerAccount.objects.create(ml_user_id=SellerAccount.objects.count() + 1, nickname="ran", site_id="MLA")


def headers(broker, lane):
    """Of the wake-ups that wait in a lane."""
    return [json.loads(text)["headers"] for text in broker.lrange(f"enlace:{lane}", 0, -1)]


@BOTH_WAYS
def test_the_clock_of_the_database_is_not_ours(db, hours):
    right = datetime.now(UTC)

    with another_hour(hours):
        assert abs(clock.now() - right) < timedelta(minutes=1)


def test_no_wake_up_ends_by_a_clock(db, broker, settings):
    """A worker whose clock is ahead would drop every one of them."""
    settings.SCHEDULE = {}
    Waker().wake(0)
    Heartbeat.objects.filter(name="pump").delete()
    tick()

    sent = headers(broker, "orders") + headers(broker, "pushes")
    assert len(sent) == 3
    assert [one["expires"] for one in sent] == [None] * 3
    assert all("expires" not in entry.get("options", {}) for entry in settings.CELERY_BEAT_SCHEDULE.values())
    assert all(task.expires is None for task in WAKE_UPS.values())


@pytest.mark.django_db(transaction=True)
@BOTH_WAYS
def test_the_slot_that_is_run_is_the_present_one(settings, broker, hours):
    settings.SCHEDULE = {"count": (600, f"{__name__}.count_a_run")}
    before = schedule.slot_of(clock.now(), 600)

    pump = pumping.Pump()

    with another_hour(hours):
        tick()
        Heartbeat.objects.filter(name="beat").delete()
        pump.tick()
        pump.finish()

    after = schedule.slot_of(clock.now(), 600)
    assert set(ScheduleSlot.objects.values_list("slot", flat=True)) <= {before, after}


def test_a_pump_that_is_away_is_missed_by_a_worker_whose_clock_is_behind(db, broker, settings):
    settings.SCHEDULE = {}
    Heartbeat.objects.create(name="pump", at=clock.now() - timedelta(minutes=1))

    with another_hour(-1):
        tick()

    assert [broker.llen(f"enlace:{lane}") for lane in settings.LANES] == [1, 1, 1]


def test_pulses_that_waited_together_are_one(db, settings):
    settings.SCHEDULE = {"count": (1, f"{__name__}.count_a_run")}

    for _ in range(50):
        tick()

    assert SellerAccount.objects.count() <= 2


@pytest.mark.parametrize(("hours", "seconds_ago", "calls"), [(1, 5, 0), (-1, 40, 1)])
def test_the_pause_after_a_refresh_whose_fate_is_unknown_is_as_long_as_ever(world, account, hours, seconds_ago, calls):
    """Too early the first call may still be on its way; much later all of the seller's work waits."""
    started_at = clock.now() - timedelta(seconds=seconds_ago)
    told = {"holder": "one", "outcome": RefreshAttempt.Outcome.UNKNOWN, "started_at": started_at}
    RefreshAttempt.objects.create(account=account, grant=grants.current(account.pk), **told)
    SellerAccount.objects.update(refresh_wanted_at=clock.now())

    with another_hour(hours):
        pumping.refresh_tokens()

    assert len(world.requests.to("/oauth/token", "POST")) == calls
