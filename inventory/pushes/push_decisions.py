"""What a reading leads to: wait for an order, ask staff, write; and what a write came to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import F, Q, Sum
from django.db.models.functions import Now

from catalog.kits import compositions
from inventory.models import StockMovement
from inventory.pushes import blast
from inventory.pushes.attempts import Outcome
from inventory.pushes.routes import Reading
from inventory.targets import lamps, stock_targets
from inventory.targets.intents import Intent, Unit
from inventory.targets.stock_targets import Dialect, Reason
from sellers.models import SellerAccount, Work
from sellers.queue import work
from sellers.queue.outcomes import TryLater

SETTLE_ROUNDS = 2
SETTLE_DELAY = timedelta(seconds=1.5)
ORDERS_DELAY = timedelta(seconds=10)  # at the latest: the import of its order makes the push due at once
POLL_SOON = 15  # after the orders that wait, before anything else

WITH_FULL = (Reason.FULL_AND_FLEX, Reason.BESIDE_FULL)

BOOKING = timedelta(seconds=15)  # from a sale's date to its commit: a statement takes no longer


class Baseline(NamedTuple):
    """What ML had by our knowledge, since when, and from when on sales may not be in it."""

    quantity: int
    since: datetime
    sales_from: datetime


def compare(before: Reading, after: Reading) -> str:
    """Verified where everything sent is shown; ignored where nothing moved; accepted where it is still on its way."""
    shown = [(change, after.places.get((change.pk, change.store_id))) for change in before.changes]
    if all(quantity == change.new for change, quantity in shown):
        return Outcome.VERIFIED
    if all(quantity == change.old for change, quantity in shown):
        return Outcome.IGNORED
    return Outcome.ACCEPTED


def is_on_its_way(reading: Reading, now: datetime) -> bool:
    """Whether all that differs was accepted a moment ago by a call that Mercado Libre applies later."""
    changed = {change.pk for change in reading.changes}
    return all(
        one.choice.dialect is Dialect.SELLING_ADDRESS
        and one.target is not None
        and one.target.accepted == one.quantity
        and one.target.accepted_at is not None
        and now - one.target.accepted_at < stock_targets.REPLICATION
        for one in reading.written
        if one.variation.pk in changed
    )


def staff_decides(reading: Reading) -> bool:
    """Somebody changed at ML what it had accepted from us, and the seller's setting is to ask."""
    account = reading.unit.account
    if account.drift_policy != SellerAccount.DriftPolicy.ASK:
        return False
    changed = {change.pk for change in reading.changes}
    return all(
        one.target is not None and one.target.accepted == one.quantity and not one.target.ignored_times
        for one in reading.written
        if one.variation.pk in changed
    )


# --- while staff is asked about what would be emptied -----------------------------------------------------------------


class Fall(NamedTuple):
    """A unit's quantity: what ML shows, what it accepted from us last, what it is to show."""

    shown: int
    accepted: int
    wanted: int


def is_explained(fall: Fall, *, sold: int, sold_meanwhile: int) -> bool:
    """Whether a quantity falls, and by no more than buyers took: since ML accepted it (`sold`), and since the changes
    that are asked about (`sold_meanwhile`)."""
    falls = fall.wanted < fall.shown
    return falls and fall.accepted - fall.wanted <= sold and fall.shown - fall.wanted <= sold_meanwhile


def is_only_sold(reading: Reading, baselines: Mapping[int, Baseline]) -> bool:
    """Whether a push would write nothing but what buyers took, though other changes of the seller are asked about."""
    since = blast.asks_about(reading.unit.account.pk)
    if since is None or blast.would_be_emptied({one.variation.listing_id for one in reading.unit.intents}, since):
        return False
    falls: dict[int, int] = {}
    for change in reading.changes:
        if change.new > change.old:
            return False
        falls[change.pk] = falls.get(change.pk, 0) + change.old - change.new
    return all(
        one.variation.pk in baselines and _is_sold(one, reading.shown[one.variation.pk], fall, baselines, since)
        for one in reading.written
        if (fall := falls.get(one.variation.pk))
    )


def _is_sold(intent: Intent, shown: int, fall: int, baselines: Mapping[int, Baseline], since: datetime) -> bool:
    """Counts sales from a little before our side was read: one too few would hold every later sale back, those too many
    let a change through that is no larger than what was sold in these seconds, and empties nothing that is asked about.
    """
    baseline = baselines[intent.variation.pk]
    begin = baseline.sales_from - BOOKING
    sold, meanwhile = (_sales(intent, at) for at in (begin, max(begin, since)))
    return is_explained(Fall(shown, baseline.quantity, shown - fall), sold=sold, sold_meanwhile=meanwhile)


def _sales(intent: Intent, since: datetime) -> int:
    """By how many sales of this unit its quantity may have fallen."""
    taken = 0 if intent.product_id is None else taken_by_orders(intent.product_id, since)
    return -(-taken // intent.units)


# --- sales that Mercado Libre knows and we do not --------------------------------------------------------------------


def baselines_of(unit: Unit) -> dict[int, Baseline]:
    """What ML had of each unit that is written, by variation; to be asked before the look.

    Beside Full none until something was accepted: the listing's own number counts what is in Full too.
    """
    known = (one for one in unit.written if one.choice.reason not in WITH_FULL or _accepted(one))
    return {one.variation.pk: baseline_of(one) for one in known}


def _accepted(intent: Intent) -> bool:
    return intent.target is not None and intent.target.accepted_at is not None


def baseline_of(intent: Intent) -> Baseline:
    """What ML had by our knowledge before this look: what it accepted, or else what the import saw."""
    target = intent.target
    if target is not None and target.accepted is not None and target.accepted_at is not None:
        return Baseline(target.accepted, target.accepted_at, target.sales_from or target.accepted_at)
    seen_at = intent.variation.listing.seen_at
    return Baseline(intent.variation.available_quantity, seen_at, seen_at)


def settle(reading: Reading, baselines: Mapping[int, Baseline]) -> None:
    """Where ML shows fewer than it accepted and no order explains it, orders come first. Raises TryLater.

    As long as orders wait to be imported; then twice more, with a poll that finds those nobody told us of.
    """
    puzzling = [
        one
        for one in reading.written
        if one.variation.pk in reading.shown
        and one.variation.pk in baselines
        and (one.target is None or one.target.settle_rounds < SETTLE_ROUNDS)
        and _missing(one, reading.shown[one.variation.pk], baselines[one.variation.pk])
    ]
    if not puzzling:
        return
    account_id = reading.unit.account.pk
    if orders_wait(account_id):
        raise TryLater("Mercado Libre has sold something whose order is about to be imported.", ORDERS_DELAY)
    lamps.another_round(puzzling)
    work.bump(account_id=account_id, kind="order_poll", key="", priority=POLL_SOON)
    raise TryLater("Mercado Libre has sold something whose order has not arrived yet.", SETTLE_DELAY)


def _missing(intent: Intent, shown: int, baseline: Baseline) -> int:
    if shown >= baseline.quantity or intent.product_id is None:
        return 0
    known = taken_by_orders(intent.product_id, baseline.since)
    return stock_targets.missing_sales(baseline=baseline.quantity, shown=shown, known_units=known, units=intent.units)


def orders_wait(account_id: int) -> bool:
    """Whether orders that ML told us of are about to be imported; those that fail are not waited for."""
    due = Q(state=Work.State.READY, due_at__lte=Now(), fails=0) | Q(state=Work.State.LEASED)
    return Work.objects.filter(due, account_id=account_id, kind="order").exists()


def taken_by_orders(product_id: int, since: datetime) -> int:
    """Units that orders took out of what is available since a moment; of a kit, those of which all components went."""
    parts = compositions([product_id]).get(product_id, {product_id: 1})
    moved = StockMovement.objects.filter(level__product_id__in=parts, created_at__gt=since).exclude(owner="").order_by()
    taken: dict[int, int] = dict(
        moved.values_list("level__product_id").annotate(units=Sum(F("reserved_delta") - F("on_hand_delta")))
    )
    return min(taken.get(part, 0) // quantity for part, quantity in parts.items())
