"""Items of Global Selling as `GET /marketplace/items/{id}` prints them, parents and marketplace listings alike."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox import formats
from sandbox.answers import Json
from sandbox.global_listing import children_of
from sandbox.item_json import item_json
from sandbox.state import Item

if TYPE_CHECKING:
    from sandbox.world import World

KEPT = (
    *("id", "site_id", "date_created", "title", "descriptions", "attributes", "listing_type_id", "permalink"),
    *("shipping", "status", "sub_status", "tags", "warranty", "catalog_product_id", "domain_id", "category_id"),
    *("official_store_id", "sale_terms", "sold_quantity", "available_quantity", "last_updated", "seller_id"),
    *("price", "currency_id", "variations", "item_relations", "pictures", "thumbnail", "thumbnail_id"),
    *("buying_mode", "accepts_mercadopago", "initial_quantity", "condition"),
)
SALE_FEE, SHIPPING = Decimal("0.165"), Decimal("0.25")
CENT = Decimal("0.01")


def price_for(net_proceeds: Decimal) -> Decimal:
    """What a buyer must pay for the seller to be left with this."""
    return (net_proceeds / (1 - SALE_FEE - SHIPPING)).quantize(CENT)


def marketplace_json(world: World, item: Item, *, all_attributes: bool = False) -> Json:
    """Empty words where local items have null; money always in dollars."""
    whole = item_json(world, item, all_attributes=all_attributes)
    body: Json = {name: whole[name] for name in KEPT}
    for variation in body["variations"]:
        variation["currency_id"] = item.currency_id
    body |= {
        "original_price": 0,
        "base_exchange_rate": 0,
        "inventory_id": whole["inventory_id"] or "",
        "cbt_item_id": item.cbt_item_id or "",
    }
    return body | (_of_child(world, item) if item.cbt_item_id else _of_parent(world, item))


def _of_parent(world: World, item: Item) -> Json:
    return {
        "international_delivery_mode": "none",
        "user_logistic_type": "",
        "owner_id": 0,
        "permalink": "",
        "marketplace_items": [_pointer(world, child) for child in children_of(world, item)],
    }


def _pointer(world: World, child: Item) -> Json:
    account = world.sellers[child.seller_id]
    return {
        "item_id": child.id,
        "user_id": child.seller_id,
        "site_id": child.site_id,
        "logistic_type": account.marketplace_logistic,
        "date_created": formats.seconds(child.created_at),
        "parent_id": child.cbt_item_id,
        "parent_user_id": account.parent_id,
    }


def _of_child(world: World, item: Item) -> Json:
    account = world.sellers[item.seller_id]
    body: Json = {
        "international_delivery_mode": "DDP",
        "user_logistic_type": account.marketplace_logistic,
        "owner_id": account.parent_id,
    }
    return body if item.logistic_type == "fulfillment" else body | {"net_proceeds": _net(item)}


def _net(item: Item) -> Json:
    """What is left of the price, and what was taken off it. The seller's own figure stays as it was given."""
    fee, shipping = (item.price * SALE_FEE).quantize(CENT), (item.price * SHIPPING).quantize(CENT)
    amount = item.net_proceeds if item.net_proceeds is not None else item.price - fee - shipping
    concepts = [
        {"id": "shipping_cost", "amount": formats.number(shipping)},
        {"id": "sale_fee", "amount": formats.number(item.price - amount - shipping)},
    ]
    return {"amount": formats.number(amount), "additional_concepts": concepts, "currency_id": item.currency_id}
