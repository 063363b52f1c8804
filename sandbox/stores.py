"""A seller's warehouses: the search that lists them, and which of them a request may name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers import Answer, Json, bad_request, forbidden
from sandbox.request import Request, integer
from sandbox.sellers import Seller, Store

if TYPE_CHECKING:
    from sandbox.world import World

MAX_LIMIT = 50


def get_stores(world: World, request: Request, user_id: str) -> Answer:
    """GET /users/{id}/stores/search: ids are strings, `paging` knows no offset. Unknown filters find everything."""
    if int(user_id) != request.caller_id:
        raise forbidden()
    seller, query = world.sellers[request.caller_id], request.query
    found = [_store_json(store, seller.site.name) for store in seller.stores if _matches(store, query)]
    limit, offset = min(integer(query.get("limit"), MAX_LIMIT), MAX_LIMIT), integer(query.get("offset"), 0)
    paging = {"limit": limit, "total": len(found)}
    return Answer(body={"paging": paging, "results": found[offset : offset + limit]})


def _matches(store: Store, query: dict[str, str]) -> bool:
    tags = {tag for tag in query.get("tags", "").split(",") if tag}
    return tags <= set(_tags(store)) and query.get("status", store.status) == store.status


def _tags(store: Store) -> list[str]:
    return ["stock_location"] if store.is_stock_location else []


def _store_json(store: Store, country: str) -> Json:
    return {
        "id": store.id,
        "user_id": str(store.user_id),
        "description": store.description,
        "status": store.status,
        "location": {
            "address_id": int(store.id) + 400_000_000,
            "address_line": "Calle Falsa 123",
            "street_name": "Calle Falsa",
            "street_number": 123,
            "latitude": 19.4,
            "longitude": -99.1,
            "city": store.city,
            "state": store.city,
            "country": country,
            "zip_code": "01000",
        },
        "tags": _tags(store),
        "network_node_id": store.network_node_id,
        "services": {"stock_location": ["cross_docking", "xd_drop_off"]} if store.is_stock_location else {},
    }


def named_store(world: World, seller: Seller, entry: Any) -> Store:
    """The seller's warehouse that an entry of a request names. `network_node_id` is not looked at."""
    store_id = entry.get("store_id") if isinstance(entry, dict) else None
    if not store_id:
        raise bad_request("Store cannot be null or empty")
    store = next((store for store in seller.stores if store.id == str(store_id)), None)
    if store is None:
        somebody = any(store.id == str(store_id) for other in world.sellers.values() for store in other.stores)
        what = "Store does not belong to seller" if somebody else "Store not found"
        raise bad_request(f"{what}: {store_id}")
    if not store.is_stock_location or not seller.has_warehouses:
        raise bad_request("Store is not configured to be a stock location")
    return store


def units(entry: Any) -> int:
    """The quantity of an entry."""
    quantity = entry.get("quantity") if isinstance(entry, dict) else None
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 0:
        raise bad_request("quantity must be an integer of at least 0")
    return quantity
