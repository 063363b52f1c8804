"""A listing becomes something else under its own id, in the seller's panel or by Mercado Libre's own doing.

What the documents say: a variation that goes takes its id along and never comes back under it; a user product keeps its
id wherever it is listed; a kit's stock is that of its parts.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox import kits, stock
from sandbox.migration import RESULT
from sandbox.state import Component, Holding, Item, Variation

if TYPE_CHECKING:
    from sandbox.world import World


def remove_variation(world: World, item: Item, variation_id: int) -> Variation:
    """The seller takes a variation away; an item with variations keeps at least one."""
    gone = _variation(item, variation_id)
    if len(item.variations) == 1:
        raise ValueError(f"{item.id} has no other variation")
    item.remember()
    item.variations.remove(gone)
    world.user_products[gone.user_product_id].item_ids.discard(item.id)
    stock.refresh(world, item)
    return gone


def split_off(world: World, item: Item, variation_id: int) -> Item:
    """A variation becomes a listing of its own, of the same user product."""
    gone = remove_variation(world, item, variation_id)
    new = replace(
        copy.deepcopy(item),
        id=world.ids.item(item.site_id),
        title=" ".join([item.title, *gone.combination.values()]),
        own=_holding(gone),
        variations=[],
        created_at=world.now(),
        initial_quantity=gone.available_quantity,
        status="active",
        sub_status=[],
        tags=[*item.tags, RESULT],
        promotion=None,
    )
    world.user_products[gone.user_product_id].item_ids.add(new.id)
    world.add(new)
    stock.refresh(world, new)
    return new


def flatten(world: World, item: Item, variation_id: int) -> None:
    """The listing keeps its id and sells one of its variations from now on, as an item without variations."""
    kept = _variation(item, variation_id)
    item.remember()
    for gone in item.variations:
        if gone is not kept:
            world.user_products[gone.user_product_id].item_ids.discard(item.id)
    item.own, item.variations = _holding(kept), []
    stock.refresh(world, item)


def make_kit(world: World, item: Item, components: Mapping[str, int]) -> None:
    """The product of a listing is put together from others from now on."""
    product = world.user_products[item.own.user_product_id]
    item.remember()
    product.components = [Component(product_id, quantity) for product_id, quantity in components.items()]
    item.tags.append(kits.KIT)
    for part in product.components:
        world.kits_of.setdefault(part.user_product_id, set()).add(product.id)
        kits.follow(world, world.user_products[part.user_product_id])
    stock.touch(world, item)


def end_kit(world: World, item: Item) -> None:
    """The product is one thing again; it keeps the number that its parts made of it."""
    product = world.user_products[item.own.user_product_id]
    item.remember()
    for part in product.components:
        world.kits_of[part.user_product_id].discard(product.id)
    product.components = []
    item.tags.remove(kits.KIT)
    stock.touch(world, item)


def send_by(world: World, item: Item, logistic_type: str) -> None:
    """The seller, or Mercado Libre, changes how the listing's parcels leave."""
    item.remember()
    item.logistic_type = logistic_type
    stock.touch(world, item)


def _variation(item: Item, variation_id: int) -> Variation:
    found = item.variation(variation_id)
    if found is None:
        raise ValueError(f"{item.id} has no variation {variation_id}")
    return found


def _holding(variation: Variation) -> Holding:
    return Holding(
        variation.user_product_id,
        variation.available_quantity,
        variation.sold_quantity,
        variation.seller_sku,
        variation.seller_custom_field,
        variation.gtin,
        variation.inventory_id,
    )
