"""Parcels that left before anybody counted: the count does not hold their units, so nothing is taken for them.

That is what the orders of the weeks before a seller was connected are, and parcels of which Mercado Libre told late.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import Max, Min

from inventory import ledger
from inventory.documents.count_rules import was_gone
from inventory.ledger import Demand
from inventory.models import StockMovement
from orders.exploding import Demands, Parts, Spot
from orders.models import Order, OrderLine
from orders.stock_effects import Effect, Reason, Verdict

BEFORE_COUNT = Verdict(Effect.NONE, Reason.BEFORE_COUNT)
Kind = StockMovement.Kind


def left_at(orders: Iterable[Order], lines: Iterable[OrderLine]) -> dict[str, datetime]:
    """When what a line sold had left at the latest, if it has left, by the line's owner."""
    of_order = {order.pk: (order.shipment and order.shipment.left_at) or order.ml_last_updated for order in orders}
    return {line.owner: of_order[line.order_id] for line in lines}


def first_seen(fresh: Iterable[OrderLine], parts: dict[str, Parts], left: Mapping[str, datetime]) -> dict[str, Verdict]:
    """Of sales first seen when their parcel is gone, those that take nothing: the stock was first entered after that.
    Of a kit, the components entered after that are left out of its `parts`."""
    fresh = list(fresh)
    if not fresh:
        return {}
    known_since = _known_since({part for line in fresh for part in parts[line.owner]})
    for line in fresh:
        there = parts[line.owner].items()
        parts[line.owner] = {part: many for part, many in there if not _is_before(left[line.owner], known_since, part)}
    return {line.owner: BEFORE_COUNT for line in fresh if not parts[line.owner]}


def _is_before(left: datetime, known_since: Mapping[int, datetime], product_id: int) -> bool:
    since = known_since.get(product_id)
    return since is None or was_gone(left_at=left, counted_at=since)


def _known_since(product_ids: Collection[int]) -> dict[int, datetime]:
    """When the stock of each product was first entered."""
    by_staff = StockMovement.objects.filter(level__product_id__in=product_ids, owner="").order_by()
    return dict(by_staff.values_list("level__product_id").annotate(begun=Min("created_at")))


def counted_since(
    leaving: Iterable[OrderLine],
    wanted: dict[str, dict[Spot, Demand]],
    held: Mapping[str, Demands],
    left: Mapping[str, datetime],
) -> dict[str, Verdict]:
    """Of sales whose parcel is now known to have left, take out of `wanted` what was counted where it was, after that.

    Nobody approves a count of anything that is written between this and the end of the caller's transaction.
    """
    leaving = list(leaving)
    if not leaving:
        return {}
    ledger.hold({spot for by_spot in (*wanted.values(), *held.values()) for spot in by_spot})
    counted = _counted_at({spot for line in leaving for spot in wanted[line.owner]})
    for line in leaving:
        there = wanted[line.owner].items()
        wanted[line.owner] = {
            spot: demand
            for spot, demand in there
            if spot not in counted or not was_gone(left_at=left[line.owner], counted_at=counted[spot])
        }
    return {line.owner: BEFORE_COUNT for line in leaving if not wanted[line.owner]}


def _counted_at(spots: Collection[Spot]) -> dict[Spot, datetime]:
    """When each product was last counted in each warehouse."""
    counts = StockMovement.objects.filter(
        kind=Kind.COUNT,
        level__product_id__in={product_id for product_id, _ in spots},
        level__warehouse_id__in={warehouse_id for _, warehouse_id in spots},
    )
    rows = counts.order_by().values_list("level__product_id", "level__warehouse_id").annotate(at=Max("created_at"))
    return {(product_id, warehouse_id): at for product_id, warehouse_id, at in rows}
