"""Units in Full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.answers import Answer, Refusal, error, not_found
from sandbox.request import Request

if TYPE_CHECKING:
    from sandbox.world import World


def get_stock(world: World, request: Request, inventory_id: str) -> Answer:
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
