"""The notification inbox: whatever arrives is stored first; what it points to is asked for in the same statement.

Used by the intake process (a plain connection, many arrivals in one commit), by the replay of the spool and by staff.
Nothing here believes a notification: the work it asks for fetches the resource again. One that was sent to the number
a seller has on a marketplace of Global Selling is the seller's.
"""

from __future__ import annotations

import base64
import fcntl
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import FileIO
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from mercadolibre.notifications import MalformedNotification, parse_notification, resource_key
from sellers.notifications.disk import write_all
from sellers.points import point
from sellers.queue.work import CHANNEL
from ui import tracing

logger = logging.getLogger(__name__)

BODY_LIMIT = 64 * 1024
BIGINT = 2**63 - 1
AT_ONCE = 500  # arrivals of the spool in one statement: one of hours would take longer than a statement may


class Cursor(Protocol):
    """What Django's cursor and psycopg's have in common."""

    def execute(self, query: str, params: Any = None, /) -> Any: ...

    def fetchall(self) -> list[Any]: ...


@dataclass(frozen=True)
class Arrival:
    """One request to the notification URL, read into columns. `work_kind` is empty where nothing is to be done."""

    body: bytes
    verdict: str
    remote_ip: str | None = None
    application_id: int | None = None
    ml_user_id: int | None = None
    topic: str = ""
    resource: str = ""
    event_id: str = ""
    sent_at: datetime | None = None
    attempts: int | None = None
    work_kind: str = ""
    work_key: str = ""


def read(body: bytes, *, remote_ip: str | None = None) -> Arrival:
    """Read a body, whatever it is. Total: bytes that are no notification become a malformed arrival."""
    kept = body[:BODY_LIMIT]
    if len(body) > BODY_LIMIT:
        return Arrival(kept, "malformed", remote_ip)
    try:
        found = parse_notification(body)
    except MalformedNotification:
        return Arrival(kept, "malformed", remote_ip)
    key = resource_key(found.topic, found.resource)
    kind = settings.NOTIFICATION_WORK.get(key.kind) if key else None
    foreign = found.application_id is not None and str(found.application_id) != settings.MELI_CLIENT_ID
    verdict = "unknown_application" if foreign else "accepted" if kind else "unknown_topic"
    return Arrival(
        kept,
        verdict,
        remote_ip,
        bounded(found.application_id),
        bounded(found.user_id),
        clean(found.topic, 100),
        clean(found.resource, 300),
        clean(found.event_id, 100),
        found.sent_at,
        min(found.attempts, 10**6) if found.attempts and found.attempts > 0 else None,
        kind if kind and key and verdict == "accepted" else "",
        key.key if key and verdict == "accepted" else "",
    )


def bounded(number: int | None) -> int | None:
    return number if number is not None and abs(number) <= BIGINT else None


def clean(text: str, limit: int) -> str:
    """Text that PostgreSQL can hold: no NUL, no lone surrogate."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:limit]


STORE = """
with arrived as (
  select * from unnest(%s::bytea[], %s::text[], %s::inet[], %s::bigint[], %s::bigint[], %s::text[], %s::text[],
                       %s::text[], %s::timestamptz[], %s::int[], %s::text[], %s::text[], %s::int[], %s::int[])
    as t(body, verdict, remote_ip, application_id, ml_user_id, topic, resource, event_id, sent_at, attempts,
         work_kind, work_key, lane, priority)),
known as (
  select t.*, a.id as account_id, coalesce(a.ml_user_id, t.ml_user_id) as seller from arrived t
    left join sellers_marketplaceaccount m on m.ml_user_id = t.ml_user_id
    left join sellers_selleraccount parent on parent.id = m.account_id
    left join sellers_selleraccount a
           on a.ml_user_id = coalesce(parent.ml_user_id, t.ml_user_id) and a.status <> 'disconnected'),
stored as (
  insert into sellers_notification (received_at, body, verdict, remote_ip, application_id, ml_user_id, topic, resource,
                                    event_id, sent_at, attempts, work_kind, work_key)
  select clock_timestamp(), body,
         case when verdict = 'accepted' and account_id is null then 'unknown_account' else verdict end,
         remote_ip, application_id, seller, topic, resource, event_id, sent_at, attempts,
         case when account_id is null then '' else work_kind end, case when account_id is null then '' else work_key end
    from known
  returning id, ml_user_id, work_kind, work_key),
wanted as materialized (
  select distinct account_id, seller, work_kind, work_key, lane, priority from known
   where account_id is not null and work_kind <> '' order by work_kind, work_key, account_id),
bumped as materialized (
  select *, work_bump(account_id, work_kind, work_key, lane, priority) as work_id, pg_notify(%s, lane::text)
    from wanted)
select work_id, account_id, b.work_kind, b.work_key, array_agg(s.id)
  from bumped b join stored s
    on s.ml_user_id = b.seller and s.work_kind = b.work_kind and s.work_key = b.work_key
 group by 1, 2, 3, 4
"""


def store(cursor: Cursor, arrivals: Sequence[Arrival]) -> None:
    """Store arrivals and ask for their work in one statement. The same resource many times is one piece of work.

    The work is logged with the notifications that asked for it: where the path of a sale begins.
    """
    columns: list[list[Any]] = [[] for _ in range(14)]
    for arrival in arrivals:
        values = (*arrival_values(arrival), *lane_and_priority(arrival.work_kind))
        for column, value in zip(columns, values, strict=True):
            column.append(value)
    cursor.execute(STORE, [*columns, CHANNEL])
    if rows := cursor.fetchall():
        _log(rows)


def _log(rows: Sequence[tuple[int, int, str, str, list[int]]]) -> None:
    """One line, however many came at once: which work the notifications asked for."""
    asked = "; ".join(f"{kind} {key} (work {pk}, notification {told[0]})" for pk, _, kind, key, told in rows)
    names: dict[str, object] = {"work_ids": [row[0] for row in rows]}
    if len(rows) == 1:
        names = dict(zip(("work_id", "seller", "kind", "key"), rows[0], strict=False))
    notifications = [pk for row in rows for pk in row[-1]]
    logger.info("notified of %s", asked, extra=tracing.extra(**names, notifications=notifications))


def arrival_values(arrival: Arrival) -> tuple[Any, ...]:
    a = arrival
    who = (a.body, a.verdict, a.remote_ip, a.application_id, a.ml_user_id)
    return (*who, a.topic, a.resource, a.event_id, a.sent_at, a.attempts, a.work_kind, a.work_key)


@cache
def lane_and_priority(kind: str) -> tuple[int, int]:
    if not kind:
        return 0, 0
    row: dict[str, Any] = settings.WORK_KINDS[kind]
    return settings.LANES[row["lane"]], row["priority"]


# --- the spool: where arrivals go while PostgreSQL does not take them -------------------------------------------------


def spool_folder() -> Path:
    return Path(settings.DATA_DIR) / "spool"


def spool(arrivals: Sequence[Arrival], *, name: str) -> None:
    """Append arrivals to a file and fsync it. Raises OSError where even that fails: then ML must send again."""
    folder = spool_folder()
    folder.mkdir(parents=True, exist_ok=True)
    kept = ({"body": base64.b64encode(arrival.body).decode(), "remote_ip": arrival.remote_ip} for arrival in arrivals)
    lines = b"".join(json.dumps(line).encode() + b"\n" for line in kept)
    with _to_append(folder / f"notifications-{name}.jsonl") as file:
        _append(file, lines)
    point("spool.synced")


@contextmanager
def _to_append(path: Path) -> Iterator[FileIO]:
    """A file to write to that nobody takes in meanwhile. One that was taken in between opening and locking is gone."""
    while True:
        with path.open("ab+", buffering=0) as file:
            point("spool.opened")
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(file.fileno()).st_nlink:
                yield file
                return


def _append(file: FileIO, lines: bytes) -> None:
    """Write lines, all of them or none: the half of one would spoil the next, which is answered with 200."""
    descriptor, before = file.fileno(), os.fstat(file.fileno()).st_size
    if before and os.pread(descriptor, 1, before - 1) != b"\n":
        lines = b"\n" + lines  # behind what a kill cut off
    try:
        write_all(descriptor, lines)
        point("spool.written")
        os.fsync(descriptor)
    except OSError:
        with suppress(OSError):
            os.ftruncate(descriptor, before)
        raise


def replay(cursor: Cursor) -> int:
    """Take in what was spooled. A kill in the middle stores some arrivals twice at worst, which changes nothing.

    Where another process is at it just now, it is left to that one.
    """
    if not spool_folder().exists():
        return 0
    folder = os.open(spool_folder(), os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return sum(_take_in(cursor, path) for path in sorted(spool_folder().glob("notifications-*.jsonl*")))
    except BlockingIOError:
        return 0
    finally:
        os.close(folder)


def _take_in(cursor: Cursor, path: Path) -> int:
    """Take in one file, after whoever is writing to it. Written to is from now on another one of its name."""
    being_read = path if path.suffix == ".replaying" else path.with_name(f"{path.name}.replaying")
    if path != being_read:
        if being_read.exists():
            return 0
        path.rename(being_read)
    taken = 0
    with being_read.open("rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        point("replay.taken")
        lines = file.read().splitlines(keepends=True)
        while lines:
            arrivals = [arrival for line in lines[-AT_ONCE:] if (arrival := spooled(line))]
            if arrivals:
                store(cursor, arrivals)
            taken += len(arrivals)
            del lines[-AT_ONCE:]
            file.truncate(sum(map(len, lines)))  # where the next part fails, this one is not stored again
        point("replay.stored")
        being_read.unlink()
    return taken


def spooled(line: bytes) -> Arrival | None:
    """An arrival of the spool; None for a line that was cut off by a kill (it was never answered with 200)."""
    try:
        entry = json.loads(line)
        return read(base64.b64decode(entry["body"]), remote_ip=entry["remote_ip"])
    except (ValueError, KeyError, TypeError):
        logger.warning("a cut-off line in the notification spool was passed over")
        return None
