"""Items as `GET /items/{id}` prints them for their owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import formats
from sandbox.answers import Json
from sandbox.state import Holding, Item, Variation

if TYPE_CHECKING:
    from sandbox.world import World

ATTRIBUTE_NAMES = {
    "SELLER_SKU": "SKU",
    "GTIN": "Código universal de producto",
    "BRAND": "Marca",
    "MODEL": "Modelo",
    "COLOR": "Color",
    "SIZE": "Talle",
    "VOLTAGE": "Voltaje",
    "ITEM_CONDITION": "Condición del ítem",
}


def attribute(attribute_id: str, value: str | None, value_id: str | None = None) -> Json:
    """One attribute. Several values are written with commas in `value_name` and apart in `values`."""
    parts = (value or "").split(",") if value else [None]
    return {
        "id": attribute_id,
        "name": ATTRIBUTE_NAMES.get(attribute_id, attribute_id.replace("_", " ").capitalize()),
        "value_id": value_id if value is not None else "-1",
        "value_name": value,
        "values": [{"id": value_id if value is not None else "-1", "name": part, "struct": None} for part in parts],
        "value_type": "string",
    }


def item_json(world: World, item: Item, *, all_attributes: bool = False) -> Json:
    """All keys. Attributes of variations, where their SKU is, only with `all_attributes`."""
    site = world.sellers[item.seller_id].site
    variations = [variation_json(item, variation, all_attributes) for variation in item.variations]
    return {
        **_identity(item),
        **_terms(item),
        "permalink": permalink(item, site.domain),
        **_pictures(item),
        "shipping": _shipping(item, _flex_beside_full(world, item)),
        "seller_address": _seller_address(site.country_id, site.name),
        "attributes": _attributes(item),
        "variations": variations,
        "status": item.status,
        "sub_status": list(item.sub_status),
        "tags": list(item.tags),
        "catalog_product_id": item.catalog_product_id,
        "domain_id": item.domain_id,
        "seller_custom_field": item.own.seller_custom_field,
        "date_created": formats.millis(item.created_at),
        "last_updated": formats.millis(item.updated_at),
        "health": 0.85,
        "parent_item_id": item.parent_item_id,
        "catalog_listing": item.catalog_listing,
        "item_relations": item.item_relations,
        "channels": ["marketplace"],
        **ALWAYS_THE_SAME,
        **_bundle(world, item),
    }


def _bundle(world: World, item: Item) -> Json:
    """Only kits have the key."""
    product = world.user_products.get(item.own.user_product_id)
    return {"bundle": product.bundle} if product is not None and product.components else {}


# What a seller of ordinary things never sees change.
ALWAYS_THE_SAME: Json = {
    "official_store_id": None,
    "video_id": None,
    "descriptions": [],
    "accepts_mercadopago": True,
    "non_mercado_pago_payment_methods": [],
    "international_delivery_mode": "none",
    "seller_contact": None,
    "location": {},
    "geolocation": {"latitude": -34.6, "longitude": -58.5},
    "coverage_areas": [],
    "listing_source": "",
    "warranty": None,
    "differential_pricing": None,
    "deal_ids": [],
    "automatic_relist": False,
}


def _identity(item: Item) -> Json:
    """Ids of user product and inventory are inside the variations where there are any."""
    single = not item.variations
    return {
        "id": item.id,
        "site_id": item.site_id,
        "title": item.title,
        "family_name": item.family_name,
        "family_id": item.family_id,
        "seller_id": item.seller_id,
        "category_id": item.category_id,
        "user_product_id": item.own.user_product_id if single else None,
        "inventory_id": item.own.inventory_id if single else None,
    }


def _terms(item: Item) -> Json:
    price, stop = formats.number(item.price), formats.millis(item.stop_time)
    return {
        "price": price,
        "base_price": price,
        "original_price": formats.number(item.promotion.regular_amount) if item.promotion else None,
        "currency_id": item.currency_id,
        "initial_quantity": item.initial_quantity,
        "available_quantity": item.available_quantity,
        "sold_quantity": item.sold_quantity,
        "sale_terms": list(item.sale_terms),
        "buying_mode": "buy_it_now",
        "listing_type_id": item.listing_type_id,
        "start_time": formats.millis(item.created_at),
        "stop_time": stop,
        "end_time": stop,
        "expiration_time": stop,
        "condition": item.condition,
    }


def variation_json(item: Item, variation: Variation, all_attributes: bool = False) -> Json:
    body: Json = {
        "id": variation.id,
        "price": formats.number(item.price),
        "attribute_combinations": [attribute(name, value) for name, value in variation.combination.items()],
        "available_quantity": variation.available_quantity,
        "sold_quantity": variation.sold_quantity,
        "sale_terms": [],
        "picture_ids": variation.picture_ids,
        "seller_custom_field": variation.seller_custom_field,
        "catalog_product_id": None,
        "inventory_id": variation.inventory_id,
        "item_relations": [],
        "user_product_id": variation.user_product_id,
    }
    return body | {"attributes": _own_attributes(variation)} if all_attributes else body


def _attributes(item: Item) -> list[Json]:
    condition = attribute("ITEM_CONDITION", "Nuevo" if item.condition == "new" else "Usado", "2230284")
    return [condition, *item.attributes, *_own_attributes(item.own)]


def _own_attributes(holding: Holding) -> list[Json]:
    named = (("GTIN", holding.gtin), ("SELLER_SKU", holding.seller_sku))
    return [attribute(name, value) for name, value in named if value is not None]


def permalink(item: Item, domain: str) -> str:
    words = "".join(letter if letter.isalnum() else "-" for letter in item.title.lower())
    return f"https://articulo.{domain}/{item.site_id}-{item.number}-{words}-_JM"


def _pictures(item: Item) -> Json:
    first = _address(item.picture)
    pictures = [_picture(one) for one in (item.picture, *item.more_pictures)]
    return {"thumbnail_id": item.picture, "thumbnail": f"http://{first}-I.jpg", "pictures": pictures}


def _address(picture_id: str) -> str:
    return f"http2.mlstatic.com/D_{picture_id}"


def _picture(picture_id: str) -> Json:
    address = _address(picture_id)
    return {
        "id": picture_id,
        "url": f"http://{address}-O.jpg",
        "secure_url": f"https://{address}-O.jpg",
        "size": "500x500",
        "max_size": "1200x1200",
        "quality": "",
    }


def _flex_beside_full(world: World, item: Item) -> bool:
    """Both ways of sending are on: units in Full, and units at the seller's."""
    products = [world.user_products[holding.user_product_id] for holding in item.holdings if holding.inventory_id]
    return any(product.at("meli_facility") and len(product.locations) > 1 for product in products)


def _shipping(item: Item, flex_beside_full: bool) -> Json:
    flex = flex_beside_full or item.logistic_type == "self_service"
    return {
        "mode": "me2",
        "methods": [],
        "tags": ["self_service_in"] if flex else ["self_service_available"],
        "dimensions": None,
        "local_pick_up": False,
        "free_shipping": False,
        "logistic_type": item.logistic_type,
        "store_pick_up": False,
    }


def _seller_address(country_id: str, country: str) -> Json:
    return {
        "address_line": "Calle Falsa 123",
        "zip_code": "1414",
        "city": {"name": "Centro"},
        "state": {"id": f"{country_id}-C", "name": "Centro"},
        "country": {"id": country_id, "name": country},
        "latitude": -34.6,
        "longitude": -58.5,
    }
