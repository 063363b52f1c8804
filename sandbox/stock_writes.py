"""Writing the stock of a user product: every write names the version it was decided on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import stock
from sandbox.answers import Answer, Refusal, bad_request, error
from sandbox.request import Request
from sandbox.sellers import Seller, Store
from sandbox.state import Location, UserProduct
from sandbox.stores import named_store, units
from sandbox.user_products import location_json, owned_product

if TYPE_CHECKING:
    from sandbox.world import World

Places = list[tuple[Location, int]]

# Only here may a seller set what is at the selling address beside Full.
SELLING_ADDRESS_SITES = ("MLA", "MLC")
SINGLE = "seller with a single warehouse cannot update"


def _check_version(request: Request, product: UserProduct) -> None:
    if product.components:
        raise bad_request("You cannot modify the stock of a bundle")
    version = request.headers.get("x-version", "")
    if not version:
        raise bad_request("Missing X-Version header")
    if version != str(product.version):
        raise stale_version()


def stale_version() -> Refusal:
    return Refusal(error(409, "conflict", "Version mismatch"))


def put_seller_warehouse(world: World, request: Request, product_id: str) -> Answer:
    """Stock of the stores named. Those not named keep theirs, unless the world's rule empties them."""
    product = owned_product(world, request, product_id)
    _check_version(request, product)
    entries = request.json().get("locations")
    if not isinstance(entries, list) or not entries:
        raise bad_request("Store cannot be null or empty")
    seller = world.sellers[product.seller_id]
    places = [(_place(product, named_store(world, seller, entry)), units(entry)) for entry in entries]
    _check_single_warehouse(seller, product, places)
    if world.unnamed_stores == "emptied":
        places += [(place, 0) for place in _unnamed(product, places)]
    # A product has units at the selling address or in warehouses, never in both.
    left = [place for place in product.locations if place.type == "selling_address"]
    stock.write_locations(world, product, [*places, *((place, 0) for place in left)])
    product.locations = [place for place in product.locations if place not in left]
    written = [location_json(place) for place in product.locations]
    body = {"user_id": product.seller_id, "product_release_date": None, "id": product.id, "locations": written}
    return Answer(body=body, headers={"x-version": str(product.version)})


def _place(product: UserProduct, store: Store) -> Location:
    """The location of a store, made if it had none yet."""
    found = product.at("seller_warehouse", store.id)
    return found or Location("seller_warehouse", 0, store.id, store.network_node_id)


def _unnamed(product: UserProduct, places: Places) -> list[Location]:
    named = {place.store_id for place, _ in places}
    return [place for place in product.locations if place.type == "seller_warehouse" and place.store_id not in named]


def _check_single_warehouse(seller: Seller, product: UserProduct, places: Places) -> None:
    if "multiwarehouse" in seller.tags:
        return
    stores = {place.store_id for place, _ in places}
    stores |= {place.store_id for place in product.locations if place.type == "seller_warehouse"}
    if len(stores) > 1:
        raise bad_request(f"{SINGLE} stock across multiple network nodes")


def put_selling_address(world: World, request: Request, product_id: str) -> Answer:
    """Stock at the selling address beside Full. Accepted with 204, done a little later."""
    product = owned_product(world, request, product_id)
    _check_version(request, product)
    if product.site_id not in SELLING_ADDRESS_SITES:
        raise bad_request("the site is blocked for modifications to the selling address")
    if world.sellers[product.seller_id].has_warehouses:
        raise bad_request(f"{SINGLE} selling address stock")
    _check_coexistence(world, product)
    quantity = units(request.json())
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
