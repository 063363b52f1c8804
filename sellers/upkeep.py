"""Forgetting what nobody needs any more, a little at a time."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from math import inf
from typing import Any

from django.db import connection

logger = logging.getLogger(__name__)

BATCH = 5000
SECONDS = 60  # of one run
NOTIFICATIONS = timedelta(days=30)
SLOTS = timedelta(days=2)
FLOWS = timedelta(days=2)
PUSHES = timedelta(days=90)
CALLS = timedelta(hours=1)
HEARD = timedelta(days=35)
ACTIONS = HELD_BACK = timedelta(days=365)

# The last notification of every piece of work is kept: it says why the work exists.
OLD_NOTIFICATIONS = """
delete from sellers_notification where id in (
  select n.id from sellers_notification n
   where n.received_at < now() - %s
     and (n.work_kind = '' or exists (
       select from sellers_notification newer
        where newer.work_kind = n.work_kind and newer.work_key = n.work_key and newer.id > n.id
          and newer.ml_user_id is not distinct from n.ml_user_id))
   order by n.id limit %s)
"""
# The last slot of every name is kept: it says that a week is done.
OLD_SLOTS = """
delete from sellers_scheduleslot where (name, slot) in (
  select name, slot from sellers_scheduleslot old
   where ran_at < now() - %s
     and exists (select from sellers_scheduleslot newer where newer.name = old.name and newer.slot > old.slot)
   limit %s)
"""
OLD_FLOWS = """
delete from sellers_oauthflow where state_hash in (
  select state_hash from sellers_oauthflow where created_at < now() - %s limit %s)
"""
OLD_PUSHES = """
delete from sellers_pushattempt where id in (
  select id from sellers_pushattempt where started_at < now() - %s order by started_at limit %s)
"""
OLD_HOURS = """
delete from sellers_heardhour where id in (
  select id from sellers_heardhour where hour < now() - %s order by hour limit %s)
"""
OLD_CALLS = """
delete from sellers_callcount where (scope, at) in (
  select scope, at from sellers_callcount where at < now() - %s limit %s)
"""
OLD_ACTIONS = """
delete from sellers_failureaction where id in (
  select id from sellers_failureaction where done_at < now() - %s order by done_at limit %s)
"""
OLD_HELD_BACK = """
delete from sellers_breakerevent where pgh_id in (
  select pgh_id from sellers_breakerevent where pgh_created_at < now() - %s order by pgh_id limit %s)
"""
# Tokens nobody said yes to are erased long before their flow is.
UNANSWERED = """
update sellers_oauthflow set pending_ct = null
 where pending_ct is not null and created_at < now() - interval '30 min'
"""

RULES = (
    ("notifications", OLD_NOTIFICATIONS, NOTIFICATIONS),
    ("schedule slots", OLD_SLOTS, SLOTS),
    ("connection attempts", OLD_FLOWS, FLOWS),
    ("pushes", OLD_PUSHES, PUSHES),
    ("counts of calls", OLD_CALLS, CALLS),
    ("hours of listening", OLD_HOURS, HEARD),
    ("answers to failures", OLD_ACTIONS, ACTIONS),
    ("changes of breakers", OLD_HELD_BACK, HELD_BACK),
)


def prune() -> dict[str, int]:
    """Delete what is old, at most a few batches of each; the next run goes on. Work rows are never touched."""
    with connection.cursor() as cursor:
        cursor.execute(UNANSWERED)
    until = time.monotonic() + SECONDS
    pruned = {name: delete(statement, age, until=until) for name, statement, age in RULES}
    logger.info("pruned %s", ", ".join(f"{count} {name}" for name, count in pruned.items()))
    return pruned


def delete(statement: str, age: timedelta, *, until: float = inf, size: int = BATCH, batches: int = 20) -> int:
    """Small statements of their own, so that no lock is held for long; none is begun after `until` (monotonic)."""
    total = 0
    parameters: list[Any] = [age, size]
    for _ in range(batches):
        if time.monotonic() > until:
            break
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            total += cursor.rowcount
            if cursor.rowcount < size:
                break
    return total
