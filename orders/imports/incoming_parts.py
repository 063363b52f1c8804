"""What an order consists of: its lines and payments as our rows, in the transaction that stores the order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from inventory import ledger
from mercadolibre.fields import dig, sequence, text
from mercadolibre.resources import orders as wire
from orders.models import Order, OrderLine, Payment

LINE_FIELDS = [
    *("item_id", "variation_id", "user_product_id", "title", "attributes_text", "seller_sku", "quantity"),
    *("unit_price", "sale_fee", "store_id", "node_id", "parent_item_id", "exchange_rate", "exchange_currency_id"),
]
PAYMENT_FIELDS = ["status", "amount", "total_paid", "currency_id", "method", "date_approved"]


def save_lines(orders: Iterable[Order], fetched: Mapping[int, wire.Order], known: Mapping[int, Order]) -> None:
    """Lines keep their position, what they were resolved to and their stock; a line that is gone gives it back."""
    rows = [line for order in orders for line in _lines(order, fetched[order.pk])]
    kept = {(line.order_id, line.position) for line in rows}
    stored = OrderLine.objects.filter(order__in=known.values()) if known else ()
    if gone := [line for line in stored if (line.order_id, line.position) not in kept]:
        ledger.set_demands({line.owner: {} for line in gone})
        OrderLine.objects.filter(pk__in=[line.pk for line in gone]).delete()
    OrderLine.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["order", "position"], update_fields=LINE_FIELDS
    )


def _lines(order: Order, fetched: wire.Order) -> Iterator[OrderLine]:
    for position, (line, raw) in enumerate(zip(fetched.lines, fetched.raw["order_items"], strict=True)):
        text_of_attributes = attributes_text(raw)[:300]
        yield OrderLine(order=order, position=position, attributes_text=text_of_attributes, **_line_fields(line))


def _line_fields(line: wire.OrderLine) -> dict[str, Any]:
    return {
        "item_id": line.item_id[:30],
        "parent_item_id": (line.parent_item_id or "")[:30],
        "exchange_rate": line.base_exchange_rate,
        "exchange_currency_id": (line.base_currency_id or "")[:3],
        "variation_id": line.variation_id or 0,
        "user_product_id": (line.user_product_id or "")[:30],
        "title": line.title[:300],
        "seller_sku": (line.seller_sku or line.seller_custom_field or "")[:150],
        "quantity": line.quantity,
        "unit_price": line.unit_price or Decimal(0),
        "sale_fee": line.sale_fee,
        "store_id": (line.store_id or "")[:40],
        "node_id": (line.node_id or "")[:40],
    }


def attributes_text(raw_line: Any) -> str:
    """What tells a variation from its siblings: "Color: Rojo · Talle: M"."""
    found = sequence(dig(raw_line, "item.variation_attributes"))
    pairs = ((text(dig(one, "name")), text(dig(one, "value_name"))) for one in found)
    return " · ".join(f"{name}: {value}" for name, value in pairs if name and value)


def save_payments(orders: Sequence[tuple[Order, wire.Order]], known: Mapping[int, Order]) -> None:
    rows = {
        (order.pk, payment.id): _payment(order, payment, fetched.currency_id or "")
        for order, fetched in orders
        for payment in fetched.payments
    }
    of_known = [order for order, _ in orders if order.pk in known]
    stored = Payment.objects.filter(order__in=of_known).values_list("pk", "order_id", "payment_id") if of_known else ()
    if gone := [pk for pk, *key in stored if tuple(key) not in rows]:
        Payment.objects.filter(pk__in=gone).delete()
    Payment.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["order", "payment_id"], update_fields=PAYMENT_FIELDS
    )


def _payment(order: Order, payment: wire.Payment, currency_id: str) -> Payment:
    return Payment(
        order=order,
        payment_id=payment.id,
        status=payment.status[:30],
        amount=payment.transaction_amount or Decimal(0),
        total_paid=payment.total_paid_amount,
        currency_id=(payment.currency_id or currency_id)[:3],
        method=(payment.payment_method_id or "")[:40],
        date_approved=payment.date_approved,
    )
