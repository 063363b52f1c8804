"""What an ML item becomes in our tables. Pure: an item in, values of rows out."""

from collections.abc import Iterator
from typing import Any

from mercadolibre.resources.items import Item, Variation

# Values of a row that are cut rather than refused: a long title is no reason to lose a listing.
TITLE_LENGTH = 300
SKU_LENGTH = 150
GTIN_LENGTH = 20
ATTRIBUTES_LENGTH = 300
TAG_LENGTH = 80
URL_LENGTH = 500
NO_VARIATION = 0


def listing_values(item: Item) -> dict[str, Any]:
    """The fields of a listing that ML owns."""
    return {
        "title": item.title[:TITLE_LENGTH],
        "status": item.status,
        "sub_status": list(item.sub_status),
        "category_id": item.category_id or "",
        "condition": item.condition or "",
        "listing_type_id": item.listing_type_id or "",
        "currency_id": item.currency_id or "",
        "price": item.price,
        "original_price": item.original_price or None,  # Global Selling says 0 where there is no promotion
        "available_quantity": item.available_quantity or 0,
        "sold_quantity": item.sold_quantity or 0,
        "user_product_id": item.user_product_id or "",
        "family_id": item.family_id,
        "inventory_id": item.inventory_id or "",
        "catalog_product_id": item.catalog_product_id or "",
        "catalog_listing": item.catalog_listing,
        "logistic_type": item.logistic_type or "",
        "permalink": (item.permalink or "")[:URL_LENGTH],
        "thumbnail": (item.thumbnail or "")[:URL_LENGTH],
        "tags": [tag[:TAG_LENGTH] for tag in item.tags],
        "parent_item_id": item.parent_item_id,
        "net_proceeds": item.net_proceeds,
        "raw": item.raw,
        "ml_last_updated": item.last_updated,
    }


LISTING_FIELDS = tuple(listing_values(Item.from_json({"id": "MLA1"})))


def variation_rows(item: Item) -> Iterator[dict[str, Any]]:
    """One row for each sellable unit: the variations or, where there are none, the item itself as variation 0."""
    if not item.variations:
        yield _item_as_variation(item)
    for variation in item.variations:
        yield _variation(item, variation)


def effective_sku(item: Item, variation: Variation | None = None) -> str:
    """The SKU in the order in which ML itself looks for it; empty where there is none."""
    own = (variation.seller_sku, variation.seller_custom_field) if variation else ()
    candidates = (*own, item.seller_sku, item.seller_custom_field)
    found = next((one.strip() for one in candidates if one and one.strip()), "")
    return found[:SKU_LENGTH]


def _item_as_variation(item: Item) -> dict[str, Any]:
    return {
        "variation_id": NO_VARIATION,
        "attributes_text": "",
        "seller_sku": effective_sku(item),
        "seller_custom_field": (item.seller_custom_field or "")[:SKU_LENGTH],
        "gtin": next(iter(item.gtins), "")[:GTIN_LENGTH],
        "user_product_id": item.user_product_id or "",
        "inventory_id": item.inventory_id or "",
        "available_quantity": item.available_quantity or 0,
        "sold_quantity": item.sold_quantity or 0,
    }


def _variation(item: Item, variation: Variation) -> dict[str, Any]:
    return {
        "variation_id": variation.id,
        "attributes_text": " · ".join(f"{name}: {value}" for name, value in variation.combinations)[:ATTRIBUTES_LENGTH],
        "seller_sku": effective_sku(item, variation),
        "seller_custom_field": (variation.seller_custom_field or "")[:SKU_LENGTH],
        "gtin": next(iter(variation.gtins or item.gtins), "")[:GTIN_LENGTH],
        "user_product_id": variation.user_product_id or "",
        "inventory_id": variation.inventory_id or "",
        "available_quantity": variation.available_quantity or 0,
        "sold_quantity": variation.sold_quantity or 0,
    }


VARIATION_FIELDS = tuple(name for name in _item_as_variation(Item.from_json({"id": "MLA1"})) if name != "variation_id")
