"""Makes the ledger equal to what orders say, by looking at their state. Saying it again changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models.expressions import RawSQL

from catalog.imports import upserts
from catalog.lifecycle import FULL
from catalog.marketplaces.twins import twin_of
from catalog.models import Listing, Variation
from inventory import ledger
from inventory.queries import available_of, places_of
from orders import before_count
from orders.exploding import Demands, Parts, Spot, allotted, parts_of
from orders.models import Order, OrderLine
from orders.resolving import resolve
from orders.stock_effects import UNKNOWN, Effect, Parcel, Reason, Sale, Verdict, effect_of

State = Order.StockState
STATES = {
    Effect.RESERVE: State.RESERVED,
    Effect.SHIP: State.SHIPPED,
    Effect.RELEASE: State.RELEASED,
    Effect.NONE: State.NONE,
    Effect.FULL: State.FULL,
    Effect.UNKNOWN: State.UNKNOWN,
}
# Of an order's lines, the state that needs staff most is shown.
WORST_FIRST = (
    State.UNKNOWN,
    State.UNLINKED,
    State.RESERVED,
    State.SHIPPED,
    State.NONE,
    State.RELEASED,
    State.FULL,
)
LINKS = 0x6C696E6B  # advisory lock, with the seller's id

# Each branch by its own index; together in one condition they would make PostgreSQL read the seller's whole catalog.
NAMED = """
select v.id from catalog_variation v join catalog_listing l on l.id = v.listing_id where l.item_id = any(%s)
union select id from catalog_variation where user_product_id = any(%s) and user_product_id <> ''
union select v.id from unnest(%s::text[]) as named (sku) join catalog_variation v
         on upper(v.seller_sku) = upper(named.sku) and v.seller_sku = named.sku
"""


@dataclass(frozen=True)
class CatalogUnit:
    """A sellable unit as `orders.resolving` looks at it."""

    variation: Variation

    @property
    def item_id(self) -> str:
        return self.variation.listing.item_id

    @property
    def variation_id(self) -> int:
        return self.variation.variation_id

    @property
    def user_product_id(self) -> str:
        return self.variation.user_product_id

    @property
    def seller_sku(self) -> str:
        return self.variation.seller_sku

    @property
    def attributes_text(self) -> str:
        return self.variation.attributes_text

    @property
    def meaning(self) -> tuple[int, int] | None:
        mapping = getattr(self.variation, "mapping", None)
        return (mapping.product_id, mapping.units) if mapping is not None else None


def settle(orders: Sequence[Order]) -> None:
    """Resolve the lines of some orders of one seller and move stock as they say.

    The orders are locked by the caller, in whose transaction everything is written. Lines that were shipped keep the
    product they were shipped as, whatever their listing is linked to now and whatever their kit consists of now.
    """
    if not orders:
        return
    read_links(orders[0].account_id)
    lines = list(OrderLine.objects.filter(order__in=orders).order_by("order_id", "position"))
    held = ledger.demands_of(line.owner for line in lines)
    _resolve(orders[0].account_id, lines, held)
    verdicts = _verdicts(orders, lines, held)
    parts = parts_of(lines)
    left = before_count.left_at(orders, lines)
    leaving = [line for line in lines if verdicts[line.owner].effect is Effect.SHIP]
    verdicts |= before_count.first_seen([line for line in leaving if not held.get(line.owner)], parts, left)
    wanted = _wanted(orders[0].account_id, lines, verdicts, held, parts)
    taken_now = [line for line in leaving if wanted[line.owner] and not was_shipped(held.get(line.owner, {}))]
    verdicts |= before_count.counted_since(taken_now, wanted, held, left)
    ledger.set_demands(wanted, left_at=left)
    _write_states(orders, lines, verdicts)


def read_links(account_id: int) -> None:
    """Until this transaction ends, `links_changed` waits for it: what is written by old links is seen by it."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock_shared(%s, %s)", [LINKS, account_id])


@transaction.atomic
def links_changed(account_id: int) -> None:
    """Wait for everybody who may have read links before they changed. Call it while nothing is locked."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [LINKS, account_id])


def was_shipped(demands: Demands) -> bool:
    return any(demand.shipped for demand in demands.values())


# --- what a line is ---------------------------------------------------------------------------------------------------


def _resolve(account_id: int, lines: Sequence[OrderLine], held: Mapping[str, Demands]) -> None:
    """Find listing, product and units of every line that was not shipped yet, and save what changed."""
    units = catalog_units(account_id, lines)
    changed = [line for line in lines if not was_shipped(held.get(line.owner, {})) and _becomes(line, units)]
    upserts.update(OrderLine, changed, fields=["listing_variation_id", "product_id", "units"])


def catalog_units(account_id: int, lines: Iterable[OrderLine]) -> list[CatalogUnit]:
    """Everything of the seller's catalog that these lines may be. One query."""
    lines = list(lines)
    of_lines = (
        list({line.item_id for line in lines} | {line.stock_item_id for line in lines}),
        list({line.user_product_id for line in lines} - {""}),
        list({line.seller_sku for line in lines} - {""}),
    )
    named = Variation.objects.filter(pk__in=RawSQL(NAMED, of_lines), listing__account_id=account_id)  # noqa: S611
    units = named.select_related("listing", "mapping").defer("listing__raw").order_by("pk")
    return [CatalogUnit(one) for one in units]


def _becomes(line: OrderLine, units: Sequence[CatalogUnit]) -> bool:
    """Set what the line is; True where that is something new."""
    before = (line.listing_variation_id, line.product_id, line.units)
    unit = unit_of(line, units)
    line.listing_variation = unit.variation if unit else None
    meaning = unit.meaning if unit else None
    line.product_id, line.units = meaning if meaning else (None, None)
    return before != (line.listing_variation_id, line.product_id, line.units)


def unit_of(line: OrderLine, units: Sequence[CatalogUnit]) -> CatalogUnit | None:
    """The unit whose stock a line sold. In Global Selling the buyer saw a marketplace's unit, and it is the item's."""
    ours = [unit for unit in units if not unit.variation.listing.is_of_marketplace]
    of_parent = [unit for unit in ours if unit.item_id == line.parent_item_id]
    seen = (unit for unit in units if (unit.item_id, unit.variation_id) == (line.item_id, line.variation_id))
    bought = next(seen, None) if of_parent else None
    return (bought and twin_of(bought, of_parent)) or resolve(line, ours)


def shown_in_full(lines: Iterable[OrderLine]) -> set[str]:
    """Listings of marketplaces that sell from Full; the item they are of says nothing about it."""
    there = {line.item_id for line in lines if line.parent_item_id}
    return set(Listing.objects.filter(item_id__in=there, logistic_type=FULL).values_list("item_id", flat=True))


# --- what it does to stock --------------------------------------------------------------------------------------------


def _verdicts(orders: Iterable[Order], lines: Iterable[OrderLine], held: Mapping[str, Demands]) -> dict[str, Verdict]:
    by_pk, in_full = {order.pk: order for order in orders}, shown_in_full(lines)
    return {line.owner: _verdict(by_pk[line.order_id], line, held.get(line.owner, {}), in_full) for line in lines}


def _verdict(order: Order, line: OrderLine, held: Demands, in_full: Collection[str]) -> Verdict:
    verdict = effect_of(_sale(order, line, held, in_full))
    if verdict.effect not in (Effect.RESERVE, Effect.SHIP) or line.product_id is not None:
        return verdict
    ignored = line.listing_variation is not None and line.listing_variation.ignored
    return Verdict(Effect.NONE, Reason.IGNORED if ignored else Reason.UNLINKED)


def _sale(order: Order, line: OrderLine, held: Demands, in_full: Collection[str]) -> Sale:
    parcel = order.shipment
    of_listing = line.listing_variation.listing.logistic_type if line.listing_variation else ""
    return Sale(
        status=order.status,
        tags=frozenset(order.tags),
        cancel_code=order.cancel_code,
        taken=order.date_closed is not None,
        refunded=order.paid_amount == 0,
        left=was_shipped(held) or (parcel is not None and parcel.left_at is not None),
        parcel=Parcel(parcel.status, parcel.substatus, parcel.logistic_type) if parcel else None,
        listing_logistic_type=FULL if line.item_id in in_full else of_listing,
    )


def _wanted(
    account_id: int,
    lines: Iterable[OrderLine],
    verdicts: Mapping[str, Verdict],
    held: Mapping[str, Demands],
    parts: Mapping[str, Parts],
) -> dict[str, dict[Spot, ledger.Demand]]:
    """What each line is to hold or to have taken. Lines of an unknown effect are left out and stay as they are; what
    was shipped stays what it was shipped as."""
    lines = [line for line in lines if verdicts[line.owner].effect is not Effect.UNKNOWN]
    taking = [line for line in lines if verdicts[line.owner].effect in (Effect.RESERVE, Effect.SHIP)]
    available = available_of(part for line in taking for part in parts[line.owner])
    places = places_of([account_id])[account_id] if taking else []
    wanted: dict[str, dict[Spot, ledger.Demand]] = {line.owner: {} for line in lines}
    for line in taking:
        holds = held.get(line.owner, {})
        if was_shipped(holds):
            wanted[line.owner] = dict(holds)
            continue
        units = allotted(line, parts[line.owner], places=places, available=available, held=holds)
        effect = verdicts[line.owner].effect
        wanted[line.owner] = {spot: _demand(effect, quantity) for spot, quantity in units.items()}
    return wanted


def _demand(effect: Effect, quantity: int) -> ledger.Demand:
    return ledger.Demand(shipped=quantity) if effect is Effect.SHIP else ledger.Demand(reserved=quantity)


# --- what staff sees --------------------------------------------------------------------------------------------------


def _write_states(orders: Sequence[Order], lines: Iterable[OrderLine], verdicts: Mapping[str, Verdict]) -> None:
    of_order: dict[int, list[Verdict]] = {}
    for line in lines:
        of_order.setdefault(line.order_id, []).append(verdicts[line.owner])
    changed: dict[tuple[str, str], list[int]] = {}
    for order in orders:
        shown = list(_shown(of_order.get(order.pk, [])))
        state, reason = min(shown, key=lambda one: WORST_FIRST.index(one[0])) if shown else (State.NONE, "")
        if (order.stock_state, order.stock_reason) != (state, str(reason)):
            order.stock_state, order.stock_reason = state, str(reason)
            changed.setdefault((state, str(reason)), []).append(order.pk)
    for (found_state, found_reason), ids in changed.items():
        Order.objects.filter(pk__in=ids).update(stock_state=found_state, stock_reason=found_reason)


def _shown(verdicts: Iterable[Verdict]) -> Iterator[tuple[State, Reason]]:
    for verdict in verdicts:
        if verdict.reason in UNKNOWN:
            yield State.UNKNOWN, verdict.reason
        elif verdict.reason is Reason.UNLINKED:
            yield State.UNLINKED, verdict.reason
        elif verdict.reason is Reason.BEFORE_COUNT:
            yield State.SHIPPED, verdict.reason
        else:
            yield STATES[verdict.effect], verdict.reason
