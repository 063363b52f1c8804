"""Sales of Global Selling: one search over all marketplaces, grouped by cart, and the resources it points to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sandbox import formats
from sandbox.answers import Answer, Json, Refusal, bad_request, error
from sandbox.global_accounts import accounts_of, acts_for
from sandbox.order_json import EXPIRES_AFTER, order_json
from sandbox.orders import visible
from sandbox.request import Request, integer
from sandbox.selection import select
from sandbox.shipment_json import new_json
from sandbox.sites import SITES
from sandbox.state import seen
from sandbox.trade import Order, Shipment

if TYPE_CHECKING:
    from sandbox.world import World

MAX_LIMIT = 50
LOCAL_ONLY = ("user_product_id", "release_date", "attributes", "warranty", "net_weight", "global_price")

TIMES: dict[str, Callable[[Order], datetime]] = {
    "date_created": lambda order: order.created_at,
    "last_updated": lambda order: order.indexed_at,
    "date_closed": lambda order: order.closed_at,
    # Integrations ask with these names too.
    "order.date_created": lambda order: order.created_at,
    "order.date_last_updated": lambda order: order.indexed_at,
    "order.date_closed": lambda order: order.closed_at,
}
WORDS: dict[str, Callable[[Order, set[str]], bool]] = {
    "buyer": lambda order, wanted: str(order.buyer.id) in wanted,
    "order.status": lambda order, wanted: order.status in wanted,
    "site": lambda order, wanted: order.site_id in wanted,
}
SORTS: dict[str, tuple[str, Callable[[Order], datetime]]] = {
    "date_asc": ("Date ascending", TIMES["date_created"]),
    "date_desc": ("Date descending", TIMES["date_created"]),
    "updated_asc": ("Last updated ascending", TIMES["last_updated"]),
    "updated_desc": ("Last updated descending", TIMES["last_updated"]),
    "closed_asc": ("Date close ascending", TIMES["date_closed"]),
    "closed_desc": ("Date close descending", TIMES["date_closed"]),
}


def search(world: World, request: Request) -> Answer:
    """GET /marketplace/orders/search. A result is a cart: its own id means nothing, those below `orders` do."""
    world.limits.check_global_searches(request.caller_id)
    query = request.query
    if not acts_for(world, request.caller_id, _asked_seller(world, request, query)):
        raise _forbidden()
    sort = query.get("sort", "date_asc") if query.get("sort") in SORTS else "date_asc"
    found = _find(world, request, query)
    found.sort(key=lambda order: (SORTS[sort][1](order), order.id), reverse=sort.endswith("_desc"))
    carts = _carts(found)
    limit, offset = min(integer(query.get("limit"), MAX_LIMIT), MAX_LIMIT), integer(query.get("offset"), 0)
    return Answer(
        body={
            "query": "",
            "results": [_cart_json(orders) for orders in carts[offset : offset + limit]],
            "sort": {"id": sort, "name": SORTS[sort][0]},
            "available_sorts": [{"id": name, "name": words} for name, (words, _) in SORTS.items() if name != sort],
            "filters": [],
            "paging": {"total": len(carts), "limit": limit},
        }
    )


def _asked_seller(world: World, request: Request, query: dict[str, str]) -> int:
    asked = query.get("seller.id") or query.get("seller") or str(request.caller_id)
    if not asked.isdigit() or int(asked) not in world.sellers:
        raise _forbidden()
    return int(asked)


def _forbidden() -> Refusal:
    return Refusal(error(403, "forbidden", "Invalid caller.id"))


def _find(world: World, request: Request, query: dict[str, str]) -> list[Order]:
    """Without any filter the search finds nothing; filters that are not known are ignored."""
    if not query:
        return []
    asked = _asked_seller(world, request, query)
    accounts = [one.user_id for one in accounts_of(world, request.caller_id) if asked in (one.user_id, one.parent_id)]
    orders = [world.orders[order_id] for account in accounts for order_id in world.orders_of[account]]
    found = [order for order in orders if visible(world, order)]
    for name, matches in WORDS.items():
        if query.get(name):
            wanted = set(query[name].split(","))
            found = [order for order in found if matches(order, wanted)]
    for name, time_of in TIMES.items():
        start, end = _time(query.get(f"{name}.from")), _time(query.get(f"{name}.to"))
        found = [one for one in found if (not start or time_of(one) >= start) and (not end or time_of(one) <= end)]
    return found


def _time(value: str | None) -> datetime | None:
    """From a year and month down to the millisecond."""
    if not value:
        return None
    whole = f"{value}-01" if len(value) == 7 else value
    try:
        at = datetime.fromisoformat(whole.strip().replace(" ", "+"))
    except ValueError as problem:
        raise bad_request("Param not valid") from problem
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _carts(orders: list[Order]) -> list[list[Order]]:
    found: dict[int, list[Order]] = {}
    for order in orders:
        found.setdefault(order.pack_id or order.id, []).append(order)
    return list(found.values())


def _cart_json(orders: list[Order]) -> Json:
    first = orders[0]
    return {
        "id": first.pack_id or first.id,
        "buyer": {"id": first.buyer.id},
        "config": {"items": [{"id": order.item_id} for order in orders]},
        "orders": [_in_cart(order) for order in orders],
        "shipment": {"id": first.shipment_id, "payments": []},
    }


def _in_cart(order: Order) -> Json:
    return {
        "id": order.id,
        "items": None,
        "feedback": {"purchase": None, "sale": None},
        "payments": [{"id": payment.id} for payment in order.payments],
        "mediations": [],
        "seller": {"id": order.seller_id},
    }


def _not_found() -> Refusal:
    return Refusal(error(404, "not_found", "Resource not found"))


def _check_caller(world: World, request: Request, seller_id: int) -> None:
    """Only sales of marketplace accounts are here, and only for their parent."""
    seller = world.sellers[seller_id]
    if seller.parent_id is None or seller.parent_id != request.caller_id:
        raise _forbidden()


def get_order(world: World, request: Request, order_id: str) -> Answer:
    order = world.orders.get(int(order_id))
    if order is None or not visible(world, order):
        raise _not_found()
    _check_caller(world, request, order.seller_id)
    body = global_order_json(world, seen(order, request.stale))
    return Answer(body=select(body, request.query.get("attributes")))


def global_order_json(world: World, order: Order) -> Json:
    """In dollars, with the parent item and the rate of the day; without what only local sellers have."""
    body = order_json(order)
    line = body["order_items"][0]
    line["item"] = {name: value for name, value in line["item"].items() if name not in LOCAL_ONLY}
    line["item"]["parent_item_id"] = world.items[order.item_id].cbt_item_id
    line["base_exchange_rate"] = float(SITES[order.site_id].per_dollar)
    line["base_currency_id"] = SITES[order.site_id].currency_id
    body["buyer"].pop("billing_info")
    return body | {
        "status_detail": {"code": "", "description": None},
        "taxes": {"amount": 0, "currency_id": order.currency_id},
        "context": {"channel": "marketplace", "site": order.site_id, "flows": ["cbt"], "application": "purchases-api"},
        "coupon": {"id": None, "amount": 0},
        "comments": None,
        "pickup_id": None,
        "expiration_date": formats.offset(order.created_at + EXPIRES_AFTER),
    }


def get_pack(world: World, request: Request, pack_id: str) -> Answer:
    pack = world.packs.get(int(pack_id))
    if pack is None or not all(visible(world, world.orders[order_id]) for order_id in pack.order_ids):
        raise _not_found()
    _check_caller(world, request, pack.seller_id)
    return Answer(
        body={
            "id": pack.id,
            "status": pack.status,
            "status_detail": pack.status_detail,
            "date_created": formats.pack(pack.created_at),
            "last_updated": formats.pack(pack.updated_at),
            "family_pack_id": None,
            "buyer": {"id": pack.buyer_id},
            "shipment": {"id": pack.shipment_id} if pack.shipment_id else None,
            "orders": [{"id": order_id} for order_id in pack.order_ids],
        }
    )


def _shipment(world: World, request: Request, shipment_id: str) -> Shipment:
    shipment = world.shipments.get(int(shipment_id))
    if shipment is None:
        raise _not_found()
    _check_caller(world, request, shipment.seller_id)
    return seen(shipment, request.stale)


def get_shipment(world: World, request: Request, shipment_id: str) -> Answer:
    """Always in the new format, with the order in it and the money in dollars."""
    shipment = _shipment(world, request, shipment_id)
    orders = [world.orders[order_id] for order_id in shipment.order_ids]
    body = new_json(shipment, orders) | {"order_id": orders[0].id, "currency_id": orders[0].currency_id}
    return Answer(body=body | {"tracking_method": "CBT MA"})


def get_shipment_items(world: World, request: Request, shipment_id: str) -> Answer:
    orders = [world.orders[order_id] for order_id in _shipment(world, request, shipment_id).order_ids]
    return Answer(
        body=[
            {
                "item_id": order.item_id,
                "variation_id": order.variation_id,
                "order_id": order.id,
                "quantity": order.quantity,
                "description": order.title,
            }
            for order in orders
        ]
    )


def get_shipment_history(world: World, request: Request, shipment_id: str) -> Answer:
    shipment = _shipment(world, request, shipment_id)
    return Answer(
        body=[
            {"status": status, "substatus": substatus, "date": formats.offset(at)}
            for status, substatus, at in shipment.history
        ]
    )
