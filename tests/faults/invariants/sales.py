"""Orders, and what each line holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.kits import compositions
from inventory import ledger
from orders.models import Order, OrderLine
from tests.faults.invariants.look import Look

SECONDS = len("2026-11-22T10:30:00")  # ML tells times of orders to the second
LEFT_THE_HOUSE = {"shipped", "delivered", "not_delivered"}
CALLED_OFF = {"cancelled", "invalid"}
UNPAID = {"payment_required", "payment_in_process", "partially_paid"}


def no_order_is_lost_or_invented(look: Look) -> Iterator[str]:
    ours = set(Order.objects.values_list("order_id", flat=True))
    if lost := look.orders.keys() - ours:
        yield f"{len(lost)} orders lost: {sorted(lost)[:3]}"
    if invented := ours - look.orders.keys():
        yield f"{len(invented)} orders invented: {sorted(invented)[:3]}"


def orders_are_as_they_are_there(look: Look) -> Iterator[str]:
    for order in Order.objects.prefetch_related("lines", "shipment"):
        there = look.orders.get(order.pk)
        if there is None:
            continue
        sold = sum(line.quantity for line in order.lines.all())
        if (order.status, sold) != (there["status"], there["quantity"]):
            yield f"order {order.pk} is {order.status} of {sold}, there {there['status']} of {there['quantity']}"
        if order.ml_last_updated.isoformat()[:SECONDS] < there["last_updated"][:SECONDS]:
            yield f"order {order.pk} is of {order.ml_last_updated}, there of {there['last_updated']}"
        if order.shipment and order.shipment.status != there["shipment_status"]:
            yield f"the parcel of order {order.pk} is {order.shipment.status}, there {there['shipment_status']}"


def each_line_holds_what_its_sale_says(look: Look) -> Iterator[str]:
    lines = list(OrderLine.objects.filter(product__isnull=False).select_related("order"))
    kits = compositions(line.product_id for line in lines if line.product_id)
    held = ledger.demands_of(line.owner for line in lines)
    for line in lines:
        if line.order_id not in look.orders or line.order.stock_reason == "before_count":
            continue
        of_one = sum(kits.get(line.product_id or 0, {0: 1}).values())
        wanted = should_hold(look.orders[line.order_id], line.quantity * (line.units or 1) * of_one)
        demands = held.get(line.owner, {}).values()
        holds = sum(one.reserved for one in demands), sum(one.shipped for one in demands)
        if holds != wanted:
            yield f"{line.owner} holds and took {holds}, its sale says {wanted}"


def should_hold(order: dict[str, Any], units: int) -> tuple[int, int]:
    """(reserved, shipped) of a sale that is served from our own shelves."""
    if order["logistic_type"] == "fulfillment":
        return 0, 0
    if order["shipment_status"] in LEFT_THE_HOUSE:
        return 0, units
    return (0, 0) if order["status"] in CALLED_OFF | UNPAID else (units, 0)
