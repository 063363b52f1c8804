"""The control API below /control/: JSON for tests, the demo and the benchmark. Not part of what is simulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sandbox import actions
from sandbox.answers import Answer, Json, Refusal
from sandbox.request import Request, integer
from sandbox.rules import Rules
from sandbox.state import Holding, Item, Variation
from sandbox.trade import Order

if TYPE_CHECKING:
    from sandbox.world import World

PREFIX = "/control/"


def answer(world: World, request: Request) -> Answer | None:
    """GET looks, POST does; None for paths that are not ours."""
    if not request.path.startswith(PREFIX):
        return None
    name = request.path.removeprefix(PREFIX).strip("/")
    if request.method == "GET" and name in VIEWS:
        with world.lock:
            return Answer(body=_plain(VIEWS[name](world, request)))
    if request.method == "DELETE" and name == "faults":
        return Answer(body=actions.run(world, "clear_faults", {}))
    if request.method == "POST" and name in actions.ACTIONS:
        return _do(world, request, name)
    return Answer(404, {"error": f"there is no {request.method} {request.path}"})


def foreign(request: Request) -> bool:
    """A page of another site must not drive this one."""
    origin = request.headers.get("origin")
    return bool(origin) and urlsplit(origin or "").netloc != request.headers.get("host")


def _do(world: World, request: Request, name: str) -> Answer:
    if foreign(request):
        return Answer(403, {"error": "a page of another site asked for this"})
    try:
        given = request.json() if request.body else {}
        return Answer(body=_plain(actions.run(world, name, given)))
    except Refusal as refusal:
        return Answer(400, {"error": refusal.answer.body["message"]})
    except ValueError as problem:
        return Answer(400, {"error": str(problem)})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(below) for name, below in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(below) for below in value]
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _state(world: World, request: Request) -> Json:
    mailbox = world.mailbox
    return {
        "now": world.now(),
        "seed": world.seed,
        "client_id": world.app.client_id,
        "sellers": [_seller(world, user_id) for user_id in world.sellers],
        "items": len(world.items),
        "orders": len(world.orders),
        "requests": len(world.requests),
        "counters": dict(world.counters),
        "faults": [_fault(fault) for fault in world.faults.active],
        "faults_seen": dict(world.faults.seen),
        "notifications": {
            "made": mailbox.count,
            "waiting": len(mailbox.outbox) + (world.courier.waiting if world.courier else 0),
            "missed": len(mailbox.missed),
            "dropping": mailbox.drop_next,
            "disabled_topics": sorted(mailbox.disabled_topics),
        },
        "rules": {field.name: getattr(world, field.name) for field in fields(Rules)},
    }


def _fault(fault: Any) -> Json:
    return {name: getattr(fault, name) for name in ("kind", "times", "path", "method", "probability", "hits")}


def _seller(world: World, user_id: int) -> Json:
    seller = world.sellers[user_id]
    return {
        "user_id": user_id,
        "nickname": seller.nickname,
        "site_id": seller.site_id,
        "parent_id": seller.parent_id,
        "tags": seller.tags,
        "connected": user_id in world.consents,
        "items": len(world.items_of[user_id]),
        "orders": len(world.orders_of[user_id]),
        "stores": [asdict(store) for store in seller.stores],
    }


def _window(request: Request) -> tuple[int, int]:
    offset = integer(request.query.get("offset"), 0)
    return offset, offset + integer(request.query.get("limit"), 100)


def _items(world: World, request: Request) -> Json:
    """The truth about listings: `?seller=NICKNAME&offset=&limit=`."""
    start, end = _window(request)
    nickname = request.query.get("seller")
    found = [item for item in world.items.values() if nickname in (None, world.sellers[item.seller_id].nickname)]
    return {"total": len(found), "items": [item_row(item) for item in found[start:end]]}


def item_row(item: Item) -> Json:
    return {
        "id": item.id,
        "seller_id": item.seller_id,
        "title": item.title,
        "status": item.status,
        "sub_status": item.sub_status,
        "price": item.price,
        "available_quantity": item.available_quantity,
        "logistic_type": item.logistic_type,
        "holdings": [_holding(holding) for holding in item.holdings],
    }


def _holding(holding: Holding) -> Json:
    return {
        "variation_id": holding.id if isinstance(holding, Variation) else None,
        "user_product_id": holding.user_product_id,
        "available_quantity": holding.available_quantity,
        "sold_quantity": holding.sold_quantity,
        "seller_sku": holding.seller_sku,
    }


def _orders(world: World, request: Request) -> Json:
    """The truth about orders, oldest first."""
    start, end = _window(request)
    found = list(world.orders.values())
    return {"total": len(found), "orders": [_order_row(world, order) for order in found[start:end]]}


def _order_row(world: World, order: Order) -> Json:
    shipment = world.shipments.get(order.shipment_id or 0)
    return {
        "id": order.id,
        "seller_id": order.seller_id,
        "status": order.status,
        "item_id": order.item_id,
        "variation_id": order.variation_id,
        "quantity": order.quantity,
        "seller_sku": order.seller_sku,
        "pack_id": order.pack_id,
        "cancel_code": (order.cancel_detail or {}).get("code"),
        "created_at": order.created_at,
        "last_updated": order.updated_at,
        "shipment_id": order.shipment_id,
        "shipment_status": shipment.status if shipment else None,
        "logistic_type": shipment.logistic_type if shipment else None,
    }


def _requests(world: World, request: Request) -> Json:
    """The last requests, newest first."""
    start, end = _window(request)
    lines = list(world.requests)[::-1]
    return {"total": len(lines), "requests": [asdict(line) for line in lines[start:end]]}


def _tokens(world: World, request: Request) -> Json:
    """Every exchange of tokens, with fingerprints in their place."""
    return {"history": [asdict(event) for event in world.consents.history]}


VIEWS: dict[str, Callable[[World, Request], Json]] = {
    "state": _state,
    "items": _items,
    "orders": _orders,
    "requests": _requests,
    "tokens": _tokens,
}
