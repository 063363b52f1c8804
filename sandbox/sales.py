"""What buyers do: buy, pay, cancel."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox import formats, full, shipping, stock
from sandbox.answers import Json
from sandbox.buyers import new_buyer
from sandbox.payments import payments_for, refund, shipping_cost_for
from sandbox.state import Holding, Item, Location, Variation
from sandbox.trade import Buyer, Order

if TYPE_CHECKING:
    from sandbox.world import World

FEE = Decimal("0.155")


class NotForSale(ValueError):
    """The listing is not active, or has fewer units than were to be bought."""


def sell(
    world: World,
    item_id: str,
    quantity: int,
    variation_id: int | None,
    *,
    logistic_type: str | None = None,
    order_id: int | None = None,
    store_id: str | None = None,
    status: str = "paid",
    oversell: bool = False,
    pack_id: int | None = None,
    buyer: Buyer | None = None,
    parcel: bool = True,
    bundle: Json | None = None,
    unit_price: Decimal | None = None,
) -> Order:
    """Buy `quantity` units. `logistic_type` is the listing's own unless given; `no_shipping` makes no shipment.

    `oversell` buys what the listing no longer offers, as two buyers in the same instant do. Raises NotForSale,
    KeyError for a variation or an item that is not there, ValueError for an order id in use.
    """
    item = world.items[item_id]
    if not item.variations:
        variation_id = None
    holding = item.holding(variation_id)
    if order_id is not None and order_id in world.orders:
        raise ValueError(f"order {order_id} is already there")
    check_for_sale(item, holding, quantity, oversell)
    if item.site_id == "CBT":
        raise NotForSale(f"{item_id} is a parent: buyers see its marketplace listings")
    product = world.user_products[holding.user_product_id]
    if product.components:
        raise ValueError(f"{item_id} is a kit: its components are sold")
    logistic_type = logistic_type or stock.way_of_sale(item, product, quantity)
    place = stock.place_of_sale(product, logistic_type, store_id, quantity)
    order = _new_order(world, item, holding, quantity, order_id, buyer or new_buyer(world))
    order.pack_id, order.bundle = pack_id, bundle
    order.stock_as_list = world.order_stock_as_list
    if unit_price is not None:
        order.unit_price = order.full_unit_price = unit_price
    order.stock, order.taken_from = stock_of(place), (place.type, place.store_id)
    settle(world, order, status)
    world.orders[order.id] = order
    world.orders_of[order.seller_id].append(order.id)
    stock.take(world, item, holding, quantity, place)
    if place.type == "meli_facility":
        full.record(world, product, full.SALE, -quantity, order_id=order.id)
    world.stock_history.append(
        {"at": order.created_at, "order_id": order.id, "item_id": item.id, "quantity": -quantity}
    )
    announce_new(world, order)
    if parcel:
        shipping.send_off(world, [order], logistic_type, place.network_node_id)
    return order


def check_for_sale(item: Item, holding: Holding, quantity: int, oversell: bool) -> None:
    if quantity < 1:
        raise ValueError("a sale needs at least one unit")
    if oversell:
        return
    if item.status != "active":
        raise NotForSale(f"{item.id} is {item.status}")
    if holding.available_quantity < quantity:
        raise NotForSale(f"{item.id} has {holding.available_quantity} units, not {quantity}")


def stock_of(place: Location) -> Json | None:
    if place.type != "seller_warehouse":
        return None
    return {"store_id": place.store_id, "node_id": place.network_node_id}


def _new_order(world: World, item: Item, holding: Holding, quantity: int, order_id: int | None, buyer: Buyer) -> Order:
    now = world.now()
    return Order(
        id=order_id or world.ids.number("order"),
        seller_id=item.seller_id,
        site_id=item.site_id,
        item_id=item.id,
        variation_id=holding.id if isinstance(holding, Variation) else None,
        user_product_id=holding.user_product_id,
        title=item.title,
        category_id=item.category_id,
        listing_type_id=item.listing_type_id,
        # ML's own order of looking for the SKU of a sale.
        seller_sku=holding.seller_sku or item.own.seller_sku,
        seller_custom_field=holding.seller_custom_field or item.own.seller_custom_field,
        variation_attributes=_variation_attributes(holding),
        quantity=quantity,
        unit_price=item.price,
        full_unit_price=item.promotion.regular_amount if item.promotion else item.price,
        currency_id=item.currency_id,
        sale_fee=(item.price * FEE).quantize(Decimal("0.01")),
        buyer=buyer,
        created_at=now,
        closed_at=now,
        updated_at=now,
        indexed_at=now,
        shipping_cost=shipping_cost_for(len(world.orders), item.price),
        catalog=item.catalog_listing,
    )


def _variation_attributes(holding: Holding) -> list[Json]:
    if not isinstance(holding, Variation):
        return []
    return [
        {"id": name, "name": name.title(), "value_id": None, "value_name": value}
        for name, value in holding.combination.items()
    ]


def settle(world: World, order: Order, status: str) -> None:
    order.status = status
    paid = status in ("paid", "partially_refunded")
    order.tags = [*(["catalog"] if order.catalog else []), "paid" if paid else "not_paid", "not_delivered"]
    if order.pack_id:
        order.tags.append("pack_order")
    if order.bundle:
        order.tags.append("bundle_component")
    if order.full_unit_price != order.unit_price:
        order.tags.append("order_has_discount")
    order.payments = payments_for(world, order) if paid else []


def announce_new(world: World, order: Order) -> None:
    """One sale makes a burst: the order, then its payments, within the same second."""
    resource = f"/orders/{order.id}"
    world.notify("orders_v2", resource, order.seller_id, ("action:new_order", *hints(order), "order_items"))
    if order.payments:
        world.notify("orders_v2", resource, order.seller_id, (*hints(order), "payments", "expiration_date"))
        for payment in order.payments:
            world.notify("payments", f"/collections/{payment.id}", order.seller_id)


def hints(order: Order) -> tuple[str, ...]:
    in_pack = str(order.pack_id is not None).lower()
    return ("is_test:true", f"pack_order:{in_pack}", f"site_id:{order.site_id.lower()}", "channel:marketplace")


def touch(world: World, order: Order, at: datetime | None = None) -> None:
    """The order itself changed: both its times move, and the application hears of it."""
    order.updated_at = order.indexed_at = at or world.now()
    world.notify("orders_v2", f"/orders/{order.id}", order.seller_id, hints(order))


def pay(world: World, order_id: int) -> Order:
    order = world.orders[order_id]
    order.remember()
    settle(world, order, "paid")
    order.closed_at = world.now()
    touch(world, order)
    return order


def flag_fraud(world: World, order_id: int) -> Order:
    """ML suspects fraud: do not ship, cancel."""
    order = world.orders[order_id]
    order.remember()
    order.tags.append("fraud_risk_detected")
    touch(world, order)
    return order


def cancel(world: World, order_id: int, *, group: str, code: str) -> Order:
    """Cancel and refund. Cancelling twice changes nothing. Whether ML's stock comes back is a rule of the world."""
    order = world.orders[order_id]
    if order.status == "cancelled":
        return order
    mark_cancelled(world, order, group, code, f"Cancelled by {group}")
    if world.cancel_returns_stock:
        _give_back(world, order)
    _follow_cancelled(world, order)
    return order


def _give_back(world: World, order: Order) -> None:
    product = world.user_products[order.user_product_id]
    stock.give_back(world, product, order.quantity, order.taken_from)
    if order.taken_from[0] == "meli_facility":
        full.record(world, product, full.CANCELLATION, order.quantity, order_id=order.id)


def mark_cancelled(world: World, order: Order, group: str, code: str, description: str) -> None:
    order.remember()
    order.status = "cancelled"
    order.tags = [tag for tag in order.tags if tag != "paid"] + ["not_paid"] * ("not_paid" not in order.tags)
    order.cancel_detail = {
        "group": group,
        "code": code,
        "description": description,
        "requested_by": "meli" if group == "internal" else group,
        "date": formats.offset(world.now()),
        "application_id": None,
    }
    refund(order.payments)
    touch(world, order)
    for payment in order.payments:
        world.notify("payments", f"/collections/{payment.id}", order.seller_id)


def _follow_cancelled(world: World, order: Order) -> None:
    """A parcel goes on as long as one of its orders does."""
    shipment = world.shipments.get(order.shipment_id or 0)
    live = shipment and any(world.orders[other].status != "cancelled" for other in shipment.order_ids)
    if shipment is not None and not live:
        shipping.move(world, shipment, "cancelled", None)
    pack = world.packs.get(order.pack_id or 0)
    if pack is not None and all(world.orders[other].status == "cancelled" for other in pack.order_ids):
        pack.status, pack.status_detail, pack.updated_at = "cancelled", "buyer", world.now()
