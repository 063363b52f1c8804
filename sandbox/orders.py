"""Reading orders, packs and payments."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox import formats
from sandbox.answers import Answer, Json, Refusal, error
from sandbox.order_json import order_json
from sandbox.payments import payment_json
from sandbox.request import Request
from sandbox.selection import select
from sandbox.state import seen
from sandbox.trade import Order

if TYPE_CHECKING:
    from sandbox.world import World


def visible(world: World, order: Order) -> bool:
    """For the first moments after a sale the order cannot be found."""
    return world.now() >= order.created_at + timedelta(seconds=world.order_visible_after)


def owned_order(world: World, request: Request, order_id: str) -> Order:
    order = world.orders.get(int(order_id))
    if order is None or not visible(world, order):
        raise Refusal(error(404, "order_not_found", "Order not found.", None))
    if order.seller_id != request.caller_id:
        raise Refusal(error(403, "not_owned_order", "The user has not access to the order"))
    return order


def get_order(world: World, request: Request, order_id: str) -> Answer:
    order = seen(owned_order(world, request, order_id), request.stale)
    return Answer(body=select(order_json(order), request.query.get("attributes")))


def get_order_shipments(world: World, request: Request, order_id: str) -> Answer:
    """With `X-New-Domain` always a list; without it the one shipment. 204 while there is none yet."""
    order = owned_order(world, request, order_id)
    if order.shipment_id is None:
        return Answer(204, None)
    shipment = world.shipments[order.shipment_id]
    if request.headers.get("x-new-domain", "").lower() != "true":
        return Answer(body={"id": shipment.id, "order_id": order.id, "status": shipment.status, "type": "forward"})
    links = [{"id": shipment.id, "type": "forward"}]
    # The sale's own parcel need not come first.
    if shipment.status == "not_delivered":
        links.insert(0, {"id": shipment.id + 1, "type": "return"})
    return Answer(body=links)


def get_order_discounts(world: World, request: Request, order_id: str) -> Answer:
    order = owned_order(world, request, order_id)
    if order.full_unit_price == order.unit_price:
        body = {"cause": "", "message": "Discount not found", "error": "discount_not_found", "status": 404}
        raise Refusal(Answer(404, body))
    full = formats.amount(order.full_unit_price - order.unit_price)
    items = [{"id": order.item_id, "quantity": order.quantity, "amounts": {"full": full, "seller": full}}]
    return Answer(body={"details": [{"type": "discount", "items": items}]})


def get_pack(world: World, request: Request, pack_id: str) -> Answer:
    pack = world.packs.get(int(pack_id))
    if pack is None or not all(visible(world, world.orders[order_id]) for order_id in pack.order_ids):
        raise Refusal(error(404, "pack_not_found", "Order do not exists", None))
    if pack.seller_id != request.caller_id:
        raise Refusal(error(403, "not_owned_order", "The user has not access to the order"))
    body: Json = {
        "id": pack.id,
        "status": pack.status,
        "status_detail": pack.status_detail,
        "orders": [{"id": order_id, "static_tags": []} for order_id in pack.order_ids],
        "shipment": {"id": pack.shipment_id} if pack.shipment_id else None,
        "family_pack_id": None,
        "trash_pack_id": None,
        "buyer": {"id": pack.buyer_id},
        "date_created": formats.pack(pack.created_at),
        "last_updated": formats.pack(pack.updated_at),
    }
    return Answer(body=body)


def get_collection(world: World, request: Request, payment_id: str) -> Answer:
    """GET /collections/{id}: what a payments notification points to."""
    for order_id in world.orders_of.get(request.caller_id, ()):
        order = world.orders[order_id]
        for payment in order.payments:
            if payment.id == int(payment_id):
                return Answer(body={"collection": payment_json(order, payment)})
    raise Refusal(error(404, "not_found", "Payment not found"))
