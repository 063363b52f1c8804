"""GET /orders/search and its habits: hours, ignored filters, a limit of 50, a ceiling of 10,000."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sandbox.answers import Answer, Json, Refusal, bad_request, error
from sandbox.order_json import search_json
from sandbox.orders import visible
from sandbox.request import Request, integer
from sandbox.trade import Order

if TYPE_CHECKING:
    from sandbox.world import World

MAX_LIMIT = 50
MAX_OFFSET = 10_000
SORTS = {"date_asc": "Date ascending", "date_desc": "Date descending"}

TIMES: dict[str, Callable[[Order], datetime]] = {
    "order.date_created": lambda order: order.created_at,
    "order.date_closed": lambda order: order.closed_at,
    "order.date_last_updated": lambda order: order.indexed_at,
}
WORDS: dict[str, Callable[[Order, set[str]], bool]] = {
    "order.status": lambda order, wanted: order.status in wanted,
    "tags": lambda order, wanted: not wanted.isdisjoint(order.tags),
    "tags.not": lambda order, wanted: wanted.isdisjoint(order.tags),
    "item": lambda order, wanted: order.item_id in wanted,
    "buyer": lambda order, wanted: str(order.buyer.id) in wanted,
    "q": lambda order, wanted: any(
        word in (str(order.id), str(order.pack_id)) or word.lower() in order.title.lower() for word in wanted
    ),
}


def search(world: World, request: Request) -> Answer:
    query = request.query
    if query.get("seller", str(request.caller_id)) != str(request.caller_id):
        raise Refusal(error(403, "caller.id.invalid", "The caller is not the seller of the orders"))
    limit, offset = min(integer(query.get("limit"), MAX_LIMIT), MAX_LIMIT), integer(query.get("offset"), 0)
    if offset + limit > MAX_OFFSET:
        raise bad_request(f"The offset must not exceed {MAX_OFFSET}", "invalid_offset")
    found = _find(world, request, query)
    nickname = world.sellers[request.caller_id].nickname
    sort = query.get("sort") if query.get("sort") in SORTS else "date_asc"
    # By the time it was closed, not by its last change: a moving window loses rows.
    found.sort(key=lambda order: (order.closed_at, order.id), reverse=sort == "date_desc")
    return Answer(
        body={
            "query": query.get("q", ""),
            "results": [search_json(order, nickname) for order in found[offset : offset + limit]],
            "sort": {"id": sort, "name": SORTS[sort or "date_asc"]},
            "available_sorts": [{"id": name, "name": words} for name, words in SORTS.items() if name != sort],
            "filters": [],
            "paging": {"total": len(found), "offset": offset, "limit": limit},
            "display": "complete",
        }
    )


def _find(world: World, request: Request, query: Json) -> list[Order]:
    """Filters that are not known are ignored: everything is found. A search without any finds nothing."""
    if not query:
        return []
    orders = [world.orders[order_id] for order_id in world.orders_of[request.caller_id]]
    found = [order for order in orders if visible(world, order)]
    for name, matches in WORDS.items():
        if query.get(name):
            wanted = set(query[name].split(","))
            found = [order for order in found if matches(order, wanted)]
    for name, time_of in TIMES.items():
        found = _between(found, time_of, query.get(f"{name}.from"), query.get(f"{name}.to"))
    return found


def _between(
    orders: list[Order], time_of: Callable[[Order], datetime], start: str | None, end: str | None
) -> list[Order]:
    if start:
        after = _hour(start)
        orders = [order for order in orders if time_of(order) >= after]
    if end:
        before = _hour(end)
        orders = [order for order in orders if time_of(order) <= before]
    return orders


def _hour(value: str) -> datetime:
    """Minutes, seconds and fractions are thrown away. A `+` that became a space is forgiven."""
    try:
        at = datetime.fromisoformat(value.strip().replace(" ", "+"))
    except ValueError as problem:
        raise bad_request(f"Invalid date: {value}", "invalid_date") from problem
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
