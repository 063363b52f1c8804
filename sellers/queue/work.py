"""The work table: everything that may have to be tried again is one row per (seller, kind, key).

    bump       asks for work; asking again while it waits changes nothing, asking while it runs makes it run once more
    claim      leases due rows to one worker, with a fencing token; committed before the work begins
    completing the transaction that writes the result; its first statement gives the lease back, or nothing is written
    fail       turns an error into the row's next state, by the table in `sellers.queue.outcomes`
    give_back  leaves what was claimed and not begun to the next worker
    reap       gives the rows of dead workers back

Clocks: leases and due times are PostgreSQL's now() only.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from sellers.brakes import budget
from sellers.models import SellerAccount
from sellers.points import point
from sellers.queue import outcomes
from sellers.queue.wishes import CHANNEL, bump, bump_each, bump_many, lane_of
from sellers.queue.work_sql import CLAIM_SHARE, CLAIM_SOME, COMPLETE, FAIL, GIVE_BACK, REAP, RETRY
from ui import tracing

__all__ = ["CHANNEL", "bump", "bump_each", "bump_many", "lane_of"]

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
FEW = 4  # rows that are taken besides the first without leaving half to others
LATE = timedelta(seconds=25)  # after a claim: what has not begun by then is given back, long before the lease ends
TOGETHER = 40  # rows of one kind and seller that are worked off together
MAX_CLAIMS = 5  # a row that kills its worker this often is put aside
SUSPECT = 3  # from so many claims on a row is tried alone: what kills its worker takes no others with it
# Kinds that write to ML: passed over while staff has paused a seller's pushes.
PUSH_KINDS = ("stock", "price", "marketplace")


class LeaseLost(Exception):
    """The row was given to another worker meanwhile: nothing of this try may be written."""


@dataclass
class Claim:
    """One leased row. `fails` counts earlier failures of the present wish, `claims` the leases since one ended well.

    `ended`: it was completed, failed or given back, or the lease is lost. `wanted_again`: asked for while it ran.
    """

    work_id: int
    account_id: int | None
    kind: str
    key: str
    token: uuid.UUID
    fails: int
    wanted_since: datetime
    claims: int
    claimed_at: datetime  # by the database's clock
    taken_at: float = field(default_factory=time.monotonic, compare=False)
    ended: bool = field(default=False, compare=False)
    wanted_again: bool = field(default=False, compare=False)

    @property
    def account(self) -> SellerAccount:
        assert self.account_id is not None, "this kind of work has no seller"
        return SellerAccount.objects.get(pk=self.account_id)

    @property
    def names(self) -> dict[str, object]:
        """What log lines about it carry."""
        return {"work_id": self.work_id, "kind": self.kind, "key": self.key, "seller": self.account_id}

    @property
    def is_late(self) -> bool:
        return time.monotonic() - self.taken_at > LATE.total_seconds()


def claim(
    *, lane: int, who: str, limit: int = 1, lease: timedelta = LEASE, like: Collection[Claim] = ()
) -> list[Claim]:
    """Lease up to `limit` due rows of a lane, the most urgent first. Committed when this returns.

    With `like` only rows of the kinds and sellers of these, a few or half as many as wait of these kinds: other workers
    take the other half.
    """
    wanted: dict[str, Any] = {"lane": lane, "limit": limit, "lease": lease, "who": who, "push_kinds": list(PUSH_KINDS)}
    wanted["few"] = FEW
    wanted["kinds"] = list({claimed.kind for claimed in like}) or None
    wanted["accounts"] = list({claimed.account_id for claimed in like})
    with connection.cursor() as cursor:
        cursor.execute(CLAIM_SHARE if like else CLAIM_SOME, wanted)
        rows = cursor.fetchall()
    point("work.claimed")
    return [Claim(*row[:-1]) for row in sorted(rows, key=lambda row: row[-1])]


@contextmanager
def completing(claimed: Claim) -> Iterator[None]:
    """The transaction that writes the result of a claim. Raises LeaseLost before anything else is written."""
    with completing_many([claimed]) as held:
        if not held:
            raise LeaseLost(f"{claimed.kind} {claimed.key}")
        yield


@contextmanager
def completing_many(claims: Iterable[Claim]) -> Iterator[list[Claim]]:
    """The transaction that writes the results of several claims: only of those that it gives, which are still held."""
    claims = list(claims)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(COMPLETE, _ids_and_tokens(claims))
        states = {row[0]: row[1:] for row in cursor.fetchall()}
        for claimed in claims:
            claimed.wanted_again = states.get(claimed.work_id, ("", 0))[0] == "ready"
        yield [claimed for claimed in claims if claimed.work_id in states]
        _notify(cursor, {lane for state, lane in states.values() if state == "ready"})
        point("work.before_commit")
    point("work.committed")
    for claimed in claims:
        claimed.ended = True
        if claimed.work_id in states:
            logger.info("work %s %s: done", claimed.kind, claimed.key, extra=tracing.extra(**claimed.names))
        else:
            logger.warning("work %s %s: lease lost, nothing written", claimed.kind, claimed.key)


def _ids_and_tokens(claims: Iterable[Claim]) -> list[Any]:
    return [[claimed.work_id for claimed in claims], [claimed.token for claimed in claims]]


def _notify(cursor: Any, lanes: Iterable[int]) -> None:
    for lane in sorted(set(lanes)):
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, str(lane)])


def give_back(claims: Iterable[Claim]) -> None:
    """Leave claimed rows on which nothing was done to whoever claims next, at once. Lost leases are passed over."""
    if not (claims := list(claims)):
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(GIVE_BACK, _ids_and_tokens(claims))
        _notify(cursor, {row[0] for row in cursor.fetchall()})
    for claimed in claims:
        claimed.ended = True


def extend(claimed: Claim, lease: timedelta = LEASE) -> None:
    """Keep a long claim. Raises LeaseLost where it was given to another worker."""
    values: list[Any] = [lease, claimed.work_id, claimed.token]
    with connection.cursor() as cursor:
        cursor.execute(
            "update sellers_work set lease_until = now() + %s, claims = 1 where id = %s and lease_token = %s", values
        )
        if cursor.rowcount == 0:
            raise LeaseLost(f"{claimed.kind} {claimed.key}")
    point("work.extended")


def fail(claimed: Claim, error: Exception) -> None:
    """Write what an error means for the row and for the seller. A lost lease writes nothing."""
    outcome = outcomes.outcome_of(error, kind=claimed.kind, fails=claimed.fails)
    about = tracing.extra(**claimed.names, state=outcome.state)
    if outcome.is_bug:
        logger.exception("work %s %s failed", claimed.kind, claimed.key, exc_info=error, extra=about)
    else:
        logger.info("work %s %s: %s", claimed.kind, claimed.key, outcome.error_class, extra=about)
    values: dict[str, Any] = {
        "id": claimed.work_id,
        "token": claimed.token,
        "state": outcome.state,
        "delay": outcome.delay,
        "counted": int(outcome.counted),
        "words": outcome.words[:2000],
        "error_class": outcome.error_class,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FAIL, values)
        if not cursor.rowcount:
            logger.warning("work %s %s: lease lost, nothing written", claimed.kind, claimed.key)
        elif claimed.account_id:
            outcomes.apply_to_account(claimed.account_id, outcome)
        point("work.failing")
    claimed.ended = True


def reap() -> int:
    """Give the rows of workers that died back; a row that keeps killing its worker is put aside as failed."""
    with connection.cursor() as cursor:
        cursor.execute(REAP, [MAX_CLAIMS])
        lanes = [row[0] for row in cursor.fetchall()]
        point("work.reaped")
        _notify(cursor, lanes)
    return len(lanes)


@cache
def handler_of(kind: str) -> Callable[[Claim], Any]:
    handler: Callable[[Claim], Any] = import_string(settings.WORK_KINDS[kind]["handler"])
    return handler


@cache
def together_of(kind: str) -> Callable[[list[Claim]], Any] | None:
    """The handler that takes many rows of a kind at once, where there is one."""
    return import_string(path) if (path := settings.WORK_KINDS[kind].get("together")) else None


def run(claimed: Claim) -> None:
    """Try one claimed row: the handler completes it, or its error does."""
    with tracing.about(**claimed.names):
        _try(claimed)


def _try(claimed: Claim) -> None:
    try:
        with budget.in_lane(settings.WORK_KINDS[claimed.kind]["lane"]), budget.retrying(claimed.fails > 0):
            handler_of(claimed.kind)(claimed)
        if not claimed.ended:
            with completing(claimed):
                pass
    except LeaseLost:
        logger.warning("work %s %s: lease lost, nothing written", claimed.kind, claimed.key)
    except Exception as error:  # the one place where every error becomes a row's state
        fail(claimed, error)


def run_together(claims: list[Claim]) -> None:
    """Try claimed rows of one kind at once. What the handler leaves, by choice or by an error, is for `run`."""
    handler = together_of(claims[0].kind)
    claims = [claimed for claimed in claims if claimed.claims < SUSPECT]
    if handler is None or not claims:
        return
    try:
        with budget.in_lane(settings.WORK_KINDS[claims[0].kind]["lane"]), budget.retrying(claims[0].fails > 0):
            handler(claims)
    except Exception:  # whose fault it was shows when each is tried by itself
        logger.exception("work %s: %s rows could not be tried together", claims[0].kind, len(claims))


def drain(lane: int, *, who: str, seconds: float = 20, batch: int = 1) -> int:
    """Work off a lane until nothing is due or the time is used. Returns how many rows were tried."""
    until = time.monotonic() + seconds
    tried = 0
    while time.monotonic() < until and (rows := _take(lane, who, batch)):
        for claims in _by_kind(rows):
            with tracing.about(kind=claims[0].kind, works={claimed.key: claimed.work_id for claimed in claims}):
                run_together(claims)
            _run_each([claimed for claimed in claims if not claimed.ended])
        tried += len(rows)
    return tried


def _take(lane: int, who: str, batch: int) -> list[Claim]:
    """Claim the most urgent rows and, where that kind is worked off together, more of it and of the same seller.

    Of one seller: twenty of its listings are one call, those of twenty sellers are twenty.
    """
    rows = claim(lane=lane, who=who, limit=batch)
    together = [claimed for claimed in rows if together_of(claimed.kind)]
    if together and len(rows) == batch < TOGETHER:
        rows += claim(lane=lane, who=who, limit=TOGETHER - batch, like=together)
    return rows


def _by_kind(rows: Iterable[Claim]) -> Iterable[list[Claim]]:
    """Rows of a kind together, but apart from those that failed before: their calls are counted as tries again."""
    found: dict[tuple[str, bool], list[Claim]] = {}
    for claimed in rows:
        found.setdefault((claimed.kind, claimed.fails > 0), []).append(claimed)
    return found.values()


def _run_each(claims: list[Claim]) -> None:
    for number, claimed in enumerate(claims):
        if claimed.is_late:
            return give_back(claims[number:])
        run(claimed)


def retry(work_ids: Iterable[int], *, by: Any = None) -> int:
    """Due now, whatever it failed with; where staff asks (`by`) each leaves a `FailureAction`. Returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(RETRY, {"ids": list(work_ids), "by": by.pk if by else None})
        point("retry.written")
        lanes = [row[0] for row in cursor.fetchall()]
        _notify(cursor, lanes)
    return len(lanes)
