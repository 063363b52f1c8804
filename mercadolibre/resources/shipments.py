"""Shipments, in the old and the new format, and their links to orders."""

# ruff: noqa: RUF009 - wire() describes a field, as dataclasses.field() does
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mercadolibre.fields import (
    Malformed,
    build,
    dig,
    integer,
    mapping,
    moment,
    required_integer,
    text,
    texts,
    wire,
    word,
)


def _node(value: Any) -> str | None:
    return text(value) or text(dig(value, "node_id")) or text(dig(value, "id"))


@dataclass(frozen=True)
class Shipment:
    """GET /shipments/{id}, with `x-format-new: true` or without: ML answers either way in either format.

    `logistic_type` says whose warehouse the sale leaves from ("fulfillment" is ML's). `order_id` is None in the new
    format. `handling_limit` is until when it must be ready, `dispatch_limit` until when it must be handed over,
    `buffering_date` when its label appears; each None where ML does not say.
    """

    id: int = wire(required_integer)
    status: str = wire(word)
    substatus: str | None = wire(text)
    logistic_type: str | None = wire(text, ("logistic.type", "logistic_type"))
    mode: str | None = wire(text, ("logistic.mode", "mode"))
    direction: str | None = wire(text, ("logistic.direction", "type"))
    order_id: int | None = wire(integer)
    pack_id: int | None = wire(integer)
    sender_id: int | None = wire(integer, ("origin.sender_id", "sender_id"))
    site_id: str | None = wire(text, ("source.site_id", "site_id"))
    node_id: str | None = wire(_node, ("origin.node", "origin.shipping_address.node", "sender_address.node"))
    tracking_number: str | None = wire(text)
    tags: tuple[str, ...] = wire(texts)
    date_created: datetime | None = wire(moment)
    last_updated: datetime | None = wire(moment)
    date_shipped: datetime | None = wire(moment, "status_history.date_shipped")
    date_delivered: datetime | None = wire(moment, "status_history.date_delivered")
    handling_limit: datetime | None = wire(
        moment, ("lead_time.estimated_handling_limit.date", "shipping_option.estimated_handling_limit.date")
    )
    dispatch_limit: datetime | None = wire(
        moment, ("lead_time.estimated_schedule_limit.date", "shipping_option.estimated_schedule_limit.date")
    )
    buffering_date: datetime | None = wire(moment, ("lead_time.buffering.date", "shipping_option.buffering.date"))
    raw: dict[str, Any] = wire(mapping, "")

    @classmethod
    def from_json(cls, data: Any) -> "Shipment":
        return build(cls, data)

    @property
    def is_full(self) -> bool:
        """Leaves from ML's own warehouse and takes nothing from ours."""
        return self.logistic_type == "fulfillment"


@dataclass(frozen=True)
class ShipmentLink:
    """One of an order's shipments. `type` is forward, return or return_to_buyer; the sale is not always the first."""

    id: int = wire(required_integer)
    type: str = wire(word)

    @classmethod
    def from_json(cls, data: Any) -> "ShipmentLink":
        return build(cls, data)


@dataclass(frozen=True)
class ShipmentOrder:
    """What a shipment holds of an order. `order_id` may be one that took the place of the order we knew; all else is
    None where ML names the orders alone.
    """

    order_id: int = wire(required_integer, ("order_id", "id"))
    pack_id: int | None = wire(integer)
    item_id: str | None = wire(text)
    variation_id: int | None = wire(integer)
    user_product_id: str | None = wire(text)
    seller_id: int | None = wire(integer)
    quantity: int | None = wire(integer, ("requested_quantity", "quantity"))

    @classmethod
    def from_json(cls, data: Any) -> "ShipmentOrder":
        return build(cls, data)


def shipment_orders(data: Any) -> tuple[ShipmentOrder, ...]:
    """GET /shipments/{id}/orders: a list; nothing at all while ML has none to show (204)."""
    if not isinstance(data, list | None):
        raise Malformed("orders: not a list")
    return tuple(ShipmentOrder.from_json(one) for one in data or [])


def shipment_links(data: Any) -> tuple[ShipmentLink, ...] | None:
    """GET /orders/{id}/shipments: a list or one object; None while ML has nothing yet (204)."""
    if data is None:
        return None
    if not isinstance(data, dict | list):
        raise Malformed("shipments: neither list nor object")
    return tuple(ShipmentLink.from_json(one) for one in (data if isinstance(data, list) else [data]))
