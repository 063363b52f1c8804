"""What ML switches on in an account, overnight and without asking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import stock
from sandbox.sellers import Seller
from sandbox.state import Location, UserProduct

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
        if product.seller_id == seller.user_id:
            _move_in(world, seller, product, out_of_stock_for)


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
