"""Where products belong and lie: families, stores, Full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.answers import Answer, Json, Refusal, error, forbidden, not_found
from sandbox.request import Request
from sandbox.sellers import Store

if TYPE_CHECKING:
    from sandbox.world import World


def get_family(world: World, request: Request, site_id: str, family_id: str) -> Answer:
    members = [
        product
        for product in world.user_products.values()
        if product.family_id == int(family_id) and product.site_id == site_id
    ]
    if not members:
        raise not_found(f"Family with id {family_id} not found")
    if members[0].seller_id != request.caller_id:
        raise forbidden()
    return Answer(
        body={
            "user_products_ids": [product.id for product in members],
            "family_id": int(family_id),
            "site_id": site_id,
            "user_id": request.caller_id,
        }
    )


def get_full_stock(world: World, request: Request, inventory_id: str) -> Answer:
    """Units in Full: never writable."""
    product = world.user_products.get(world.inventories.get(inventory_id, ""))
    if product is None:
        raise not_found(f"Inventory with id {inventory_id} not found")
    if product.seller_id != request.caller_id:
        words = f"User {request.caller_id} cannot access to seller_product {inventory_id}"
        raise Refusal(error(403, "forbidden", words))
    place = product.at("meli_facility")
    quantity = place.quantity if place else 0
    return Answer(
        body={
            "inventory_id": inventory_id,
            "total": quantity,
            "available_quantity": quantity,
            "not_available_quantity": 0,
            "not_available_detail": [],
            "external_references": [
                {"type": "item", "id": item_id, "variation_id": None} for item_id in sorted(product.item_ids)
            ],
        }
    )


def get_stores(world: World, request: Request, user_id: str) -> Answer:
    """GET /users/{id}/stores/search: ids are strings."""
    if int(user_id) != request.caller_id:
        raise forbidden()
    seller = world.sellers[request.caller_id]
    wanted = request.query.get("tags")
    stores = [store for store in seller.stores if wanted != "stock_location" or store.is_stock_location]
    results = [_store_json(store, seller.site.name) for store in stores]
    return Answer(body={"paging": {"limit": 50, "total": len(results)}, "results": results})


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
        "tags": ["stock_location"] if store.is_stock_location else [],
        "network_node_id": store.network_node_id,
        "services": {"stock_location": ["cross_docking", "xd_drop_off"]} if store.is_stock_location else {},
    }
