"""Full: units in Mercado Libre's own warehouse, to read only, and what happened to them."""

# ruff: noqa: RUF009 - wire() describes a field, as dataclasses.field() does
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mercadolibre.fields import (
    Malformed,
    build,
    dig,
    integer,
    many,
    moment,
    required_integer,
    required_text,
    sequence,
    text,
    wire,
    word,
)


def _held(value: Any) -> tuple[tuple[str, int], ...]:
    found = ((text(dig(one, "status")), integer(dig(one, "quantity"))) for one in sequence(value))
    return tuple((status, quantity) for status, quantity in found if status is not None and quantity is not None)


@dataclass(frozen=True)
class FulfillmentStock:
    """GET /inventories/{id}/stock/fulfillment: units in ML's own warehouse, to read only."""

    inventory_id: str = wire(required_text)
    total: int | None = wire(integer)
    available_quantity: int | None = wire(integer)
    not_available_quantity: int | None = wire(integer)
    not_available_detail: tuple[tuple[str, int], ...] = wire(_held)  # (status, quantity)

    @classmethod
    def from_json(cls, data: Any) -> "FulfillmentStock":
        return build(cls, data)


def _references(value: Any) -> tuple[tuple[str, str], ...]:
    found = ((text(dig(one, "type")), text(dig(one, "value"))) for one in sequence(value))
    return tuple((kind, key) for kind, key in found if kind is not None and key is not None)


@dataclass(frozen=True)
class FulfillmentOperation:
    """Something that happened to units in Full. `type` is INBOUND_RECEPTION, SALE_CONFIRMATION, ADJUSTMENT and others.

    `available_change` and `not_available_change` are what it added or took, `total` and `available_quantity` what was
    there afterwards. `references` are (type, key), for example ("shipment_id", "28312959315").
    """

    id: int = wire(required_integer)
    type: str = wire(word)
    inventory_id: str | None = wire(text)
    seller_id: int | None = wire(integer)
    date_created: datetime | None = wire(moment)
    available_change: int | None = wire(integer, "detail.available_quantity")
    not_available_change: int | None = wire(integer, "detail.not_available_quantity")
    total: int | None = wire(integer, "result.total")
    available_quantity: int | None = wire(integer, "result.available_quantity")
    not_available_detail: tuple[tuple[str, int], ...] = wire(_held, "result.not_available_detail")
    references: tuple[tuple[str, str], ...] = wire(_references, "external_references")

    @classmethod
    def from_json(cls, data: Any) -> "FulfillmentOperation":
        return build(cls, data)


@dataclass(frozen=True)
class FulfillmentOperationPage:
    """GET /stock/fulfillment/operations/search, newest first. `scroll` asks for the next page; None when finished."""

    operations: tuple[FulfillmentOperation, ...] = wire(many(FulfillmentOperation.from_json), "results")
    total: int | None = wire(integer, "paging.total")
    scroll: str | None = wire(text, "paging.scroll")

    @classmethod
    def from_json(cls, data: Any) -> "FulfillmentOperationPage":
        if not isinstance(data, dict) or not isinstance(data.get("results"), list):
            raise Malformed("results: missing")
        page = build(cls, data)
        return page if page.operations else cls(operations=(), total=page.total, scroll=None)
