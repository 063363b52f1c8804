"""Reading user products, and their stock by location with its version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import formats
from sandbox.answers import Answer, Json, forbidden, not_found
from sandbox.item_json import attribute
from sandbox.request import Request
from sandbox.state import Location, UserProduct, Variation, seen

if TYPE_CHECKING:
    from sandbox.world import World


def owned_product(world: World, request: Request, product_id: str) -> UserProduct:
    product = world.user_products.get(product_id)
    if product is None or not product.item_ids:
        raise not_found(f"User product with id {product_id} not found")
    if product.seller_id != request.caller_id:
        raise forbidden()
    return product


def get_user_product(world: World, request: Request, product_id: str) -> Answer:
    return Answer(body=product_json(world, owned_product(world, request, product_id)))


def product_json(world: World, product: UserProduct) -> Json:
    first = world.items[min(product.item_ids)]
    address = f"http2.mlstatic.com/D_{first.picture}"
    return {
        "id": product.id,
        "name": product.name,
        "family_name": product.family_name,
        "site_id": product.site_id,
        "user_id": product.seller_id,
        "domain_id": product.domain_id,
        "attributes": _attributes(world, product),
        "pictures": [{"id": first.picture, "secure_url": f"https://{address}-O.jpg"}],
        "thumbnail": {"id": first.picture, "secure_url": f"https://{address}-I.jpg"},
        "catalog_product_id": product.catalog_product_id,
        "bundle": product.bundle,
        "family_id": product.family_id,
        "tags": ["bundle"] * bool(product.components) + ["kit_component"] * (product.id in world.kits_of),
        "date_created": formats.user_product(product.created_at),
        "last_updated": formats.user_product(product.updated_at),
        "main_features": [],
        "commingling": None,
    }


def _attributes(world: World, product: UserProduct) -> list[Json]:
    """Attributes here have `values` only, no `value_name`."""
    found: dict[str, str] = {}
    for item_id in sorted(product.item_ids):
        for holding in world.items[item_id].holdings:
            if holding.user_product_id == product.id:
                combination = holding.combination if isinstance(holding, Variation) else {}
                own = {"GTIN": holding.gtin, "SELLER_SKU": holding.seller_sku}
                found |= combination | {name: value for name, value in own.items() if value}
    kept = ("id", "name", "values")
    return [{key: attribute(name, value)[key] for key in kept} for name, value in found.items()]


def get_stock(world: World, request: Request, product_id: str) -> Answer:
    """The locations; the version is in the header `x-version`."""
    world.limits.check_stock_reads(request.caller_id)
    product = seen(owned_product(world, request, product_id), request.stale)
    if not product.initialised:
        raise not_found("stock-locations not found")
    return Answer(body=_stock_json(product), headers={"x-version": str(product.version)})


def _stock_json(product: UserProduct) -> Json:
    return {
        "id": product.id,
        "user_id": product.seller_id,
        "locations": [location_json(place) for place in product.locations],
        "last_updated": formats.seconds(product.updated_at),
        "available_sites": [product.site_id],
        "product_release_date": None,
        "stock_mode": "countable",
    }


def location_json(place: Location) -> Json:
    body: Json = {"type": place.type, "quantity": place.quantity}
    if place.store_id is None:
        return body
    return {"type": place.type, "network_node_id": place.network_node_id, "store_id": place.store_id} | body
