"""One shipment in its two formats."""

from __future__ import annotations

from datetime import datetime

from sandbox import formats
from sandbox.answers import Json
from sandbox.trade import Order, Shipment

HISTORY_KEYS = {
    "handling": "date_handling",
    "ready_to_ship": "date_ready_to_ship",
    "shipped": "date_shipped",
    "delivered": "date_delivered",
    "not_delivered": "date_not_delivered",
    "cancelled": "date_cancelled",
}


def _reached(shipment: Shipment) -> dict[str, datetime]:
    times: dict[str, datetime] = {}
    for status, _, at in shipment.history:
        times.setdefault(status, at)
    return times


def _status_history(shipment: Shipment) -> Json:
    reached = _reached(shipment)
    dates = {key: formats.offset_or_null(reached.get(status)) for status, key in HISTORY_KEYS.items()}
    return dates | {"date_returned": None, "date_first_visit": dates["date_delivered"]}


def _street() -> Json:
    return {
        "address_line": "Calle Falsa 123",
        "street_name": "Calle Falsa",
        "street_number": "123",
        "zip_code": "1414",
        "city": {"id": "TUxBQ0NFTlRSTw", "name": "Centro"},
        "state": {"id": "AR-C", "name": "Capital Federal"},
        "country": {"id": "AR", "name": "Argentina"},
        "latitude": -34.6,
        "longitude": -58.5,
        "node": None,
    }


def _sender(shipment: Shipment) -> Json:
    node = {"node_id": shipment.node_id, "logistic_center_id": None} if shipment.node_id else None
    return _street() | {"id": shipment.seller_id, "node": node}


def _tracking(shipment: Shipment) -> str | None:
    return str(shipment.id) if "shipped" in _reached(shipment) else None


def _option(shipment: Shipment, currency_id: str) -> Json:
    cost = formats.number(shipment.cost)
    return {
        "id": shipment.id + 1,
        "name": "Normal",
        "cost": cost,
        "list_cost": cost,
        "currency_id": currency_id,
        "shipping_method_id": 100009,
        "buffering": {"date": None},
        "delivery_type": "estimated",
        "estimated_delivery_time": {"date": formats.offset(shipment.created_at), "type": "known_frame"},
    }


def _substatus_history(shipment: Shipment) -> list[Json]:
    return [
        {"status": status, "substatus": substatus, "date": formats.offset(at)}
        for status, substatus, at in shipment.history
        if substatus
    ]


def _shipping_item(order: Order) -> Json:
    return {
        "id": order.item_id,
        "description": order.title,
        "quantity": order.quantity,
        "dimensions": "8.0x36.0x38.0,842.0",
        "user_product_id": order.user_product_id,
        "sender_id": order.seller_id,
    }


def old_json(shipment: Shipment, orders: list[Order]) -> Json:
    """What production answers without the header."""
    first = orders[0]
    name = f"{shipment.buyer.first_name} {shipment.buyer.last_name}"
    return {
        "id": shipment.id,
        "mode": shipment.mode,
        "created_by": "receiver",
        "order_id": first.id,
        "order_cost": formats.number(sum((order.total for order in orders), first.total * 0)),
        "base_cost": formats.number(shipment.cost),
        "site_id": shipment.site_id,
        "status": shipment.status,
        "substatus": shipment.substatus,
        "status_history": _status_history(shipment),
        "substatus_history": _substatus_history(shipment),
        "date_created": formats.offset(shipment.created_at),
        "last_updated": formats.offset(shipment.updated_at),
        "date_first_printed": None,
        "tracking_number": _tracking(shipment),
        "tracking_method": "MEL Distribution",
        "service_id": 157861,
        "sender_id": shipment.seller_id,
        "receiver_id": shipment.buyer.id,
        "sender_address": _sender(shipment),
        "receiver_address": _street() | {"receiver_name": name, "receiver_phone": None},
        "shipping_items": [_shipping_item(order) for order in orders],
        "shipping_option": _option(shipment, first.currency_id),
        "comments": None,
        "logistic_type": shipment.logistic_type if shipment.logistic_known else None,
        "type": "forward",
        "market_place": "MELI",
        "tags": [],
        "sibling": shipment.sibling,
        "return_details": None,
        "customer_id": None,
        "quotation": None,
    }


def new_json(shipment: Shipment, orders: list[Order]) -> Json:
    """With `x-format-new: true`: other names, and neither the order nor its items."""
    name = f"{shipment.buyer.first_name} {shipment.buyer.last_name}"
    option = _option(shipment, orders[0].currency_id)
    method = {"id": option.pop("shipping_method_id"), "name": option.pop("name"), "type": "normal"}
    return {
        "id": shipment.id,
        "external_reference": None,
        "status": shipment.status,
        "substatus": shipment.substatus,
        "date_created": formats.offset(shipment.created_at),
        "last_updated": formats.offset(shipment.updated_at),
        "declared_value": formats.number(sum((order.total for order in orders), orders[0].total * 0)),
        "dimensions": {"height": 8, "width": 36, "length": 38, "weight": 842},
        "logistic": {
            "type": shipment.logistic_type if shipment.logistic_known else None,
            "mode": shipment.mode,
            "direction": "forward",
        },
        "source": {"site_id": shipment.site_id, "market_place": "MELI", "application_id": None, "customer_id": None},
        "origin": {
            "sender_id": shipment.seller_id,
            "node": {"node_id": shipment.node_id} if shipment.node_id else None,
            "shipping_address": _sender(shipment),
        },
        "destination": {
            "receiver_id": shipment.buyer.id,
            "receiver_name": name,
            "receiver_phone": None,
            "shipping_address": _street(),
        },
        "lead_time": option | {"shipping_method": method},
        "tracking_number": _tracking(shipment),
        "tracking_method": "MEL Distribution",
        "sibling": shipment.sibling,
        "tags": [],
    }
