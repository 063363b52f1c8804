"""Work, jobs, tries, arrivals, and what is left over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import F

from sellers.models import Job, Notification, PushAttempt, Work
from tests.faults.invariants.look import Look


def nothing_failed(look: Look) -> Iterator[str]:
    for row in Work.objects.filter(state="dead"):
        if (row.kind, row.key) not in look.dead:
            yield f"{row.kind} {row.key}: {row.last_error_class} {row.last_error}"


def no_work_is_left(look: Look) -> Iterator[str]:
    for row in Work.objects.filter(state__in=["ready", "leased"]).exclude(account__status="needs_reconnect"):
        yield f"{row.kind} {row.key} is {row.state}: {row.last_error_class} {row.last_error}"
    if unseen := Work.objects.filter(state="idle").exclude(done_seq=F("want_seq")).count():
        yield f"{unseen} rows are done, but not with the last that was wanted"


def jobs_are_over(look: Look) -> Iterator[str]:
    for job in Job.objects.exclude(state="done"):
        yield f"job {job.kind} is {job.state}: {job.message}"


def no_try_is_under_way(look: Look) -> Iterator[str]:
    for attempt in PushAttempt.objects.filter(outcome="pending"):
        yield f"{attempt.kind} {attempt.key} is said to be sent just now"


def every_200_is_a_row(look: Look) -> Iterator[str]:
    answered = look.answered or look.counters.get("notifications_accepted", 0)
    rows = Notification.objects.count()
    if rows < answered:
        yield f"{answered} notifications were told 200, {rows} are there"


HELD = """
select (select count(*) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%%'),
       (select count(*) from pg_locks held join pg_database here on here.oid = held.database
         where held.locktype = 'advisory' and here.datname = current_database() and held.pid <> pg_backend_pid()
           and held.objid <> %s)
"""
PUMP = 0x656E6C61  # the one lock that is held for good: there is one pump


def nothing_is_held(look: Look) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(HELD, [PUMP])
        idle, locks = cursor.fetchone()
    if idle:
        yield f"{idle} transactions are open and do nothing"
    if locks:
        yield f"{locks} advisory locks are held"


def the_spool_is_empty(look: Look) -> Iterator[str]:
    spool = Path(settings.DATA_DIR) / "spool"
    if left := [path.name for path in spool.rglob("*") if path.is_file()]:
        yield f"on the spool: {left}"
