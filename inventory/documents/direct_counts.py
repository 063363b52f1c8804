"""Counts that are booked at once: one product's, and those of a spreadsheet, by the rule of all counts.

Where more than a fifth of the units differ somebody else approves first, as long as there is somebody else: then a
count is made that waits, and stock stays as it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from catalog.models import Product
from inventory import ledger
from inventory.documents import counts
from inventory.documents.count_rules import Approval
from inventory.ledger_changes import StaleLevel
from inventory.models import StockCount, StockLevel, StockMovement, Warehouse

State = StockCount.State


class NeedsPerson(Exception):
    """The differences are large: somebody has to say that they counted, and somebody else approves it."""


def waits(*, product: Product, warehouse: Warehouse, counted: int, by: Any) -> bool:
    """Whether a count of one product would wait for somebody's approval."""
    lines = counts.lines_of(warehouse, {product: counted})
    return counts.asked_of(lines, own=True, by=by) is not Approval.YES


@transaction.atomic
def count_one(
    *,
    product: Product,
    warehouse: Warehouse,
    counted: int,
    operation: UUID,
    by: Any,
    reason: str = "",
    seen_seq: int | None = None,
) -> StockCount | bool:
    """Set on hand to what was counted; the count that waits instead, or False where this `operation` was done before.

    Raises StaleLevel where `seen_seq` is given and the level moved on.
    """
    booked = f"form:{operation}"
    if StockMovement.objects.filter(operation=booked).exists():
        return False
    ledger.hold([(product.pk, warehouse.pk)])
    if entered := StockCount.objects.filter(operation=operation).first():
        return entered if entered.state == State.WAITING else False
    if not waits(product=product, warehouse=warehouse, counted=counted, by=by):
        booking: dict[str, Any] = {"reason": reason, "actor": by, "seen_seq": seen_seq, "operation": booked}
        return ledger.count(product=product, warehouse=warehouse, counted=counted, **booking)
    level = StockLevel.objects.get(product=product, warehouse=warehouse)
    if seen_seq is not None and level.seq != seen_seq:
        raise StaleLevel(level)
    made, _fresh = counts.enter(
        warehouse=warehouse, counted={product: counted}, operation=operation, by=by, reason=reason
    )
    return made


@transaction.atomic
def count_many(*, warehouse: Warehouse, counted: Mapping[int, int], by: Any, reason: str = "") -> StockCount | int:
    """Write the counts that differ, units by product id, as one change. How many differed, or the count that waits.

    Repeating is harmless. Raises NeedsPerson where the differences are large and nobody is said to have counted.
    """
    products = Product.objects.in_bulk(counted)
    ledger.hold([(pk, warehouse.pk) for pk in counted])
    lines = counts.lines_of(warehouse, {products[pk]: units for pk, units in counted.items()})
    differing = {line.product: line.counted for line in lines if line.difference or not line.seq}
    if counts.is_large(lines):
        if by is None:
            raise NeedsPerson
        if counts.asked_of(lines, own=True, by=by) is not Approval.YES:
            return _entered(warehouse, differing, by, reason)
    if differing:
        places = {(product.pk, warehouse.pk): units for product, units in differing.items()}
        ledger.count_many(counts=places, operation=f"import:{uuid.uuid4()}", reason=reason[:200], actor=by)
    return len(differing)


def _entered(warehouse: Warehouse, differing: Mapping[Product, int], by: Any, reason: str) -> StockCount:
    """A count that waits; the one that says the same already, where the file is read again."""
    said = {product.pk: units for product, units in differing.items()}
    for count in StockCount.objects.filter(
        warehouse=warehouse, state=State.WAITING, counted_by=by, reason=reason[:200]
    ):
        if dict(count.lines.values_list("product_id", "counted")) == said:
            return count
    made, _fresh = counts.enter(
        warehouse=warehouse, counted=differing, operation=uuid.uuid4(), by=by, reason=reason[:200]
    )
    return made
