"""The pump and the schedule: slots once, wake-ups, and work that goes on without a broker."""

import threading
import time
from datetime import UTC, datetime

import pytest
import redis
from django.conf import settings
from django.db import connections

from sellers.models import Heartbeat, ScheduleSlot, SellerAccount, Work
from sellers.queue import schedule, work
from sellers.queue.pumping import Pump
from sellers.queue.waking import Waker
from sellers.tasks import tick

NOON = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)


def count_a_run():
    SellerAccount.objects.create(ml_user_id=SellerAccount.objects.count() + 1, nickname="ran", site_id="MLA")


def count_work(claim):
    count_a_run()


def fail_a_run():
    raise RuntimeError("on purpose")


@pytest.fixture
def broker():
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    yield client
    client.flushdb()


def waiting(broker, lane):
    return broker.llen(f"enlace:{lane}")


def test_a_slot_runs_once_however_many_beats_there_are(db, settings):
    settings.SCHEDULE = {"count": (60, f"{__name__}.count_a_run")}

    runs = [schedule.run_due(NOON) for _ in range(3)]

    assert runs == [["count"], [], []]
    assert SellerAccount.objects.count() == 1
    assert ScheduleSlot.objects.get().slot == datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_the_next_slot_runs_after_one_that_failed(db, settings):
    settings.SCHEDULE = {"count": (60, f"{__name__}.fail_a_run")}
    schedule.run_due(NOON)

    settings.SCHEDULE = {"count": (60, f"{__name__}.count_a_run")}
    assert schedule.run_due(NOON.replace(minute=1)) == ["count"]


def test_a_heartbeat_is_kept_once_per_process(db):
    schedule.beat("pump")
    schedule.beat("pump")

    assert Heartbeat.objects.count() == 1
    assert schedule.last_seen("nobody", NOON) is None


def test_a_wake_up_waits_in_the_lanes_queue_and_never_in_heaps(db, broker):
    waker = Waker()

    assert [waker.wake(1) for _ in range(6)] == [True] * 4 + [False] * 2

    assert waiting(broker, "pushes") == 4
    assert waiting(broker, "orders") == 0


@pytest.mark.parametrize(("rows", "woken"), [(1, 1), (40, 1), (41, 2), (100, 3), (500, 4)])
def test_as_many_workers_are_woken_as_rows_are_worth(db, broker, rows, woken):
    account = SellerAccount.objects.create(ml_user_id=1, nickname="CASA", site_id="MLA")
    work.bump_many((account.pk, "stock", f"MLA{number}") for number in range(rows))
    pump = Pump()
    pump.woken_at = time.monotonic()

    pump._wake_due()

    assert (waiting(broker, "pushes"), waiting(broker, "orders")) == (woken, 0)


def test_a_broker_that_is_down_costs_little_and_is_noticed():
    waker = Waker("redis://127.0.0.1:1/0")
    started = time.monotonic()

    assert not waker.wake(0)

    assert time.monotonic() - started < 1
    assert waker.silent_for() > 0


@pytest.mark.django_db(transaction=True)
def test_a_wish_wakes_its_lane_at_once(broker, settings):
    settings.SCHEDULE = {}
    account = SellerAccount.objects.create(ml_user_id=1, nickname="CASA", site_id="MLA", status="needs_reconnect")
    pump = Pump()
    thread = threading.Thread(target=lambda: (pump.run(), pump.finish(), connections.close_all()))
    thread.start()
    deadline = time.monotonic() + 10
    while not Heartbeat.objects.filter(name="pump").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    while waiting(broker, "pushes") and time.monotonic() < deadline:
        broker.delete("enlace:pushes")
    broker.delete("enlace:orders")

    asked = time.monotonic()
    work.bump(account_id=account.pk, kind="order", key="2001")
    while not waiting(broker, "orders") and time.monotonic() < asked + 5:
        time.sleep(0.005)
    took = time.monotonic() - asked
    pump.stop()
    thread.join()

    assert waiting(broker, "orders")
    assert took < 1.5  # by LISTEN, not by the tick, which would not wake for a seller that is not connected


@pytest.mark.django_db(transaction=True)
def test_the_tick_gives_back_the_rows_of_dead_workers(broker, settings):
    settings.SCHEDULE = {}
    account = SellerAccount.objects.create(ml_user_id=1, nickname="CASA", site_id="MLA")
    work.bump(account_id=account.pk, kind="order", key="2001")
    work.claim(lane=0, who="dead")
    Work.objects.update(lease_until="2000-01-01T00:00:00Z")

    pump = Pump()
    pump.tick()
    pump.finish()

    assert Work.objects.get().state == "ready"


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_the_pump_drains_by_itself(settings):
    settings.SCHEDULE = {}
    settings.WORK_KINDS = {"counted": {"handler": f"{__name__}.count_work", "lane": "bulk", "priority": 1}}
    work.bump(account_id=None, kind="counted", key="")
    waker = Waker("redis://127.0.0.1:1/0")
    waker.silent_since = time.monotonic() - 60

    pump = Pump(waker)
    pump.tick()
    pump.finish()

    assert SellerAccount.objects.get().nickname == "ran"
    assert Work.objects.get().state == "idle"


def test_a_pulse_that_waited_behind_another_works_off_the_lane_that_it_held_up(db, broker, settings):
    settings.SCHEDULE = {}
    schedule.beat("pump")

    tick()
    assert schedule.last_seen("worker:orders", NOON) is None
    tick()

    assert schedule.last_seen("worker:orders", NOON) is not None


def test_beat_wakes_every_lane_while_the_pump_is_away_and_only_then(db, broker, settings):
    settings.SCHEDULE = {}

    schedule.beat("pump")
    tick()
    assert [waiting(broker, lane) for lane in settings.LANES] == [0, 0, 0]

    Heartbeat.objects.update(at="2000-01-01T00:00:00Z")
    tick()
    assert [waiting(broker, lane) for lane in settings.LANES] == [1, 1, 1]
