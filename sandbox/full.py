"""Units in Full: read by inventory, moved only by Mercado Libre, every movement an operation."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox import formats, stock
from sandbox.answers import Answer, Json, Refusal, bad_request, error
from sandbox.global_accounts import acts_for
from sandbox.request import Request, integer
from sandbox.state import Holding, Item, Location, UserProduct, Variation

if TYPE_CHECKING:
    from sandbox.world import World

FIRST_ID = 306_700_000
DEFAULT_DAYS = timedelta(days=15)
DEFAULT_LIMIT = 50
INBOUND, SALE, CANCELLATION, ADJUSTMENT = "INBOUND_RECEPTION", "SALE_CONFIRMATION", "SALE_CANCELATION", "ADJUSTMENT"


@dataclass
class Operation:
    """One movement of units in Full, and what there was after it."""

    id: int
    product_id: str
    type: str
    at: datetime
    available: int
    left: int
    lost: dict[str, int] = field(default_factory=dict)
    lost_in_all: dict[str, int] = field(default_factory=dict)
    order_id: int | None = None


def record(
    world: World, product: UserProduct, kind: str, units: int, *, order_id: int | None = None, lost: str | None = None
) -> None:
    """Write down that units came or went; `lost` says why units are there and cannot be sold."""
    place = product.at("meli_facility")
    gone = {lost: -units} if lost else {}
    operation = Operation(
        FIRST_ID + 7 * len(world.operations),
        product.id,
        kind,
        world.now(),
        units,
        place.quantity if place else 0,
        gone,
        dict(product.not_available),
        order_id,
    )
    world.operations[operation.id] = operation
    world.notify("fbm_stock_operations", f"/stock/fulfillment/operations/{operation.id}", product.seller_id)


def receive(world: World, item: Item, holding: Holding, units: int) -> None:
    """A delivery of the seller's arrives. The first one puts the listing into Full."""
    product = world.user_products[holding.user_product_id]
    place = product.at("meli_facility") or Location("meli_facility", 0)
    for other in (world.items[item_id] for item_id in sorted(product.item_ids)):
        _enter(world, other, product)
    stock.write_locations(world, product, [(place, place.quantity + units)])
    record(world, product, INBOUND, units)


def _enter(world: World, item: Item, product: UserProduct) -> None:
    item.logistic_type = "fulfillment"
    for holding in item.holdings:
        if holding.user_product_id == product.id and holding.inventory_id is None:
            holding.inventory_id = world.ids.inventory()
            world.inventories[holding.inventory_id] = product.id


def lose(world: World, holding: Holding, units: int, status: str) -> None:
    """Units in Full that cannot be sold any more: `lost`, `damaged`, `withdrawal` …"""
    product = world.user_products[holding.user_product_id]
    place = product.at("meli_facility")
    if place is None or place.quantity < units:
        raise ValueError(f"{product.id} has not {units} units in Full")
    stock.write_locations(world, product, [(place, place.quantity - units)])
    product.not_available[status] = product.not_available.get(status, 0) + units
    record(world, product, ADJUSTMENT, -units, lost=status)


def _owned(world: World, request: Request, inventory_id: str) -> UserProduct:
    product = world.user_products.get(world.inventories.get(inventory_id, ""))
    if product is None:
        raise Refusal(error(404, "seller_product_not_found", f"Inventory not found with id: {inventory_id}"))
    if product.seller_id != request.caller_id:
        words = f"User {request.caller_id} cannot access to seller_product {inventory_id}"
        raise Refusal(error(403, "forbidden", words))
    return product


def get_stock(world: World, request: Request, inventory_id: str) -> Answer:
    product = _owned(world, request, inventory_id)
    place = product.at("meli_facility")
    body = {"inventory_id": inventory_id, **_units(place.quantity if place else 0, product.not_available)}
    return Answer(body=body | {"external_references": _listings(world, product)})


def _units(available: int, not_available: dict[str, int]) -> Json:
    gone = sum(not_available.values())
    detail = [{"status": status, "quantity": units} for status, units in not_available.items()]
    return {
        "total": available + gone,
        "available_quantity": available,
        "not_available_quantity": gone,
        "not_available_detail": detail,
    }


def _listings(world: World, product: UserProduct) -> list[Json]:
    return [
        {"type": "item", "id": item_id, "variation_id": holding.id if isinstance(holding, Variation) else None}
        for item_id in sorted(product.item_ids)
        for holding in world.items[item_id].holdings
        if holding.user_product_id == product.id
    ]


def get_operations(world: World, request: Request) -> Answer:
    """GET /stock/fulfillment/operations/search: newest first, the last 15 days unless dates are given."""
    query = request.query
    if query.get("seller_id", str(request.caller_id)) != str(request.caller_id):
        raise Refusal(error(403, "forbidden", "The caller is not authorized to access this resource"))
    asked = [one for one in query.get("inventory_id", "").split(",") if one]
    if not asked:
        raise bad_request("The field inventory_id has an invalid value", "validation_error")
    names = {_owned(world, request, inventory_id).id: inventory_id for inventory_id in asked}
    found = [one for one in reversed(world.operations.values()) if one.product_id in names and _fits(world, one, query)]
    start, limit = _start(query.get("scroll")), integer(query.get("limit"), DEFAULT_LIMIT)
    end = start + limit
    empty: Json = {"filters": [], "available_filters": [], "available_sort": [], "sort": [], "available_sorts": []}
    scroll = base64.b64encode(str(end).encode()).decode() if end < len(found) else ""
    results = [_operation_json(world, one, names[one.product_id]) for one in found[start:end]]
    return Answer(body={"paging": {"total": len(found), "scroll": scroll}, "results": results, **empty})


def _start(scroll: str | None) -> int:
    try:
        return int(base64.b64decode(scroll or "MA=="))
    except ValueError as problem:
        raise bad_request("The field scroll has an invalid value", "validation_error") from problem


def _fits(world: World, operation: Operation, query: dict[str, str]) -> bool:
    day = f"{operation.at:%Y-%m-%d}"
    earliest = query.get("date_from") or f"{world.now() - DEFAULT_DAYS:%Y-%m-%d}"
    shipment = query.get("external_references.shipment_id")
    return (
        earliest <= day <= query.get("date_to", "9999")
        and query.get("type", operation.type).upper() == operation.type
        and shipment in (None, _shipment_id(world, operation))
    )


def _shipment_id(world: World, operation: Operation) -> str | None:
    order = world.orders.get(operation.order_id or 0)
    return str(order.shipment_id) if order and order.shipment_id else None


def _operation_json(world: World, operation: Operation, inventory_id: str) -> Json:
    shipment_id = _shipment_id(world, operation)
    lost = [{"status": status, "quantity": units} for status, units in operation.lost.items()]
    detail: Json = {"available_quantity": operation.available, "not_available_detail": lost}
    if lost:
        detail["not_available_quantity"] = sum(operation.lost.values())
    return {
        "id": operation.id,
        "seller_id": world.user_products[operation.product_id].seller_id,
        "inventory_id": inventory_id,
        "date_created": formats.seconds(operation.at),
        "type": operation.type,
        "detail": detail,
        "result": _units(operation.left, operation.lost_in_all),
        "external_references": [{"type": "shipment_id", "value": shipment_id}] if shipment_id else [],
    }


def get_operation(world: World, request: Request, operation_id: str) -> Answer:
    """What a notification of topic fbm_stock_operations points to."""
    operation = world.operations.get(int(operation_id))
    if operation is None:
        raise Refusal(error(404, "not_found", f"Operation not found with id: {operation_id}"))
    if not acts_for(world, request.caller_id, world.user_products[operation.product_id].seller_id):
        raise Refusal(error(403, "forbidden", "The caller is not authorized to access this resource"))
    name = next(name for name, product_id in world.inventories.items() if product_id == operation.product_id)
    return Answer(body=_operation_json(world, operation, name))
