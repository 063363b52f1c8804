"""Goods that came in: many products at once, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from catalog.models import Product
from inventory import ledger
from inventory.ledger import Change
from inventory.models import Receipt, StockMovement, Warehouse
from sellers.points import point


@transaction.atomic
def receive(
    *, warehouse: Warehouse, units: Mapping[Product, int], operation: UUID, by: Any, reference: str = ""
) -> tuple[Receipt, bool]:
    """Add units to a warehouse; the receipt, and whether it was not written before."""
    made, fresh = Receipt.objects.get_or_create(
        operation=operation,
        defaults={
            "warehouse": warehouse,
            "reference": reference,
            "units": sum(units.values()),
            "received_by": by,
        },
    )
    if fresh:
        changes = [
            Change(product.pk, warehouse.pk, StockMovement.Kind.RECEIVE, delta=quantity)
            for product, quantity in units.items()
        ]
        point("receipt.written")
        ledger.record(changes, operation=f"receipt:{made.pk}", reason=reference, actor=by)
    return made, fresh
