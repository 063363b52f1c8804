"""What runs by the clock: each slot once, whoever comes first (beat's task, or the pump while beat is away)."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from sellers.models import Heartbeat
from sellers.points import point
from ui import tracing

logger = logging.getLogger(__name__)

AGAIN_AFTER = timedelta(minutes=10)
TAKE = """
insert into sellers_scheduleslot as taken (name, slot) values (%s, %s)
on conflict (name, slot) do update set ran_at = now()
 where taken.done_at is null and taken.ran_at < now() - %s
"""
DONE = "update sellers_scheduleslot set done_at = clock_timestamp() where name = %s and slot = %s"


def slot_of(now: datetime, seconds: int) -> datetime:
    """Beginning of the slot that `now` lies in; slots are counted from the epoch."""
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


def run_due(now: datetime) -> list[str]:
    """Run every scheduled handler whose present slot nobody has taken. Returns their names.

    `now` is by the database's clock: by another, slots to come would be taken, or those of the past looked for.
    """
    return [name for name, (seconds, path) in settings.SCHEDULE.items() if run_slot(name, slot_of(now, seconds), path)]


def run_slot(name: str, slot: datetime, path: str) -> bool:
    """Take the slot and run its handler. One that fails is logged; it is tried again with the next slot, or where that
    is far, after ten minutes, as is one whose process died.
    """
    values: list[Any] = [name, slot, AGAIN_AFTER]
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        if cursor.rowcount == 0:
            return False
    point("slot.taken")
    with tracing.about(schedule=name):
        try:
            import_string(path)()
        except Exception:
            logger.exception("scheduled %s failed", name)
            return True
    point("slot.ran")
    with connection.cursor() as cursor:
        cursor.execute(DONE, [name, slot])
    return True


BEAT = """
insert into sellers_heartbeat as seen (name, at, detail) values (%s, clock_timestamp(), %s::jsonb)
on conflict (name) do update set at = excluded.at, detail = excluded.detail
 where not (seen.at > excluded.at - make_interval(secs => %s) and seen.at <= excluded.at)
"""


def beat(name: str, detail: str = "{}", *, again_after: float = 0) -> bool:
    """Say that a process is alive. False where that was said less than `again_after` seconds ago."""
    with connection.cursor() as cursor:
        cursor.execute(BEAT, [name, detail, again_after])
        return bool(cursor.rowcount)


def last_seen(name: str, now: datetime) -> float | None:
    """Seconds since a process was seen, by the database's clock; None where it never was."""
    found: Any = Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()
    return (now - found).total_seconds() if found else None
