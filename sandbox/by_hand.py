"""What a seller does by hand in Mercado Libre's own panel."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox import stock
from sandbox.state import Item

if TYPE_CHECKING:
    from sandbox.world import World


def edit_stock(world: World, item_id: str, quantity: int, variation_id: int | None, store_id: str | None) -> None:
    """Count again. Of a warehouse seller, one store is set (the first unless named); Full cannot be."""
    item = world.items[item_id]
    holding = item.holding(variation_id)
    product = world.user_products[holding.user_product_id]
    if product.components:
        raise ValueError(f"{item_id} is a kit: its stock is that of its components")
    place = product.at("seller_warehouse", store_id) if store_id else None
    if place is None:
        place = stock.place_of_sale(product, "", None, 0)
    if place.type == "meli_facility":
        raise ValueError(f"{item_id} is in Full: nobody edits its stock by hand")
    stock.change(world, product, [(place, quantity)])
    item.remember()
    holding.available_quantity = product.total
    stock.refresh(world, item)
    stock.replicate(world, product, except_item=item.id)


def edit_price(world: World, item_id: str, price: Decimal) -> None:
    set_price(world, world.items[item_id], price)


def set_price(world: World, item: Item, price: Decimal) -> None:
    if price == item.price:
        return
    item.remember()
    item.price = price
    item.price_version += 1
    stock.touch(world, item)
    world.notify("items_prices", f"/items/{item.id}/prices", item.seller_id)


def set_status(world: World, item_id: str, status: str, sub_status: list[str]) -> None:
    item = world.items[item_id]
    item.remember()
    item.status, item.sub_status = status, sub_status
    stock.touch(world, item)
