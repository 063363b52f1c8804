"""GET /users/{id}/items/search: pages up to 1000, and scans beyond."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox import formats
from sandbox.answers import Answer, Json, bad_request, forbidden
from sandbox.request import Request, integer
from sandbox.state import Item

if TYPE_CHECKING:
    from sandbox.world import World

DEFAULT_LIMIT = 50
MAX_LIMIT = 100
MAX_DEPTH = 1000
SCROLL_LIFE = timedelta(minutes=5)

SortKey = Callable[[Item], Any]
ORDERS: dict[str, tuple[str, SortKey]] = {
    "stop_time": ("stop time", lambda item: (item.stop_time, item.number)),
    "start_time": ("start time", lambda item: (item.created_at, item.number)),
    "available_quantity": ("available quantity", lambda item: (item.available_quantity, item.number)),
    "sold_quantity": ("sold quantity", lambda item: (item.sold_quantity, item.number)),
    "price": ("price", lambda item: (item.price, item.number)),
    "last_updated": ("last updated", lambda item: (item.updated_at, item.number)),
    "total_sold_quantity": ("total sold quantity", lambda item: (item.sold_quantity, item.number)),
    "inventory_id": ("inventory id", lambda item: (item.own.inventory_id or "~", item.number)),
}


def _available_orders() -> list[Json]:
    """Two of them have an object where one expects the id."""
    plain = [
        {"id": f"{name}_{way}", "name": f"Order by {words} {way}ending"}
        for name, (words, _) in ORDERS.items()
        for way in ("asc", "desc")
        if name not in ("total_sold_quantity", "inventory_id")
    ]
    odd = (("total_sold_quantity", "desc", "sold_quantity"), ("inventory_id", "asc", "inventory_id"))
    objects = [
        {
            "id": {"id": f"{name}_{way}", "field": field, "missing": "_last", "order": way},
            "name": f"Order by {ORDERS[name][0]} {way}ending",
        }
        for name, way, field in odd
    ]
    return plain + objects


AVAILABLE_ORDERS = _available_orders()


def search(world: World, request: Request, user_id: str) -> Answer:
    if int(user_id) != request.caller_id:
        raise forbidden()
    query = request.query
    found = _find(world, int(user_id), query)
    if query.get("search_type") == "scan":
        return _scan(world, query, found, user_id)
    return _page(query, found, user_id)


def _find(world: World, user_id: int, query: dict[str, str]) -> list[Item]:
    # One that was deleted is not even found closed.
    found = [item for item in map(world.items.__getitem__, world.items_of[user_id]) if "deleted" not in item.sub_status]
    for name, values_of in FILTERS.items():
        if name in query:
            wanted = set(query[name].split(","))
            found = [item for item in found if not wanted.isdisjoint(values_of(item))]
    return found


def _skus(item: Item, field: str) -> list[str | None]:
    return [getattr(item.own, field), *(getattr(variation, field) for variation in item.variations)]


def _lacks_gtin(item: Item) -> list[str]:
    return [str(all(holding.gtin is None for holding in item.holdings)).lower()]


# Unknown filters find everything.
FILTERS: dict[str, Callable[[Item], Iterable[str | None]]] = {
    "status": lambda item: (item.status,),
    "listing_type_id": lambda item: (item.listing_type_id,),
    "tags": lambda item: item.tags,
    "seller_sku": lambda item: _skus(item, "seller_sku"),
    "sku": lambda item: _skus(item, "seller_custom_field"),
    "user_product_id": lambda item: [holding.user_product_id for holding in item.holdings],
    "missing_product_identifiers": _lacks_gtin,
}


def _answer(user_id: str, results: list[str], paging: Json, orders: str = "stop_time_asc") -> Json:
    name, way = orders.rsplit("_", 1)
    return {
        "seller_id": user_id,
        "query": None,
        "paging": paging,
        "results": results,
        "orders": [{"id": orders, "name": f"Order by {ORDERS[name][0]} {way}ending"}],
        "available_orders": AVAILABLE_ORDERS,
    }


def _page(query: dict[str, str], found: list[Item], user_id: str) -> Answer:
    limit = min(integer(query.get("limit"), DEFAULT_LIMIT), MAX_LIMIT)
    offset = integer(query.get("offset"), 0)
    if offset + limit > MAX_DEPTH:
        raise bad_request(f"Limit and offset together must not exceed {MAX_DEPTH}", "invalid_parameter")
    orders = query.get("orders", "stop_time_asc")
    name, _, way = orders.rpartition("_")
    if name not in ORDERS:
        orders, name, way = "stop_time_asc", "stop_time", "asc"
    found.sort(key=ORDERS[name][1], reverse=way == "desc")
    results = [item.id for item in found[offset : offset + limit]]
    return Answer(body=_answer(user_id, results, {"limit": limit, "offset": offset, "total": len(found)}, orders))


def _scan(world: World, query: dict[str, str], found: list[Item], user_id: str) -> Answer:
    """The scroll id names the last item of the page: a key to go on from, new on every page."""
    limit = min(integer(query.get("limit"), DEFAULT_LIMIT), MAX_LIMIT)
    total = len(found)
    found.sort(key=_key)
    if query.get("scroll_id"):
        after = _decode(world, query["scroll_id"])
        found = [item for item in found if _key(item) > after]
    page = found[:limit]
    body = _answer(user_id, [item.id for item in page], {"limit": limit, "total": total})
    return Answer(body={"scroll_id": _encode(world, page), **body})


def _key(item: Item) -> tuple[datetime, int]:
    return (item.stop_time, item.number)


def _encode(world: World, page: list[Item]) -> str | None:
    if not page:
        return None if world.scan_ends_with_null else ""
    last = page[-1]
    key = {"id": last.id, "numeric_id": last.number, "stop_time": formats.millis(last.stop_time)}
    scroll_id = base64.b64encode(json.dumps(key, separators=(",", ":")).encode()).decode()
    world.scrolls[scroll_id] = world.now()
    return scroll_id


def _decode(world: World, scroll_id: str) -> tuple[datetime, int]:
    given_at = world.scrolls.get(scroll_id)
    if given_at is None or world.now() - given_at > SCROLL_LIFE:
        raise bad_request("Invalid Scroll Id: Error decode reading Scroll ID", "invalid.scroll.id")
    key = json.loads(base64.b64decode(scroll_id))
    return datetime.fromisoformat(key["stop_time"]), key["numeric_id"]
