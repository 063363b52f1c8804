"""Runs as rows: asked for, begun, read, and added up once every order that they asked for was fetched.

What a run recovered and changed is only known after the fetches, which are the webhook's own. So a run keeps what was
stored of each order when it asked for it, and compares when they are done: importing orders knows nothing of runs.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from mercadolibre import errors
from orders.models import Order, Run
from sellers import clock, upkeep
from sellers.models import SellerAccount, Work
from sellers.points import point
from sellers.queue import outcomes, work
from ui.stored import stored, together

logger = logging.getLogger(__name__)

State, Reason, Kind = Run.State, Run.Reason, Run.Kind
WORK = {Kind.ORDERS: "order_poll", Kind.MISSED: "missed_feeds"}
LOOK_AGAIN = timedelta(seconds=3)
LOOK_LESS_OFTEN = timedelta(seconds=30)  # while its orders take longer than a few minutes
GIVE_UP = timedelta(days=1)
UNEVENTFUL, OLD = timedelta(days=2), timedelta(days=90)
# What ML shows of an order and its parcel.
SHOWN = ("status", "tags", "ml_last_updated", "paid_amount", "shipping_id", "shipment__status", "shipment__substatus")

INCOMPLETE = gettext_noop("Orders changed while they were being read; the next run reads them again.")
NOT_FETCHED = gettext_noop("%(count)s could not be fetched: look among the failed ones.")
NOT_THE_OWNER = gettext_noop(
    "Mercado Libre shows missed notifications only to the account that owns the application."
    " Connect the owner's account; orders are found without it too."
)


# --- the key of its work row ------------------------------------------------------------------------------------------


def key_of(reason: str, days: int | None = None) -> str:
    """Of the work row that does a run: one row for each reason and period, so that asking twice asks once."""
    return "" if reason == Reason.CLOCK else f"{reason}:{days}" if days else reason


def reason_of(key: str) -> tuple[Run.Reason, int | None]:
    """Why a run happens, and how many days it reads; None: since the last complete pass."""
    word, _, days = key.partition(":")
    reason = Reason(word) if word in Reason.values else Reason.CLOCK
    return reason, int(days) if days.isdigit() else None


# --- its life ---------------------------------------------------------------------------------------------------------


def ask(account: SellerAccount, *, kind: str, days: int | None, operation: UUID, by: Any) -> bool:
    """Staff's button: a run now. False where this very click, or the same wish that still waits, asked before."""
    key = key_of(Reason.BUTTON, days)
    asked = Run(account=account, kind=kind, reason=Reason.BUTTON, key=key, asked_by=by, operation=operation)
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
            point("run.asked")
            work.bump(account_id=account.pk, kind=WORK[Kind(kind)], key=key, priority=0)
    except IntegrityError:
        if not Run.objects.filter(operation=operation).exists():
            work.bump(account_id=account.pk, kind=WORK[Kind(kind)], key=key, priority=0)  # its row may have ended
        return False
    return True


def begin(account: SellerAccount, *, kind: str, key: str, since: datetime | None, until: datetime) -> Run:
    """The run that a work row does now: the one that was asked for, or that a killed try left, or a new one."""
    begun: dict[str, Any] = {"state": State.READING, "since": since, "until": until, "began_at": clock.now()}
    run, _ = Run.objects.update_or_create(
        account=account,
        kind=kind,
        key=key,
        state__in=Run.NOT_READ,
        defaults=begun,
        create_defaults=begun | {"reason": reason_of(key)[0]},
    )
    point("run.begun")
    return run


@contextmanager
def told(run: Run, *, kind: str, fails: int | None) -> Iterator[None]:
    """Keep what a run stumbles over. It is tried again, unless the error says no, or `fails` is None: tried by hand."""
    try:
        yield
    except work.LeaseLost:
        raise
    except Exception as error:
        over = fails is None or outcomes.outcome_of(error, kind=kind, fails=fails).state == Work.State.DEAD
        words = explained(error)
        end(run, State.FAILED, words) if over else Run.objects.filter(pk=run.pk).update(words=words)
        raise


def explained(error: Exception) -> str:
    """What an error means and what to do, then its own words: to be kept, and told in the reader's language."""
    words = outcomes.words_of(error)[:1000]
    if not isinstance(error, errors.MeliError):
        return words
    explanation = errors.explain(error)
    return together(stored(explanation.meaning), stored(explanation.todo), words)


def end(run: Run, state: str, words: str = "", **numbers: int) -> None:
    run.state, run.words, run.finished_at, run.pending = state, words, clock.now(), {}
    for name, number in numbers.items():
        setattr(run, name, number)
    run.save(update_fields=["state", "words", "finished_at", "pending", *numbers])


def is_read(run: Run, *, found: int, asked: int, order_ids: Collection[int], whole: bool = True) -> None:
    """Mercado Libre was read, and these orders were asked for; in the transaction that asked for them."""
    run.found, run.asked, run.whole, run.read_at, run.words = found, asked, whole, clock.now(), ""
    before = shown_of(order_ids)
    run.pending = {str(order_id): before.get(order_id, "") for order_id in order_ids}
    run.state = State.FETCHING
    run.save(update_fields=["found", "asked", "whole", "read_at", "words", "pending", "state"])
    if order_ids:
        work.bump(account_id=run.account_id, kind="order_runs", key="", delay=LOOK_AGAIN)
    else:
        add_up(run)


def shown_of(order_ids: Collection[int]) -> dict[int, str]:
    """What is stored of orders, of all that ML shows of them, as one text each. One query."""
    rows = Order.objects.filter(pk__in=order_ids).order_by().values_list("pk", *SHOWN)
    return {row[0]: "|".join(str(value) for value in row[1:]) for row in rows}


# --- adding up --------------------------------------------------------------------------------------------------------


def add_up_all(claim: work.Claim) -> None:
    """Add up the runs of a seller whose orders were all fetched; look again soon while there are others."""
    with work.completing(claim):
        left = [run for run in Run.objects.filter(account_id=claim.account_id, state=State.FETCHING) if not add_up(run)]
        point("run.added_up")
        if left:
            young = any(clock.now() - (run.read_at or run.asked_at) < timedelta(minutes=5) for run in left)
            delay = LOOK_AGAIN if young else LOOK_LESS_OFTEN
            work.bump(account_id=claim.account_id, kind=claim.kind, key=claim.key, delay=delay)


def add_up(run: Run) -> bool:
    """End a run whose orders were all fetched, with its numbers. False while some are not."""
    read_at = run.read_at or run.asked_at
    if still_waiting(run, read_at) and clock.now() - read_at < GIVE_UP:
        return False
    numbers = compare(run.pending, shown_of([int(order_id) for order_id in run.pending]), announced(run.pending))
    missing = numbers["missing"]
    words = together("" if run.whole else INCOMPLETE, stored(NOT_FETCHED, count=missing) if missing else "")
    end(run, State.INCOMPLETE if words else State.COMPLETE, words, **numbers)
    return True


def still_waiting(run: Run, read_at: datetime) -> bool:
    """Whether an order of a run is still to be fetched; what was missed is of every seller's."""
    waiting = Work.objects.filter(kind="order", key__in=list(run.pending))
    if run.kind != Kind.MISSED:
        waiting = waiting.filter(account=run.account_id)
    waiting = waiting.filter(state__in=[Work.State.READY, Work.State.LEASED])
    return waiting.exclude(last_done_at__gte=read_at).exists()


def announced(order_ids: Collection[str]) -> set[int]:
    told_of = Order.objects.filter(pk__in=[int(order_id) for order_id in order_ids], announced_at__isnull=False)
    return set(told_of.values_list("pk", flat=True))


def compare(before: Mapping[str, str], now: Mapping[int, str], announced: Collection[int]) -> dict[str, int]:
    """The numbers of a run: `before` and `now` hold what was and is stored of each order, "" or nothing for none."""
    new = {int(order_id) for order_id, shown in before.items() if not shown}
    return {
        "recovered": sum(order_id in now and order_id not in announced for order_id in new),
        "changed": sum(shown != now.get(int(order_id)) for order_id, shown in before.items() if shown),
        "missing": sum(order_id not in now for order_id in new),
    }


# --- keeping the table small ------------------------------------------------------------------------------------------

UNEVENTFUL_RUNS = """
delete from orders_run where id in (
  select id from orders_run
   where reason = 'clock' and state in ('complete', 'refused') and recovered = 0 and changed = 0
     and asked_at < now() - %s
   order by asked_at limit %s)
"""
OLD_RUNS = """
delete from orders_run where id in (
  select id from orders_run where asked_at < now() - %s order by asked_at limit %s)
"""


def prune() -> None:
    """Forget the runs of the clock that found nothing after two days, all others after three months."""
    forgotten = upkeep.delete(UNEVENTFUL_RUNS, UNEVENTFUL) + upkeep.delete(OLD_RUNS, OLD)
    logger.info("pruned %s runs", forgotten)
