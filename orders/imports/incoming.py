"""Mercado Libre's orders and shipments as our rows: here, and for their lines and payments in `incoming_parts`, its
fields become columns.

Everything here runs in the caller's transaction. Locks are taken in one order: shipment, orders by id, then stock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Min, Model

from mercadolibre import errors
from mercadolibre.resources import orders as wire
from mercadolibre.resources.shipments import Shipment as WireShipment
from orders.imports.incoming_parts import save_lines, save_payments
from orders.models import Order, Shipment
from orders.privacy import without_personal_data
from orders.stock_effects import parcel_has_left
from sellers import clock
from sellers.models import Notification, SellerAccount

# What ML says; the rest of a row is ours.
SHIPMENT_FIELDS = [
    *("status", "substatus", "logistic_type", "mode", "node_id", "tracking_number", "dispatch_by", "left_at"),
    *("ml_last_updated", "fetched_at", "raw"),
]
ORDER_FIELDS = [
    *("pack_id", "pack_key", "status", "status_detail", "tags", "date_created", "date_closed", "ml_last_updated"),
    *("total_amount", "paid_amount", "currency_id", "buyer_id", "buyer_nickname", "shipping_id", "shipment"),
    *("cancel_group", "cancel_code", "cancel_description", "cancel_requested_by", "announced_at", "fetched_at", "raw"),
]


class StaleAnswer(Exception):
    """The answer is older than what is stored: one of ML's replicas lags behind."""


# --- shipments --------------------------------------------------------------------------------------------------------


def save_shipments(
    account: SellerAccount, fetched: Iterable[WireShipment], *, asked_at: datetime
) -> dict[int, Shipment]:
    """Store shipments and lock them, by id. One that is older than what is stored changes nothing but its time."""
    by_id: dict[int, WireShipment] = {}
    for one in fetched:  # those of a pack come with each of its orders
        if one.id not in by_id or not _is_older(one.last_updated, by_id[one.id].last_updated):
            by_id[one.id] = one
    stored = _locked_shipments(by_id)
    if missing := by_id.keys() - stored.keys():
        fresh = [Shipment(shipment_id=pk, account=account) for pk in sorted(missing)]
        Shipment.objects.bulk_create(fresh, ignore_conflicts=True)
        stored = _locked_shipments(by_id)
    for pk, shipment in stored.items():
        shipment.fetched_at = asked_at
        _update_shipment(shipment, by_id[pk])
    _upsert(Shipment, stored.values(), SHIPMENT_FIELDS)
    return stored


def _locked_shipments(ids: Iterable[int]) -> dict[int, Shipment]:
    locked = Shipment.objects.filter(pk__in=list(ids)).order_by("pk").select_for_update()
    return {shipment.pk: shipment for shipment in locked}


def _update_shipment(shipment: Shipment, fetched: WireShipment) -> None:
    if _is_older(fetched.last_updated, shipment.ml_last_updated):
        return
    for name, value in _shipment_fields(fetched).items():
        setattr(shipment, name, value)
    shipment.left_at = shipment.left_at or _left_at(fetched)


def _upsert(model: type[Model], rows: Iterable[Model], fields: Sequence[str]) -> None:
    """Write `fields` of rows by their primary key, inserting those that are new."""
    rows = list(rows)
    if rows:
        key = model._meta.pk.attname
        model._default_manager.bulk_create(rows, update_conflicts=True, unique_fields=[key], update_fields=fields)


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
        "raw": without_personal_data(fetched.raw),
    }


def _left_at(fetched: WireShipment) -> datetime | None:
    """When it left the house: at the latest when ML last touched a shipment that is gone."""
    if fetched.date_shipped is not None:
        return fetched.date_shipped
    gone = parcel_has_left(fetched.status, fetched.substatus or "")
    return (fetched.last_updated or clock.now()) if gone else None


# --- orders -----------------------------------------------------------------------------------------------------------


def save_orders(
    account: SellerAccount, fetched: Iterable[wire.Order], shipments: Mapping[int, Shipment], *, asked_at: datetime
) -> list[Order]:
    """Store orders with their lines and payments, and lock them by id.

    `shipments` are those that were fetched with them, `asked_at` is when the first of them was asked for. Raises
    StaleAnswer where what is stored is newer. The same again is harmless.
    """
    by_id = {one.id: one for one in sorted(fetched, key=lambda one: one.id)}
    known = {order.pk: order for order in Order.objects.filter(pk__in=by_id).order_by("pk").select_for_update()}
    if any(is_stale(known.get(pk), one) for pk, one in by_id.items()):
        raise StaleAnswer
    orders = [known.get(pk) or Order(pk=pk, account=account) for pk in by_id]
    for order in orders:
        for name, value in {**_order_fields(by_id[order.pk]), "fetched_at": asked_at}.items():
            setattr(order, name, value)
    _link_shipments(account, orders, shipments)
    announced = announced_at(account, [order.pk for order in orders if order.announced_at is None])
    for order in orders:
        order.announced_at = order.announced_at or announced.get(order.pk)
    _upsert(Order, orders, ORDER_FIELDS)
    save_lines(orders, by_id, known)
    save_payments([(order, by_id[order.pk]) for order in orders if "payments" not in by_id[order.pk].missing], known)
    return orders


def _link_shipments(account: SellerAccount, orders: Iterable[Order], shipments: Mapping[int, Shipment]) -> None:
    """Give orders the shipment that they name, where it is known."""
    named = {order.shipping_id for order in orders if order.shipping_id} - shipments.keys()
    stored = {one.pk: one for one in Shipment.objects.filter(pk__in=named, account=account)} if named else {}
    for order in orders:
        order.shipment = shipments.get(order.shipping_id or 0) or stored.get(order.shipping_id or 0)


def announced_at(account: SellerAccount, order_ids: Sequence[int]) -> dict[int, datetime]:
    """When the first notification of each order was received."""
    if not order_ids:
        return {}
    told = Notification.objects.filter(
        work_kind="order", work_key__in=[str(pk) for pk in order_ids], ml_user_id=account.ml_user_id
    )
    first = told.order_by().values_list("work_key").annotate(first=Min("received_at"))
    return {int(key): received_at for key, received_at in first}


def is_stale(stored: Order | None, fetched: wire.Order) -> bool:
    """Older than what is stored; of the same second, a sale that comes back to life is older too."""
    if stored is None:
        return False
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
        "raw": without_personal_data(fetched.raw),
    }


def _cancellation(detail: wire.CancelDetail | None) -> dict[str, str]:
    return {
        "cancel_group": ((detail and detail.group) or "")[:40],
        "cancel_code": ((detail and detail.code) or "")[:80],
        "cancel_description": ((detail and detail.description) or "")[:300],
        "cancel_requested_by": ((detail and detail.requested_by) or "")[:40],
    }


def check_whole(fetched: wire.Order) -> None:
    """Raises BadResponse for an order without the dates that everything hangs on."""
    required(fetched.date_created, "date_created", fetched.id)
    required(fetched.last_updated, "last_updated", fetched.id)


def required(moment: datetime | None, name: str, order_id: int) -> datetime:
    if moment is None:
        raise errors.BadResponse(f"order {order_id} without {name}", request=f"GET /orders/{order_id}")
    return moment


def unimported(account: SellerAccount, item_ids: Collection[str]) -> list[str]:
    """Of these item ids, those whose listing was never imported."""
    known = account.listings.filter(item_id__in=item_ids).values_list("item_id", flat=True)
    return sorted({*item_ids} - {*known})
