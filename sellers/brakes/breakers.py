"""Circuit breakers as all processes see them: rows in PostgreSQL, counted into once a second, asked once per piece of
work. The decisions are in `sellers.brakes.breaking`.

    ml          Mercado Libre as a whole: no work of any seller is claimed
    seller:7    one seller: none of its work is claimed, the others go on
    oauth       the token endpoint: tokens wait to be renewed

What waits keeps its place and its count of failures. A process that is killed between two writes loses a second of
counts, nothing else.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from django.db import Error, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from sellers.brakes import breaking
from sellers.brakes.breaking import Circuit, Tally
from sellers.models import Breaker, CallCount
from sellers.queue.outcomes import Unavailable

logger = logging.getLogger(__name__)

ML, OAUTH = "ml", "oauth"
WRITE_EVERY = 1.0  # seconds between two writes of a process's counts
OLD = 10.0  # seconds after which counts that were not written are dropped
WORDS = 500

ADD = """
insert into sellers_callcount as kept (scope, at, good, bad)
select scope, to_timestamp(floor(extract(epoch from now()) / 10) * 10), good, bad
  from unnest(%s::text[], %s::int[], %s::int[]) as counted (scope, good, bad) order by scope
on conflict (scope, at) do update set good = kept.good + excluded.good, bad = kept.bad + excluded.bad
"""
STOPPED = """
select scope, extract(epoch from probe_at - now())::float from sellers_breaker where state <> 'closed'
 union all
select 'slowed:' || id, extract(epoch from throttle_until - now())::float
  from sellers_selleraccount where throttle_until > now()
"""
TALLIES = """
select scope, sum(good)::int, sum(bad)::int from sellers_callcount where at > now() - %s group by scope
"""
# While Mercado Libre as a whole does not answer, no seller is tried beside it.
TAKE_PROBES = """
update sellers_breaker set state = 'probing', probe_at = now() + %s
 where scope in (select scope from sellers_breaker
                  where state <> 'closed' and probe_at <= now() and (scope = 'oauth') = %s
                    and (scope in ('ml', 'oauth')
                         or not exists (select from sellers_breaker where scope = 'ml' and state <> 'closed'))
                  order by scope for update skip locked)
returning scope, account_id
"""
# What waits for an answer of Mercado Libre, brought forward and spread over some seconds. What failed while the breaker
# was open, or opened it, gets its failures back: an outage must not use up the tries of what was well. Locked in the
# order of all work rows, and passed over where somebody else has it.
WAKE = """
with waiting as materialized (
  select id from sellers_work
   where state = 'ready' and account_id is not null and (%(seller)s::bigint is null or account_id = %(seller)s)
     and last_error_class = any(%(errors)s)
     and (due_at > now() + interval '10 seconds' or last_error_at >= %(since)s)
   order by kind collate "C", key collate "C", account_id for update skip locked)
update sellers_work w
   set due_at = least(w.due_at, now() + random() * interval '10 seconds'),
       fails = case when w.last_error_at >= %(since)s then 0 else w.fails end
  from waiting where w.id = waiting.id
"""
WAITING_FOR_ML = ["Unavailable", "ServerError", "BadResponse", "TimedOut", "ConnectFailed", "ConnectionLost"]


def scope_of(account_id: int) -> str:
    return f"seller:{account_id}"


@dataclass
class Counter:
    """The counts of this process since they were last written, and what it knows to be stopped."""

    clock: Callable[[], float] = time.monotonic
    counts: dict[str, Tally] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    stopped: dict[str, float] = field(default_factory=dict)  # until when, by our own clock
    written_at: float = 0.0
    begun_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, scope: str, *, bad: bool, words: str = "") -> bool:
        """Count a call. Returns whether it is time to write."""
        with self.lock:
            if self.counts and self.clock() - self.begun_at > OLD:
                self.counts, self.words = {}, {}  # from before a pause: it says nothing about now
            if not self.counts:
                self.begun_at = self.clock()
            self.counts[scope] = self.counts.get(scope, Tally()) + (Tally(bad=1) if bad else Tally(good=1))
            if bad:
                self.words[scope] = words
            return self.clock() - self.written_at >= WRITE_EVERY

    def take(self) -> tuple[dict[str, Tally], dict[str, str]]:
        with self.lock:
            taken = self.counts, self.words
            self.counts, self.words, self.written_at = {}, {}, self.clock()
            return taken

    def wait_of(self, account_id: int) -> float:
        """For how many seconds the seller may not call, as far as this process knows."""
        scopes = (ML, scope_of(account_id), f"slowed:{account_id}")
        return max(0.0, max(self.stopped.get(scope, 0.0) for scope in scopes) - self.clock())


here = Counter()


def count(scope: str, *, bad: bool, words: str = "") -> None:
    """Count a call; once a second what was counted is written, and breakers open that have to.

    Where the database does not answer a second of counts is lost: it must not cost what Mercado Libre answered.
    """
    if here.add(scope, bad=bad, words=words):
        try:
            write()
        except Error as error:
            logger.warning("counts of calls were not written (%s)", type(error).__name__)


def write() -> None:
    """Write what this process counted, learn what is stopped, open what was answered badly."""
    counts, words = here.take()
    if not counts:
        return
    columns: list[Any] = [list(counts), [one.good for one in counts.values()], [one.bad for one in counts.values()]]
    with connection.cursor() as cursor:
        cursor.execute(ADD, columns)
    if any(tally.bad for tally in counts.values()):
        open_bad(tallies(), words)
    with connection.cursor() as cursor:
        cursor.execute(STOPPED)
        here.stopped = {scope: here.clock() + seconds for scope, seconds in cursor.fetchall()}


def tallies() -> dict[str, Tally]:
    """The calls of the last minute by scope, of all processes."""
    with connection.cursor() as cursor:
        values: list[Any] = [breaking.WINDOW]
        cursor.execute(TALLIES, values)
        return {scope: Tally(good, bad) for scope, good, bad in cursor.fetchall()}


def open_bad(found: Mapping[str, Tally], words: Mapping[str, str]) -> None:
    """Open the breakers of what answers badly."""
    for scope in sorted(words):
        if found.get(scope, Tally()).opens:
            open_one(scope, words[scope])
    sellers = [tally for scope, tally in found.items() if scope.startswith("seller:")]
    if breaking.all_are_down(sellers):
        open_one(ML, next(iter(words.values()), ""))


def open_one(scope: str, words: str = "") -> None:
    account_id = int(scope.removeprefix("seller:")) if scope.startswith("seller:") else None
    Breaker.objects.bulk_create([Breaker(scope=scope, account_id=account_id)], ignore_conflicts=True)
    changed = change(
        scope, lambda circuit, now: breaking.opened(circuit, now=now, chance=chance()), words=words[:WORDS]
    )
    if changed is not None:
        logger.warning("breaker %s: open for the %s. time, next call at %s", scope, changed.times, changed.probe_at)


def chance() -> float:
    return random.random()  # noqa: S311  spreads pauses, guards nothing


@transaction.atomic
def change(scope: str, decide: Callable[[Circuit, Any], Circuit], **also: Any) -> Circuit | None:
    """Take a breaker to its next state under its lock, and `also` set these fields. None where it is in that state."""
    row: Any = Breaker.objects.select_for_update().annotate(now=Now()).get(pk=scope)
    before = Circuit(row.state, row.times, row.opened_at, row.probe_at, row.closed_at)
    after = decide(before, row.now)
    if after == before:
        return None
    values = asdict(after) | also
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
    return after


# --- trying again -----------------------------------------------------------------------------------------------------


def take_probes(*, oauth: bool = False) -> list[tuple[str, int | None]]:
    """The breakers whose one call is ours to make now: (scope, account_id). Nobody else gets them meanwhile.

    With `oauth` that of the token endpoint, which is tried by renewing a token; without, all others.
    """
    values: list[Any] = [breaking.PROBE_LIFE, oauth]
    with connection.cursor() as cursor:
        cursor.execute(TAKE_PROBES, values)
        return list(cursor.fetchall())


def probed(scope: str, *, good: bool | None) -> None:
    """What came of the one call; None where it could not be made."""
    if good is None:
        change(scope, lambda circuit, now: breaking.not_tried(circuit, now=now))
    elif good:
        close(scope)
    else:
        change(scope, lambda circuit, now: breaking.opened_again(circuit, now=now, chance=chance()))


def close(scope: str) -> None:
    """Call again; what waited comes forward."""
    with transaction.atomic():
        change(scope, lambda circuit, now: breaking.closed(circuit, now=now))
        if scope != OAUTH:
            wake(Breaker.objects.get(pk=scope))
        bad = CallCount.objects.all() if scope == ML else CallCount.objects.filter(scope=scope)
        bad.delete()
    here.stopped.pop(scope, None)
    logger.warning("breaker %s: closed", scope)


def wake(breaker: Breaker) -> None:
    """Bring forward what waited for a seller, or for all of Mercado Libre."""
    since = breaker.opened_at - breaking.WINDOW if breaker.opened_at else None
    values: dict[str, Any] = {"seller": breaker.account_id, "errors": WAITING_FOR_ML, "since": since}
    with connection.cursor() as cursor:
        cursor.execute(WAKE, values)


# --- asked by callers -------------------------------------------------------------------------------------------------


def hold(account_id: int) -> None:
    """Make no call for a seller in this process before it has read how long Mercado Libre's wish to slow down lasts."""
    here.stopped[f"slowed:{account_id}"] = here.clock() + WRITE_EVERY


def check(account_id: int) -> None:
    """Raises Unavailable where this process knows that the seller may not call now."""
    if wait := here.wait_of(account_id):
        raise Unavailable(timedelta(seconds=wait))


def holding(account_id: Any) -> Q:
    """The breakers that hold a seller's calls back."""
    return ~Q(state=Breaker.State.CLOSED) & (Q(scope=ML) | Q(account_id=account_id))


def is_probing(scope: str) -> bool:
    """Whether the one call that tries it was given out and not made yet."""
    return Breaker.objects.filter(pk=scope, state=Breaker.State.PROBING).exists()


def is_open(scope: str) -> bool:
    return Breaker.objects.filter(pk=scope).exclude(state=Breaker.State.CLOSED).exists()
