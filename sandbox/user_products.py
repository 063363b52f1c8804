"""User products: their stock by location, with a version that every write must name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import formats, stock
from sandbox.answers import Answer, Json, Refusal, bad_request, error, forbidden, not_found
from sandbox.item_json import attribute
from sandbox.request import Request
from sandbox.sellers import Seller
from sandbox.state import Location, UserProduct, Variation, seen

if TYPE_CHECKING:
    from sandbox.world import World

# Only here may a seller set what is at the selling address beside Full.
SELLING_ADDRESS_SITES = ("MLA", "MLC")


def owned_product(world: World, request: Request, product_id: str) -> UserProduct:
    product = world.user_products.get(product_id)
    if product is None:
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
        "bundle": None,
        "family_id": product.family_id,
        "tags": [],
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


def _check_version(request: Request, product: UserProduct) -> None:
    version = request.headers.get("x-version", "")
    if not version:
        raise bad_request("Missing X-Version header")
    if version != str(product.version):
        raise stale_version()


def stale_version() -> Refusal:
    return Refusal(error(409, "conflict", "Version mismatch"))


def put_seller_warehouse(world: World, request: Request, product_id: str) -> Answer:
    """Stock of the stores named; those not named keep theirs."""
    product = owned_product(world, request, product_id)
    _check_version(request, product)
    entries = request.json().get("locations")
    if not isinstance(entries, list) or not entries:
        raise bad_request("store cannot be null or empty")
    seller = world.sellers[product.seller_id]
    places = [_place(world, seller, product, entry) for entry in entries]
    _check_single_warehouse(seller, product, places)
    stock.write_locations(world, product, places)
    written = [location_json(place) for place in product.locations]
    body = {"user_id": product.seller_id, "product_release_date": None, "id": product.id, "locations": written}
    return Answer(body=body, headers={"x-version": str(product.version)})


def _place(world: World, seller: Seller, product: UserProduct, entry: Any) -> tuple[Location, int]:
    """The location an entry means, made if the store had none yet. `network_node_id` is not looked at."""
    store_id = entry.get("store_id") if isinstance(entry, dict) else None
    if not store_id:
        raise bad_request("store cannot be null or empty")
    store = next((store for store in seller.stores if store.id == str(store_id)), None)
    if store is None:
        somebody = any(store.id == str(store_id) for other in world.sellers.values() for store in other.stores)
        what = "store does not belong to seller" if somebody else "store not found"
        raise bad_request(f"{what}: {store_id}")
    if not store.is_stock_location:
        raise bad_request("store is not configured to be a stock location")
    quantity = _quantity(entry.get("quantity"))
    place = product.at("seller_warehouse", store.id)
    return place or Location("seller_warehouse", 0, store.id, store.network_node_id), quantity


def _quantity(quantity: Any) -> int:
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 0:
        raise bad_request("quantity must be an integer of at least 0")
    return quantity


def _check_single_warehouse(seller: Seller, product: UserProduct, places: list[tuple[Location, int]]) -> None:
    if "multiwarehouse" in seller.tags:
        return
    stores = {place.store_id for place, _ in places}
    stores |= {place.store_id for place in product.locations if place.type == "seller_warehouse"}
    if len(stores) > 1:
        raise bad_request("seller with a single warehouse cannot update stock across multiple network nodes")


def put_selling_address(world: World, request: Request, product_id: str) -> Answer:
    """Stock at the selling address beside Full. Accepted with 204, done a little later."""
    product = owned_product(world, request, product_id)
    _check_version(request, product)
    if product.site_id not in SELLING_ADDRESS_SITES:
        raise bad_request("the site is blocked for modifications to the selling address")
    seller = world.sellers[product.seller_id]
    if seller.has_warehouses:
        raise bad_request("seller with a single warehouse cannot update selling address stock")
    _check_coexistence(world, product)
    quantity = _quantity(request.json().get("quantity"))
    place = product.at("selling_address") or Location("selling_address", 0)
    world.later(world.replication_delay, lambda: stock.write_locations(world, product, [(place, quantity)]))
    return Answer(204, None)


def _check_coexistence(world: World, product: UserProduct) -> None:
    words = "You cannot modify selling address stock"
    items = [world.items[item_id] for item_id in product.item_ids]
    holdings = [holding for item in items for holding in item.holdings if holding.user_product_id == product.id]
    if not holdings or product.at("selling_address") is None:
        raise bad_request(f"{words} if associated items are fulfillment only or no items are associated.")
    if all(holding.inventory_id is None for holding in holdings):
        raise bad_request(f"{words} in items without inventory id.")
    if product.at("meli_facility") is None:
        raise bad_request(f"{words} because you have to do a full inbound first before modifying.")
