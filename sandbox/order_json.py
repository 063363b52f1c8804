"""Orders, as one is read and as the search lists them: the fields are not the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sandbox import formats
from sandbox.answers import Json
from sandbox.payments import payment_json
from sandbox.trade import Order

ONLY_IN_ONE = ("cancel_detail", "related_orders", "buying_mode", "mediations", "internal_tags")
EXPIRES_AFTER = timedelta(days=28)


def order_json(order: Order) -> Json:
    """GET /orders/{id}. Money keeps its .0; only `last_updated`, no `date_last_updated`."""
    return {
        "id": order.id,
        "date_created": formats.offset(order.created_at),
        "last_updated": formats.offset(order.updated_at),
        "date_closed": formats.offset(order.closed_at),
        "pack_id": order.pack_id,
        "fulfilled": True if "delivered" in order.tags else None,
        "buying_mode": "buy_equals_pay",
        "shipping_cost": None,
        "mediations": [],
        "total_amount": formats.amount(order.total),
        "paid_amount": formats.amount(order.paid),
        "order_items": [_line(order)],
        "currency_id": order.currency_id,
        "payments": [payment_json(order, payment) for payment in order.payments],
        "shipping": {"id": order.shipment_id},
        "status": order.status,
        "status_detail": None,
        "tags": list(order.tags),
        "static_tags": [],
        "internal_tags": [],
        "feedback": {"seller": None, "buyer": None},
        "context": {
            "channel": "marketplace",
            "site": order.site_id,
            "flows": ["catalog"] if order.catalog else [],
        },
        "seller": {"id": order.seller_id},
        "buyer": {
            "id": order.buyer.id,
            "nickname": order.buyer.nickname,
            "first_name": order.buyer.first_name,
            "last_name": order.buyer.last_name,
            "billing_info": {"id": order.buyer.billing_info_id},
        },
        "taxes": {"amount": None, "currency_id": None, "id": None},
        "cancel_detail": order.cancel_detail,
        "manufacturing_ending_date": None,
        "order_request": {"change": None, "return": None},
        "related_orders": None,
    }


def _line(order: Order) -> Json:
    return {
        "item": {
            "id": order.item_id,
            "title": order.title,
            "category_id": order.category_id,
            "variation_id": order.variation_id,
            "seller_custom_field": order.seller_custom_field,
            "variation_attributes": order.variation_attributes,
            "warranty": None,
            "condition": "new",
            "seller_sku": order.seller_sku,
            "global_price": None,
            "net_weight": None,
            "user_product_id": order.user_product_id,
            "release_date": None,
            "attributes": [{"id": "ITEM_CONDITION", "values": [{"id": "2230284"}]}],
        },
        "quantity": order.quantity,
        "requested_quantity": {"measure": "unit", "value": order.quantity},
        "picked_quantity": None,
        "unit_price": formats.amount(order.unit_price),
        "full_unit_price": formats.amount(order.full_unit_price),
        "currency_id": order.currency_id,
        "manufacturing_days": None,
        "sale_fee": formats.amount(order.sale_fee),
        "listing_type_id": order.listing_type_id,
        "base_exchange_rate": None,
        "base_currency_id": None,
        "element_id": 1 if order.bundle else None,
        "discounts": None,
        "bundle": order.bundle,
        "compat_id": None,
        "stock": _stock(order),
        "kit_instance_id": None,
        "gross_price": formats.amount(order.full_unit_price * order.quantity),
    }


def _stock(order: Order) -> Any:
    """Which warehouse it leaves from: an object, null, or the list that the documents show."""
    if not order.stock_as_list:
        return order.stock
    place = order.stock or {}
    return [{"store_id": place["store_id"], "network_node_id": place["node_id"]}] if place else []


def search_json(order: Order, nickname: str) -> Json:
    """One result of GET /orders/search: round money, other keys more and less, two times of the last change."""
    body: Json = _round(order_json(order))
    for name in ONLY_IN_ONE:
        body.pop(name)
    line = body["order_items"][0]
    for name in ("discounts", "compat_id", "kit_instance_id"):
        line.pop(name)
    for name in ("user_product_id", "attributes", "release_date"):
        line["item"].pop(name)
    for payment in body["payments"]:
        payment.pop("marketplace_fee")
    return body | {
        "date_last_updated": formats.search(order.indexed_at),
        "expiration_date": formats.offset(order.created_at + EXPIRES_AFTER),
        "date_created_ttl": formats.offset(order.created_at + EXPIRES_AFTER),
        "context": {**body["context"], "product_id": None, "application": None},
        "coupon": {"id": None, "amount": 0},
        "pickup_id": None,
        "comment": None,
        "buyer": {"id": order.buyer.id, "nickname": order.buyer.nickname},
        "seller": {"id": order.seller_id, "nickname": nickname},
    }


def _round(value: Any) -> Any:
    """The search prints 55882 where the order prints 55882.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _round(below) for name, below in value.items()}
    return [_round(below) for below in value] if isinstance(value, list) else value
