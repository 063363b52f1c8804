"""POST /items/{id}/relist: a closed listing lives on under another id, its variations too."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox import price_rules, stock
from sandbox.answers import Answer, Json, bad_request
from sandbox.item_json import item_json
from sandbox.items import owned
from sandbox.migration import SOURCE
from sandbox.quantity_rules import check_quantity, ignores_quantities
from sandbox.request import Request
from sandbox.state import Holding, Item, Variation

if TYPE_CHECKING:
    from sandbox.world import World

LISTING_LIFE_YEARS = 20


def obstacle(world: World, item: Item) -> str | None:
    """Why a listing cannot be relisted; None where it can."""
    if item.status != "closed" or SOURCE in item.tags:
        return f"Cannot relist item {item.id} [status:{item.status}]"
    if any(other.parent_item_id == item.id for other in world.items.values()):
        return f"Item {item.id} was already relisted"
    if item.variations and world.sellers[item.seller_id].has_user_products:
        return "The fields [variations] are invalid for requested call"
    return None


def post_relist(world: World, request: Request, item_id: str) -> Answer:
    """Variations are named by their old ids and get new ones; those left out do not come along."""
    item, body = owned(world, request, item_id), request.json()
    problem = obstacle(world, item)
    if problem:
        raise bad_request(problem, "item.relist.invalid")
    kept = _kept(world, item, body)
    price = body.get("price", kept[0].get("price") if item.variations else None)
    if price is not None:
        price_rules.check_price(world, item, price)
    quantities = {row.get("id"): row["quantity"] for row in kept if "quantity" in row}
    new = relist(world, item, price, quantities, [row["id"] for row in kept] if item.variations else None)
    new.listing_type_id = body.get("listing_type_id", new.listing_type_id)
    return Answer(201, item_json(world, new))


def _kept(world: World, item: Item, body: Json) -> list[Json]:
    """The rows of the body: one per variation, or the body itself."""
    rows = body.get("variations") if item.variations else [body]
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise bad_request("The fields [variations] are required for requested call", "body.required_fields")
    for row in rows:
        holding: Holding | None = item.variation(row.get("id")) if item.variations else item.own
        if holding is None:
            raise bad_request(f"Variation {row.get('id')} does not belong to the item", "item.variations.id.invalid")
        if "quantity" in row:
            check_quantity(world, item, holding, row["quantity"])
    return rows


def relist(
    world: World,
    item: Item,
    price: Any = None,
    quantities: Mapping[int | None, int] | None = None,
    variation_ids: list[int] | None = None,
) -> Item:
    """The new listing. It offers what its products have, unless quantities are given (by old variation id)."""
    now, old = world.now(), copy.deepcopy(item)
    new = replace(
        old,
        id=world.ids.item(item.site_id),
        parent_item_id=item.id,
        created_at=now,
        stop_time=now.replace(year=now.year + LISTING_LIFE_YEARS, day=1, hour=4, minute=0, second=0, microsecond=0),
        status="active",
        sub_status=[],
        variations=[one for one in old.variations if variation_ids is None or one.id in variation_ids],
        price=item.price if price is None else Decimal(str(price)),
        promotion=None,
    )
    world.add(new)
    for holding in new.holdings:
        _take_over(world, new, holding, quantities or {})
    new.initial_quantity = new.available_quantity
    stock.refresh(world, new)
    return new


def _take_over(world: World, new: Item, holding: Holding, quantities: Mapping[int | None, int]) -> None:
    old_id = holding.id if isinstance(holding, Variation) else None
    product = world.user_products[holding.user_product_id]
    product.item_ids.add(new.id)
    holding.sold_quantity = 0
    if isinstance(holding, Variation):
        holding.id = world.ids.number("variation")
    if old_id in quantities and not ignores_quantities(world.sellers[new.seller_id]):
        stock.write_through_item(world, new, holding, quantities[old_id])
    holding.available_quantity = product.total
