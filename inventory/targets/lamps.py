"""Writing the three lamps of sellable units (wanted, accepted, observed, each with its time) and their state."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise

from catalog.imports import upserts
from inventory.models import StockTarget
from inventory.targets import words
from inventory.targets.intents import Intent
from inventory.targets.stock_targets import Dialect, Lamp, Reason, lamp_of
from sellers import clock
from sellers.models import SellerAccount
from ui.stored import stored

State = StockTarget.State
FIELDS = [
    "wanted",
    "wanted_at",
    "accepted",
    "accepted_at",
    "sales_from",
    "observed",
    "observed_at",
    "version",
    "places_at",
    "state",
    "explanation",
    "settle_rounds",
    "ignored_times",
]


@dataclass(frozen=True)
class Seen:
    """What a look or a push found out. `shown` and `accepted` are by our variation's id.

    `sales_from` is a moment before what was accepted was read on our side.
    """

    shown: Mapping[int, int] = field(default_factory=dict)
    accepted: Mapping[int, int] = field(default_factory=dict)
    sales_from: datetime | None = None
    ignored: Set[int] = frozenset()
    version: int | None = None


NOTHING = Seen()


def write(intents: Sequence[Intent], seen: Seen = NOTHING, *, settled: bool = False) -> dict[int, StockTarget]:
    """Write what is wanted and what was found, and the state that follows. Returns the targets by variation id.

    Locks the rows by pk: call it in the transaction that completes the work. `settled` ends the waiting for orders.
    """
    targets = locked([intent.variation.pk for intent in intents])
    now = clock.now()
    for intent in intents:
        target = targets[intent.variation.pk]
        _take_in(target, intent, seen, now)
        if settled:
            target.settle_rounds = 0
        target.state, target.explanation = _state_of(target, intent, now)
    upserts.update(StockTarget, targets.values(), fields=FIELDS)
    return targets


def locked(variation_ids: Sequence[int]) -> dict[int, StockTarget]:
    """The targets of variations, made where there are none, locked by pk."""
    rows = StockTarget.objects.filter(variation_id__in=variation_ids).order_by("pk").select_for_update()
    found = {target.variation_id: target for target in rows}
    if missing := set(variation_ids) - found.keys():
        made = [StockTarget(variation_id=pk) for pk in sorted(missing)]
        StockTarget.objects.bulk_create(made, ignore_conflicts=True)
        found = {target.variation_id: target for target in rows.all()}
    return found


def _take_in(target: StockTarget, intent: Intent, seen: Seen, now: datetime) -> None:
    pk = intent.variation.pk
    if target.wanted != intent.quantity:
        target.wanted, target.wanted_at = intent.quantity, now
        target.ignored_times = 0
    if pk in seen.accepted:
        target.accepted, target.accepted_at, target.sales_from = seen.accepted[pk], now, seen.sales_from
    if pk in seen.shown:
        target.observed, target.observed_at = seen.shown[pk], now
        if target.observed == target.wanted:
            target.ignored_times = 0
    if pk in seen.ignored:
        target.ignored_times += 1
    if seen.version is not None:
        target.version, target.places_at = seen.version, now


def _state_of(target: StockTarget, intent: Intent, now: datetime) -> tuple[str, str]:
    """The state and, where staff has to know or do something, why."""
    state, why = _state(target, intent, now)
    return state, stored(why)


def _state(target: StockTarget, intent: Intent, now: datetime) -> tuple[str, str | Promise]:
    account = intent.account
    if not intent.is_written or target.wanted is None:
        full = intent.choice.dialect == Dialect.FULL
        return State.FULL if full else State.BLOCKED, words.REASONS[intent.choice.reason]
    lamp = lamp_of(
        wanted=target.wanted,
        accepted=target.accepted,
        accepted_at=target.accepted_at,
        observed=target.observed,
        now=now,
    )
    if lamp == Lamp.EQUAL:
        return State.EQUAL, ""
    if account.mode == SellerAccount.Mode.OBSERVE:
        return State.WAITING, words.OBSERVE
    if account.pushes_paused:
        return State.WAITING, words.PAUSED
    if target.ignored_times >= 2:
        return State.REJECTED, words.IGNORED
    if lamp == Lamp.ACCEPTED and target.ignored_times:
        return State.ACCEPTED, words.NOT_SHOWN_YET
    if lamp == Lamp.DRIFT and account.drift_policy == SellerAccount.DriftPolicy.ASK:
        return State.DRIFT, words.ASK
    return State(lamp), ""


def refused(intents: Sequence[Intent], explanation: str) -> None:
    """Mercado Libre said no to the quantities: the state until something changes."""
    ids = [intent.variation.pk for intent in intents]
    StockTarget.objects.filter(variation_id__in=ids).update(
        state=State.REJECTED, explanation=explanation, settle_rounds=0
    )


def gone(listing_ids: Collection[int]) -> None:
    """Nothing is wanted of units that these listings no longer have, and none of their numbers is true any more."""
    targets = StockTarget.objects.filter(variation__listing__in=listing_ids, variation__gone_at__isnull=False)
    targets.update(
        wanted=None,
        wanted_at=None,
        state=State.BLOCKED,
        explanation=stored(words.REASONS[Reason.GONE]),
        settle_rounds=0,
    )


@transaction.atomic
def another_round(intents: Sequence[Intent]) -> None:
    """Count one wait for an order that we have not seen."""
    targets = locked([intent.variation.pk for intent in intents])
    for target in targets.values():
        target.settle_rounds += 1
    upserts.update(StockTarget, targets.values(), fields=["settle_rounds"])
