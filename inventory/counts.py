"""Stock counts: one person counts; where something differs, another approves, and only then stock changes.

Approved is the difference, not the number: what was sold between counting and approving stays sold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from catalog.models import Product
from inventory import ledger
from inventory.ledger import Change
from inventory.models import CountLine, StockCount, StockLevel, StockMovement, Warehouse
from sellers.points import point

Kind = StockMovement.Kind
State = StockCount.State


class DecidedAlready(Exception):
    """The count was approved or rejected before; `count` says by whom."""

    def __init__(self, count: StockCount) -> None:
        super().__init__(f"count {count.pk} is {count.state}")
        self.count = count


class CorrectedSince(Exception):
    """Products whose stock was counted or adjusted after they were counted here: this count is too old for them."""

    def __init__(self, products: Sequence[Product]) -> None:
        super().__init__(", ".join(product.sku for product in products))
        self.products = list(products)


@transaction.atomic
def enter(
    *, warehouse: Warehouse, counted: Mapping[Product, int], operation: UUID, by: Any, reason: str = ""
) -> tuple[StockCount, bool]:
    """Write down what was counted; the count, and whether it was not entered before. Stock stays as it is.

    A count that finds nothing different needs nobody's approval: it is kept as counted.
    """
    made, fresh = StockCount.objects.get_or_create(
        operation=operation, defaults={"warehouse": warehouse, "counted_by": by, "reason": reason}
    )
    if not fresh:
        return made, False
    levels = {level.product_id: level for level in StockLevel.objects.filter(warehouse=warehouse, product__in=counted)}
    lines = [_line(made, product, units, levels.get(product.pk)) for product, units in counted.items()]
    CountLine.objects.bulk_create(lines)
    if not any(line.difference for line in lines):
        _apply(made, lines, by=by)
    return made, True


def _line(count: StockCount, product: Product, counted: int, level: StockLevel | None) -> CountLine:
    on_hand, seq = (level.on_hand, level.seq) if level else (0, 0)
    return CountLine(count=count, product=product, on_hand=on_hand, seq=seq, counted=counted)


@transaction.atomic
def approve(*, count: StockCount, by: Any) -> StockCount:
    """Add the differences to stock. Raises DecidedAlready, CorrectedSince; nothing changes then."""
    locked = _waiting(count)
    lines = list(locked.lines.select_related("product").order_by("product_id"))
    if corrected := corrected_since(locked):
        raise CorrectedSince(corrected)
    _apply(locked, lines, by=by)
    return locked


@transaction.atomic
def reject(*, count: StockCount, by: Any) -> StockCount:
    """Leave stock as it is. Raises DecidedAlready."""
    locked = _waiting(count)
    _decide(locked, State.REJECTED, by)
    return locked


def corrected_since(count: StockCount) -> list[Product]:
    """Products of the count that were counted or adjusted since. One query."""
    since = Product.objects.filter(
        levels__warehouse=count.warehouse_id,
        levels__movements__kind__in=(Kind.COUNT, Kind.ADJUST),
        levels__movements__seq__gt=F("count_lines__seq"),
        count_lines__count=count,
    )
    return list(since.distinct().order_by("sku"))


def _waiting(count: StockCount) -> StockCount:
    locked = StockCount.objects.select_for_update(of=("self",)).select_related("decided_by").get(pk=count.pk)
    if locked.state != State.WAITING:
        raise DecidedAlready(locked)
    return locked


def _apply(count: StockCount, lines: Sequence[CountLine], *, by: Any) -> None:
    """The movements bear the time of the counting: a parcel that left before it is not taken off once more."""
    changes = [Change(line.product_id, count.warehouse_id, Kind.COUNT, delta=line.difference) for line in lines]
    count.refresh_from_db(fields=["counted_at"])
    ledger.record(changes, operation=f"count:{count.pk}", reason=count.reason[:200], actor=by, at=count.counted_at)
    point("count.booked")
    _decide(count, State.APPROVED, by)


def _decide(count: StockCount, state: str, by: Any) -> None:
    count.state, count.decided_by, count.decided_at = state, by, timezone.now()
    count.save(update_fields=["state", "decided_by", "decided_at"])
