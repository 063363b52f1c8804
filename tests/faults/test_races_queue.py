"""The queue, the spool, the clock and long jobs, with two of everything.

eight workers claim every row once, wishes exist with their commit    tests/sellers/queue/test_work.py
two refreshes, a reconnect meanwhile, a session that ends             tests/sellers/connection/test_refresh_races.py
a row that is locked does not hold the notification's answer          tests/config/test_intake.py
slots by two beats, the spool by two pumps and beside the intake,
a reaper beside a worker, a job stopped or taken over in the middle   here
"""

from datetime import UTC, datetime

from django.db import connection

from catalog.models import Listing
from dashboard import jobs as dashboard_jobs
from sellers.connection import tokens
from sellers.models import Grant, Job, Notification, RefreshAttempt, ScheduleSlot, SellerAccount, Work
from sellers.notifications import inbox
from sellers.queue import schedule, work
from tests.faults import processes
from tests.faults.flows import reading
from tests.faults.racing import Beside, claim_of, comes_right, held_at, lease_ends, meanwhile

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
POLLS = "orders.runs.reconciliation.schedule_polls"
BODY = b'{"topic": "orders_v2", "resource": "/orders/2001", "user_id": 7}'


def replay():
    with connection.cursor() as cursor:
        return inbox.replay(cursor)


def spooled():
    return [path.name for path in inbox.spool_folder().glob("notifications-*")]


# --- the spool --------------------------------------------------------------------------------------------------------


def test_a_spool_taken_in_by_two_at_once_is_stored_and_gone(stage):
    inbox.spool([inbox.read(BODY)], name="1")

    with held_at("replay.taken", replay):
        second = Beside(replay)
        second.thread.join(0.3)
    second.join()

    assert Notification.objects.count() >= 1
    assert spooled() == []


def test_what_is_written_while_the_spool_is_taken_in_is_not_lost(stage):
    """The intake has opened the file; the pump takes it in; then the intake writes and answers 200."""
    inbox.spool([inbox.read(BODY)], name="1")

    with meanwhile("spool.opened", replay):
        inbox.spool([inbox.read(BODY.replace(b"2001", b"2002"))], name="1")
    replay()

    assert set(Notification.objects.values_list("resource", flat=True)) == {"/orders/2001", "/orders/2002"}
    assert spooled() == []


def test_what_is_written_while_an_older_part_is_stored_is_taken_in_next(stage):
    inbox.spool([inbox.read(BODY)], name="1")

    with meanwhile("replay.stored", lambda: inbox.spool([inbox.read(BODY.replace(b"2001", b"2002"))], name="1")):
        replay()
    replay()

    assert set(Notification.objects.values_list("resource", flat=True)) == {"/orders/2001", "/orders/2002"}
    assert spooled() == []


# --- the clock --------------------------------------------------------------------------------------------------------


def test_a_slot_wanted_by_eight_beats_at_once_runs_once(stage):
    beats = [Beside(lambda: schedule.run_slot("order_poll", NOON, POLLS)) for _ in range(8)]

    assert sorted(one.join() for one in beats) == [False] * 7 + [True]
    assert ScheduleSlot.objects.filter(name="order_poll").count() == 1


def test_a_slot_is_taken_while_its_handler_still_runs(stage):
    with held_at("slot.taken", lambda: schedule.run_slot("order_poll", NOON, POLLS)):
        assert schedule.run_slot("order_poll", NOON, POLLS) is False


# --- leases -----------------------------------------------------------------------------------------------------------


def test_a_worker_that_is_just_completing_is_not_reaped(stage):
    """Its lease is over, its result is about to be committed: the result counts."""
    stage.world.sell(stage.shop.mug_at_casa, 1)
    stage.deliver()
    claimed = claim_of("order")
    Work.objects.filter(pk=claimed.work_id).update(lease_until=processes.LONG_AGO)

    with held_at("work.before_commit", lambda: work.run(claimed)):
        assert work.reap() == 0

    assert Work.objects.get(pk=claimed.work_id).state in ("idle", "ready")
    assert stage.level() == (10, 1)
    comes_right(stage)


def test_a_failure_of_a_worker_that_lost_its_lease_changes_nothing(stage):
    order = stage.world.sell(stage.shop.mug_at_casa, 1)
    stage.deliver()
    claimed = claim_of("order")
    stage.world.faults.add("SERVER_ERROR", path=f"/orders/{order.id}")

    with held_at("fetch.before_get", lambda: work.run(claimed)):
        lease_ends()
        row = Work.objects.values().get(pk=claimed.work_id)

    assert Work.objects.values().get(pk=claimed.work_id) == row
    comes_right(stage)
    assert stage.level() == (10, 1)


def test_rows_claimed_and_not_begun_are_not_done_twice(stage):
    """A worker is frozen right after it claimed; another does the work; the first goes on."""
    stage.world.sell(stage.shop.mug_at_casa, 1)
    stage.deliver()

    with held_at("work.claimed", lambda: stage.drain("orders")):
        lease_ends()
        stage.drain("orders")
        movements = stage.level()

    assert stage.level() == movements == (10, 1)
    comes_right(stage)


# --- jobs -------------------------------------------------------------------------------------------------------------


def test_a_job_stopped_between_two_pages_goes_on_from_there(stage):
    flow = reading.Import(stage)
    job, claimed = Job.objects.latest("pk"), claim_of("job")

    with meanwhile("import.page_written", lambda: dashboard_jobs.cancel(job, by=stage.owner)):
        work.run(claimed)
    job.refresh_from_db()
    assert (job.state, job.done) == ("cancelled", 100)

    dashboard_jobs.resume(job, by=stage.owner)
    comes_right(stage)
    flow.check()
    assert Listing.objects.filter(account=stage.shop.casa).values("item_id").distinct().count() == flow.LISTINGS + 2


def test_a_job_taken_over_is_not_gone_on_with_by_who_had_it(stage):
    flow = reading.Import(stage)
    claimed = claim_of("job")

    with held_at("import.page_written", lambda: work.run(claimed)):
        lease_ends()
        stage.drain("bulk")
        job = Job.objects.values("state", "done", "checkpoint").latest("pk")
        assert job["state"] == "done"

    assert Job.objects.values("state", "done", "checkpoint").latest("pk") == job
    comes_right(stage)
    flow.check()


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_the_answer_of_a_refresh_is_not_taken_in_by_another_while_its_process_lives(stage):
    account = stage.shop.casa

    with held_at("token.spooled", lambda: tokens.refresh(account.pk)):
        assert tokens.replay() == 0
        assert tokens.refresh(account.pk) is tokens.Result.BUSY

    assert Grant.objects.get(account=account, state="current").generation == 1
    assert RefreshAttempt.objects.get().outcome == "ok"
    comes_right(stage)


def test_room_on_the_disk_is_not_given_back_while_its_process_asks(stage):
    account = stage.shop.casa

    with held_at("token.before_post", lambda: tokens.refresh(account.pk)):
        assert tokens.replay() == 0

    assert SellerAccount.objects.get(pk=account.pk).status == "connected"
    assert Grant.objects.get(account=account, state="current").generation == 1
    comes_right(stage)
