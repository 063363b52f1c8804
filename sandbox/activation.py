"""What ML switches on in an account, overnight and without asking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandbox import families, stock
from sandbox.migration import LISTED
from sandbox.sellers import Seller
from sandbox.state import Item, Location, UserProduct

if TYPE_CHECKING:
    from sandbox.world import World

MANAGED = "warehouse_management"


def activate_warehouses(world: World, seller: Seller, *, several: bool, out_of_stock_for: float) -> None:
    """From now on stock lives in warehouses: what was at the selling address is in the first one.

    `several` allows more than one. For `out_of_stock_for` seconds the listings show nothing, as after a slow migration.
    """
    if seller.has_warehouses:
        raise ValueError(f"{seller.nickname} has warehouses already")
    seller.tags += [MANAGED, *(["multiwarehouse"] if several else [])]
    if not any(store.is_stock_location for store in seller.stores):
        seller.add_store("Depósito principal", city="Centro")
    for product in world.user_products.values():
        # Kits follow their components.
        if product.seller_id == seller.user_id and not product.components:
            _move_in(world, seller, product, out_of_stock_for)


def activate_user_products(world: World, seller: Seller) -> None:
    """From now on listings have families. Those without variations move by themselves, the others wait for UPtin."""
    if not seller.has_user_products:
        seller.tags.append("user_product_seller")
    for item in (world.items[item_id] for item_id in world.items_of[seller.user_id]):
        if not item.variations and item.family_name is None and item.status != "closed":
            _join_family(world, item)


def _join_family(world: World, item: Item) -> None:
    product = world.user_products[item.own.user_product_id]
    item.remember()
    if product.family_id is None:
        product.family_id, product.family_name = world.ids.number("family"), item.title
    item.family_id, item.family_name = product.family_id, product.family_name
    item.tags += [] if item.catalog_listing else [LISTED]
    stock.touch(world, item)
    families.announce(world, product)


def unify(world: World, item_ids: Sequence[str]) -> UserProduct:
    """ML finds that several listings are the same thing: all get the first one's user product, and its stock."""
    items = [world.items[item_id] for item_id in item_ids]
    if any(item.variations or item.seller_id != items[0].seller_id for item in items):
        raise ValueError("only listings of one seller without variations are unified")
    product = world.user_products[items[0].own.user_product_id]
    for item in items[1:]:
        world.user_products[item.own.user_product_id].item_ids.discard(item.id)
        product.item_ids.add(item.id)
        item.remember()
        item.own.user_product_id, item.own.inventory_id = product.id, items[0].own.inventory_id
        item.family_id, item.family_name = product.family_id, product.family_name
        item.own.available_quantity = product.total
        stock.refresh(world, item)
    return product


def _move_in(world: World, seller: Seller, product: UserProduct, out_of_stock_for: float) -> None:
    here = product.at("selling_address")
    if here is None:
        return
    store = next(store for store in seller.stores if store.is_stock_location)
    moved = Location("seller_warehouse", 0, store.id, store.network_node_id)
    stock.change(world, product, [(moved, here.quantity)])
    product.locations.remove(here)
    if out_of_stock_for > 0:
        _hide(world, product)
        world.later(out_of_stock_for, lambda: stock.replicate(world, product))


def _hide(world: World, product: UserProduct) -> None:
    for item_id in sorted(product.item_ids):
        item = world.items[item_id]
        if item.status == "closed" or not stock.can_be_empty(item):
            continue
        item.remember()
        for holding in item.holdings:
            if holding.user_product_id == product.id:
                holding.available_quantity = 0
        stock.refresh(world, item)
