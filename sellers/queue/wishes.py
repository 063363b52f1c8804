"""Asking for work: one row per (seller, kind, key), in the caller's transaction. Callers know it as `queue.work`."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from sellers.queue.work_sql import BRING_FORWARD, BUMP
from ui import tracing

logger = logging.getLogger(__name__)

CHANNEL = "enlace_wake"


def lane_of(kind: str) -> int:
    lane: int = settings.LANES[settings.WORK_KINDS[kind]["lane"]]
    return lane


def bump(
    *, account_id: int | None, kind: str, key: str, delay: timedelta = timedelta(0), priority: int | None = None
) -> None:
    """Ask for one piece of work. Part of the caller's transaction: it exists if and only if that commits."""
    bump_many([(account_id, kind, key)], delay=delay, priority=priority)


def bump_many(
    rows: Iterable[tuple[int | None, str, str]], *, delay: timedelta = timedelta(0), priority: int | None = None
) -> None:
    """Ask for many pieces of work, (account_id, kind, key) each; locked in one order."""
    kinds = settings.WORK_KINDS
    bump_each(((*row, kinds[row[1]]["priority"] if priority is None else priority) for row in set(rows)), delay=delay)


def bump_each(rows: Iterable[tuple[int | None, str, str, int]], *, delay: timedelta = timedelta(0)) -> None:
    """The same with a priority for each, (account_id, kind, key, priority); none of them twice."""
    wanted = sorted(rows, key=lambda row: (row[1], row[2], row[0] or 0))
    if not wanted:
        return
    account_ids, kinds, keys, priorities = (list(column) for column in zip(*wanted, strict=True))
    lanes = [lane_of(kind) for kind in kinds]
    with connection.cursor() as cursor:
        parameters: list[Any] = [delay, account_ids, kinds, keys, lanes, priorities, CHANNEL]
        cursor.execute(BUMP, parameters)
    if tracing.current():  # by this a sale is followed from its order to the pushes
        logger.info("asks for %s", tracing.named([f"{kind} {key}".strip() for _, kind, key, _ in wanted]))


def wake_all() -> None:
    """Have every lane look for what may be done now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_notify(%s, lane::text) from unnest(%s::int[]) as lane", [CHANNEL, [*settings.LANES.values()]]
        )


def bring_forward(account_id: int, errors: Iterable[str]) -> None:
    """Let a seller's work that waits with one of these errors (class names) run now."""
    with connection.cursor() as cursor:
        cursor.execute(BRING_FORWARD, [account_id, list(errors)])
        cursor.execute(
            "select pg_notify(%s, lane::text) from (select distinct lane from sellers_work"
            " where account_id = %s and state = 'ready' and due_at <= now()) due",
            [CHANNEL, account_id],
        )
