"""Quantities: user products hold the truth, listings mirror it, some of them later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.state import Holding, Item, Location, UserProduct

if TYPE_CHECKING:
    from sandbox.world import World


def write_through_item(world: World, item: Item, holding: Holding, quantity: int) -> None:
    """A quantity written on the listing: there at once, on the product's other listings after the delay."""
    product = world.user_products[holding.user_product_id]
    change(world, product, [(_own_location(product), quantity)])
    item.remember()
    holding.available_quantity = product.total
    refresh(world, item)
    replicate(world, product, except_item=item.id)


def write_locations(world: World, product: UserProduct, places: list[tuple[Location, int]]) -> None:
    """Quantities written on the user product: its listings follow after the delay."""
    change(world, product, places)
    replicate(world, product)


def take(world: World, item: Item, holding: Holding, quantity: int, place: Location) -> None:
    """Units that a buyer took away from a place."""
    product = world.user_products[holding.user_product_id]
    change(world, product, [(place, max(0, place.quantity - quantity))])
    item.remember()
    holding.available_quantity = max(0, holding.available_quantity - quantity)
    holding.sold_quantity += quantity
    refresh(world, item)
    replicate(world, product, except_item=item.id)


def give_back(world: World, product: UserProduct, quantity: int, taken_from: tuple[str, str | None]) -> None:
    """Units of a cancelled sale, back to where they were taken from."""
    place = product.at(*taken_from) or _own_location(product)
    write_locations(world, product, [(place, place.quantity + quantity)])


def change(world: World, product: UserProduct, places: list[tuple[Location, int]]) -> None:
    """Every change of stock is a new version, whoever made it."""
    product.remember()
    for place, quantity in places:
        if place not in product.locations:
            product.locations.append(place)
        place.quantity = quantity
    product.version += 1
    product.initialised = True
    product.updated_at = world.now()
    world.notify("stock-locations", f"/user-products/{product.id}/stock", product.seller_id)
    world.follow_kits(product)


def replicate(world: World, product: UserProduct, except_item: str | None = None) -> None:
    if product.item_ids - {except_item}:
        world.later(world.replication_delay, lambda: mirror(world, product))


def mirror(world: World, product: UserProduct) -> None:
    """The listings show what the product has."""
    for item_id in sorted(product.item_ids):
        item = world.items[item_id]
        behind = [
            holding
            for holding in item.holdings
            if holding.user_product_id == product.id and holding.available_quantity != product.total
        ]
        if behind and item.status != "closed":
            item.remember()
            for holding in behind:
                holding.available_quantity = product.total
            refresh(world, item)


def refresh(world: World, item: Item) -> None:
    """Pause or wake a listing as its quantity says, stamp it and tell the application."""
    empty = item.available_quantity == 0
    if empty and item.status == "active":
        # ML pauses only new goods in paid listings; anything else has nothing left to offer and ends.
        item.status, item.sub_status = ("paused", ["out_of_stock"]) if can_be_empty(item) else ("closed", [])
    elif not empty and item.status == "paused" and "out_of_stock" in item.sub_status:
        item.status, item.sub_status = "active", []
    touch(world, item)


def can_be_empty(item: Item) -> bool:
    return item.condition == "new" and item.listing_type_id != "free"


def touch(world: World, item: Item) -> None:
    item.updated_at = world.now()
    world.notify("items", f"/items/{item.id}", item.seller_id)


def way_of_sale(item: Item, product: UserProduct, quantity: int) -> str:
    """How a listing's units leave: from Full, or by Flex where Full has too few and the seller has enough."""
    full = product.at("meli_facility")
    if item.logistic_type != "fulfillment" or full is None or full.quantity >= quantity:
        return item.logistic_type
    return "self_service" if product.total - full.quantity >= quantity else item.logistic_type


def place_of_sale(product: UserProduct, logistic_type: str, store_id: str | None, quantity: int) -> Location:
    """Where a sale takes its units: Full sales from Full, all others from the seller's places."""
    if logistic_type == "fulfillment":
        full = product.at("meli_facility")
        if full is not None:
            return full
    if store_id is not None:
        return product.at("seller_warehouse", store_id) or _own_location(product)
    stores = [place for place in product.locations if place.type == "seller_warehouse"]
    return next((place for place in stores if place.quantity >= quantity), None) or _own_location(product)


def _own_location(product: UserProduct) -> Location:
    """The seller's own place; the only one there is, where the seller has none."""
    own = [place for place in product.locations if place.type != "meli_facility"]
    everywhere = own or product.locations
    return everywhere[0] if everywhere else Location("selling_address", 0)
