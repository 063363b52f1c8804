"""Reading shipments, in the old format and, when the header asks for it, in the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import formats
from sandbox.answers import Answer, Json, Refusal, error, forbidden, not_found
from sandbox.request import Request
from sandbox.shipment_json import new_json, old_json
from sandbox.state import seen
from sandbox.trade import Order, Shipment

if TYPE_CHECKING:
    from sandbox.world import World


def owned_shipment(world: World, request: Request, shipment_id: str) -> Shipment:
    shipment = world.shipments.get(int(shipment_id))
    if shipment is None:
        raise not_found(f"Shipment with id {shipment_id} not found")
    if shipment.seller_id != request.caller_id:
        raise forbidden()
    return seen(shipment, request.stale)


def _orders(world: World, shipment: Shipment) -> list[Order]:
    return [world.orders[order_id] for order_id in shipment.order_ids]


def get_shipment(world: World, request: Request, shipment_id: str) -> Answer:
    shipment = owned_shipment(world, request, shipment_id)
    orders = _orders(world, shipment)
    wants_new = request.headers.get("x-format-new", "").lower() == "true"
    return Answer(body=new_json(shipment, orders) if wants_new else old_json(shipment, orders))


def get_items(world: World, request: Request, shipment_id: str) -> Answer:
    shipment = owned_shipment(world, request, shipment_id)
    items: list[Json] = [
        {
            "item_id": order.item_id,
            "variation_id": order.variation_id,
            "user_product_id": order.user_product_id,
            "order_id": order.id,
            "quantity": order.quantity,
            "description": order.title,
            "sender_id": order.seller_id,
        }
        for order in _orders(world, shipment)
    ]
    return Answer(body=items)


def get_orders(world: World, request: Request, shipment_id: str) -> Answer:
    """Needs `X-New-Domain: true`."""
    shipment = owned_shipment(world, request, shipment_id)
    if request.headers.get("x-new-domain", "").lower() != "true":
        raise not_found("resource not found")
    return Answer(body=[{"id": order_id} for order_id in shipment.order_ids])


def get_costs(world: World, request: Request, shipment_id: str) -> Answer:
    shipment = owned_shipment(world, request, shipment_id)
    cost = formats.amount(shipment.cost)
    receiver: Json = {"user_id": shipment.buyer.id, "cost": cost, "save": 0.0, "discounts": []}
    receiver |= {"compensation": 0, "compensations": [], "cost_details": [], "fees": []}
    sender = {
        "user_id": shipment.seller_id,
        "cost": 0.0,
        "save": 0.0,
        "charges": {"charge_flex": 0},
        "discounts": [],
        "compensation": 0,
        "compensations": [],
        "fees": [],
    }
    return Answer(body={"gross_amount": cost, "receiver": receiver, "senders": [sender], "base_exchange": None})


def get_history(world: World, request: Request, shipment_id: str) -> Answer:
    shipment = owned_shipment(world, request, shipment_id)
    steps = [
        {"status": status, "substatus": substatus, "date": formats.offset(at)}
        for status, substatus, at in shipment.history
    ]
    return Answer(body={"shipment_id": shipment.id, "history": steps})


def get_sla(world: World, request: Request, shipment_id: str) -> Answer:
    """There is none for cancelled parcels and for those that leave from Full."""
    shipment = owned_shipment(world, request, shipment_id)
    if shipment.status == "cancelled" or shipment.logistic_type == "fulfillment":
        raise Refusal(error(404, "not_found", "SLA not found"))
    late = shipment.created_at.replace(hour=23, minute=59, second=59)
    return Answer(body={"status": "on_time", "expected_date": formats.offset(late), "service": "normal"})
