"""Parcels: made after the sale, then shipped, delivered, returned or cancelled."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox import stock
from sandbox.trade import Order, Shipment

if TYPE_CHECKING:
    from sandbox.world import World

NO_SHIPPING = "no_shipping"
OWN_WAYS = ("default", "custom", "not_specified")


class NoParcel(ValueError):
    """The order is not sent by Mercado Libre, or its parcel is not there yet."""


def send_off(world: World, orders: list[Order], logistic_type: str, node_id: str | None) -> None:
    """Make the parcel of a sale; orders show it after the world's delay."""
    if logistic_type == NO_SHIPPING:
        for order in orders:
            order.tags.append("no_shipping")
        return
    shipment = _new_shipment(world, orders, logistic_type, node_id)
    world.later(world.shipping_visible_after, lambda: _appear(world, shipment))


def _new_shipment(world: World, orders: list[Order], logistic_type: str, node_id: str | None) -> Shipment:
    now, first = world.now(), orders[0]
    shipment = Shipment(
        id=world.ids.number("shipment"),
        seller_id=first.seller_id,
        site_id=first.site_id,
        order_ids=[order.id for order in orders],
        logistic_type=logistic_type,
        buyer=first.buyer,
        created_at=now,
        updated_at=now,
        mode="me1" if logistic_type in OWN_WAYS else "me2",
        cost=sum((order.shipping_cost for order in orders), Decimal(0)),
        node_id=node_id,
    )
    if any(order.status != "paid" for order in orders):
        shipment.status, shipment.substatus = "pending", "shipment_paid"
    shipment.history.append((shipment.status, shipment.substatus, now))
    return shipment


def _appear(world: World, shipment: Shipment) -> None:
    world.shipments[shipment.id] = shipment
    shipment.logistic_known = world.logistic_type_known_after <= 0
    if not shipment.logistic_known:
        world.later(world.logistic_type_known_after, lambda: _make_known(world, shipment))
    for order in (world.orders[order_id] for order_id in shipment.order_ids):
        order.remember()
        order.shipment_id = shipment.id
        order.updated_at = order.indexed_at = world.now()
        if order.pack_id is not None:
            world.packs[order.pack_id].shipment_id = shipment.id
        world.notify("orders_v2", f"/orders/{order.id}", order.seller_id)
    if all(world.orders[order_id].status == "cancelled" for order_id in shipment.order_ids):
        shipment.status, shipment.substatus = "cancelled", None
    world.notify("shipments", f"/shipments/{shipment.id}", shipment.seller_id)


def _make_known(world: World, shipment: Shipment) -> None:
    shipment.remember()
    shipment.logistic_known, shipment.updated_at = True, world.now()
    world.notify("shipments", f"/shipments/{shipment.id}", shipment.seller_id)


def change_logistic_type(world: World, order_id: int, logistic_type: str) -> Shipment:
    """ML sends a parcel another way: its units come from another place, and those of the first one go back."""
    shipment = parcel_of(world, order_id)
    if shipment.status not in ("ready_to_ship", "handling", "pending"):
        raise NoParcel(f"the parcel of order {order_id} is {shipment.status}")
    shipment.remember()
    shipment.logistic_type, shipment.updated_at = logistic_type, world.now()
    shipment.mode = "me1" if logistic_type in OWN_WAYS else "me2"
    for order in (world.orders[other] for other in shipment.order_ids):
        order.indexed_at = shipment.updated_at
        if order.status != "cancelled":
            _take_elsewhere(world, shipment, order)
    world.notify("shipments", f"/shipments/{shipment.id}", shipment.seller_id)
    return shipment


def _take_elsewhere(world: World, shipment: Shipment, order: Order) -> None:
    product = world.user_products[order.user_product_id]
    before = product.at(*order.taken_from)
    place = stock.place_of_sale(product, shipment.logistic_type, None, order.quantity)
    shipment.node_id = place.network_node_id
    if before is None or place is before:
        return
    moved = [(before, before.quantity + order.quantity), (place, max(0, place.quantity - order.quantity))]
    stock.write_locations(world, product, moved)
    order.remember()
    order.taken_from = (place.type, place.store_id)
    order.stock = {"store_id": place.store_id, "node_id": place.network_node_id} if place.store_id else None


def parcel_of(world: World, order_id: int) -> Shipment:
    shipment = world.shipments.get(world.orders[order_id].shipment_id or 0)
    if shipment is None:
        raise NoParcel(f"order {order_id} has no parcel")
    return shipment


def move(world: World, shipment: Shipment, status: str, substatus: str | None) -> None:
    """A new status. The orders' own `last_updated` does not move, only the search's `date_last_updated`."""
    shipment.remember()
    shipment.status, shipment.substatus = status, substatus
    shipment.updated_at = world.now()
    shipment.history.append((status, substatus, shipment.updated_at))
    for order_id in shipment.order_ids:
        world.orders[order_id].indexed_at = shipment.updated_at
    world.notify("shipments", f"/shipments/{shipment.id}", shipment.seller_id)


def ship(world: World, order_id: int) -> Shipment:
    shipment = parcel_of(world, order_id)
    if shipment.status not in ("ready_to_ship", "handling", "pending"):
        raise NoParcel(f"the parcel of order {order_id} is {shipment.status}")
    move(world, shipment, "shipped", "out_for_delivery" if shipment.logistic_type == "self_service" else None)
    return shipment


def deliver(world: World, order_id: int) -> Shipment:
    """Arrived. A parcel that was not yet under way is shipped first."""
    shipment = parcel_of(world, order_id)
    if shipment.status != "shipped":
        ship(world, order_id)
    move(world, shipment, "delivered", None)
    for order in (world.orders[other] for other in shipment.order_ids):
        order.remember()
        order.tags = ["delivered" if tag == "not_delivered" else tag for tag in order.tags]
        order.updated_at = order.indexed_at = world.now()
        world.notify("orders_v2", f"/orders/{order.id}", order.seller_id)
    return shipment


def come_back(world: World, order_id: int) -> Shipment:
    shipment = parcel_of(world, order_id)
    move(world, shipment, "not_delivered", "returning_to_sender")
    return shipment
