"""Mercado Libre's orders and shipments as our rows: the one place where its fields become columns.

Everything here runs in the caller's transaction. Locks are taken in one order: shipment, orders by id, then stock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from inventory import ledger
from mercadolibre import errors
from mercadolibre.fields import dig, sequence, text
from mercadolibre.resources import orders as wire
from mercadolibre.resources.shipments import Shipment as WireShipment
from orders.models import Order, OrderLine, Payment, Shipment
from orders.privacy import without_personal_data
from orders.stock_effects import parcel_has_left
from sellers.models import Notification, SellerAccount


class StaleAnswer(Exception):
    """The answer is older than what is stored: one of ML's replicas lags behind."""


# --- shipments --------------------------------------------------------------------------------------------------------


def save_shipment(account: SellerAccount, fetched: WireShipment) -> Shipment:
    """Store a shipment and lock it. One that is older than what is stored changes nothing."""
    fields = _shipment_fields(fetched)
    stored = Shipment.objects.select_for_update().filter(pk=fetched.id).first()
    if stored is None:
        fresh = Shipment(shipment_id=fetched.id, account=account, left_at=_left_at(fetched), **fields)
        Shipment.objects.bulk_create([fresh], ignore_conflicts=True)
        stored = Shipment.objects.select_for_update().get(pk=fetched.id)
        if stored.fetched_at == fresh.fetched_at:
            return stored
    if _is_older(fetched.last_updated, stored.ml_last_updated):
        Shipment.objects.filter(pk=stored.pk).update(fetched_at=timezone.now())
        return stored
    for name, value in fields.items():
        setattr(stored, name, value)
    stored.left_at = stored.left_at or _left_at(fetched)
    stored.save()
    return stored


def _shipment_fields(fetched: WireShipment) -> dict[str, Any]:
    return {
        "status": fetched.status[:40],
        "substatus": (fetched.substatus or "")[:60],
        "logistic_type": (fetched.logistic_type or "")[:30],
        "mode": (fetched.mode or "")[:30],
        "node_id": (fetched.node_id or "")[:40],
        "tracking_number": (fetched.tracking_number or "")[:100],
        "dispatch_by": fetched.dispatch_limit or fetched.handling_limit,
        "ml_last_updated": fetched.last_updated,
        "fetched_at": timezone.now(),
        "raw": without_personal_data(fetched.raw),
    }


def _left_at(fetched: WireShipment) -> datetime | None:
    """When it left the house: at the latest when ML last touched a shipment that is gone."""
    if fetched.date_shipped is not None:
        return fetched.date_shipped
    gone = parcel_has_left(fetched.status, fetched.substatus or "")
    return (fetched.last_updated or timezone.now()) if gone else None


# --- orders -----------------------------------------------------------------------------------------------------------


def save_order(account: SellerAccount, fetched: wire.Order, shipment: Shipment | None) -> Order:
    """Store an order with its lines and payments, and lock it.

    Raises StaleAnswer where what is stored is newer. The same again is harmless.
    """
    order = Order.objects.select_for_update().filter(pk=fetched.id).first() or Order(pk=fetched.id, account=account)
    is_new = order._state.adding
    if not is_new and _is_stale(order, fetched):
        raise StaleAnswer
    for name, value in _order_fields(fetched).items():
        setattr(order, name, value)
    order.shipment = shipment or known_shipment(account, order.shipping_id)
    order.announced_at = order.announced_at or announced_at(account, fetched.id)
    order.save(force_insert=is_new)
    _save_lines(order, fetched, {} if is_new else {line.position: line for line in order.lines.all()})
    if "payments" not in fetched.missing:
        if not is_new:
            order.payments.exclude(payment_id__in=[payment.id for payment in fetched.payments]).delete()
        _save_payments(order, fetched)
    return order


def known_shipment(account: SellerAccount, shipping_id: int | None) -> Shipment | None:
    return Shipment.objects.filter(pk=shipping_id, account=account).first() if shipping_id else None


def announced_at(account: SellerAccount, order_id: int) -> datetime | None:
    """When the first notification of an order was received."""
    told = Notification.objects.filter(work_kind="order", work_key=str(order_id), ml_user_id=account.ml_user_id)
    received: datetime | None = told.order_by("received_at").values_list("received_at", flat=True).first()
    return received


def _is_stale(stored: Order, fetched: wire.Order) -> bool:
    """Older than what is stored; of the same second, a sale that comes back to life is older too."""
    if stored.ml_last_updated == fetched.last_updated:
        return stored.status == "cancelled" != fetched.status
    return _is_older(fetched.last_updated, stored.ml_last_updated)


def _is_older(fetched: datetime | None, stored: datetime | None) -> bool:
    return fetched is not None and stored is not None and fetched < stored


def _order_fields(fetched: wire.Order) -> dict[str, Any]:
    """Columns of an order. What a partial answer (206) leaves out stays as it is stored."""
    fields = _always(fetched) | _cancellation(fetched.cancel_detail)
    if "buyer" not in fetched.missing:
        fields |= {"buyer_id": fetched.buyer_id, "buyer_nickname": (fetched.buyer_nickname or "")[:100]}
    if "payments" not in fetched.missing:
        fields["paid_amount"] = fetched.approved_total
    if "shipping" not in fetched.missing:
        fields["shipping_id"] = fetched.shipping_id
    return fields


def _always(fetched: wire.Order) -> dict[str, Any]:
    return {
        "pack_id": fetched.pack_id,
        "pack_key": fetched.pack_id or fetched.id,
        "status": fetched.status[:40],
        "status_detail": (fetched.status_detail or "")[:200],
        "tags": [tag[:80] for tag in fetched.tags],
        "date_created": required(fetched.date_created, "date_created", fetched.id),
        "date_closed": fetched.date_closed,
        "ml_last_updated": required(fetched.last_updated, "last_updated", fetched.id),
        "total_amount": fetched.total_amount or Decimal(0),
        "currency_id": (fetched.currency_id or "")[:3],
        "fetched_at": timezone.now(),
        "raw": without_personal_data(fetched.raw),
    }


def _cancellation(detail: wire.CancelDetail | None) -> dict[str, str]:
    return {
        "cancel_group": ((detail and detail.group) or "")[:40],
        "cancel_code": ((detail and detail.code) or "")[:80],
        "cancel_description": ((detail and detail.description) or "")[:300],
        "cancel_requested_by": ((detail and detail.requested_by) or "")[:40],
    }


def required(moment: datetime | None, name: str, order_id: int) -> datetime:
    if moment is None:
        raise errors.BadResponse(f"order {order_id} without {name}", request=f"GET /orders/{order_id}")
    return moment


# --- lines and payments -----------------------------------------------------------------------------------------------


def _save_lines(order: Order, fetched: wire.Order, stored: dict[int, OrderLine]) -> None:
    """Lines keep their position, what they were resolved to and their stock; a line that is gone gives it back."""
    for position, (line, raw) in enumerate(zip(fetched.lines, fetched.raw["order_items"], strict=True)):
        row = stored.pop(position, None) or OrderLine(order=order, position=position)
        for name, value in (_line_fields(line) | {"attributes_text": attributes_text(raw)[:300]}).items():
            setattr(row, name, value)
        row.save()
    if stored:
        ledger.set_demands({line.owner: {} for line in stored.values()})
        order.lines.filter(position__in=stored).delete()


def _line_fields(line: wire.OrderLine) -> dict[str, Any]:
    return {
        "item_id": line.item_id[:30],
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


def _save_payments(order: Order, fetched: wire.Order) -> None:
    rows = {payment.id: _payment(order, payment, fetched.currency_id or "") for payment in fetched.payments}
    Payment.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["order", "payment_id"],
        update_fields=["status", "amount", "total_paid", "currency_id", "method", "date_approved"],
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


def unimported_items(account: SellerAccount, lines: Iterable[OrderLine]) -> list[str]:
    """Item ids of lines whose listing was never imported."""
    missing = [line.item_id for line in lines if line.listing_variation_id is None]
    from_catalog = account.listings.filter(item_id__in=missing).values_list("item_id", flat=True)
    return sorted({*missing} - {*from_catalog})
