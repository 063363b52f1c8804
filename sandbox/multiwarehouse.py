"""POST /items/multiwarehouse: publishing with units in named warehouses."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox import categories
from sandbox.answers import Answer, Json, bad_request
from sandbox.item_json import attribute, item_json
from sandbox.request import Request
from sandbox.sellers import Seller
from sandbox.stores import named_store, units

if TYPE_CHECKING:
    from sandbox.world import World

NEEDED = ("category_id", "price", "listing_type_id", "currency_id")
HELD = ("SELLER_SKU", "GTIN", "ITEM_CONDITION")  # which stand elsewhere in an item
KEPT = ("category_id", "listing_type_id", "condition", "family_name", "sale_terms", "catalog_product_id")


def post_item(world: World, request: Request) -> Answer:
    """201 with the user product, which is where the stock is from then on: later reads know no `stock_locations`."""
    seller, body = world.sellers[request.caller_id], request.json()
    _check_fields(seller, body)
    stores = _stores(world, seller, body["stock_locations"])
    attributes = _attributes(seller, body)
    title = body.get("title") or body["family_name"]
    item = seller.add_item(
        title=title,
        price=Decimal(body["price"]),
        seller_sku=_said(body, "SELLER_SKU"),
        stores=stores,
        attributes=[attribute(one["id"], one["value_name"]) for one in attributes],
        gtin=_said(body, "GTIN"),
        catalog_listing=bool(body.get("catalog_listing")),
        **{name: body[name] for name in KEPT if body.get(name) is not None},
    )
    product = world.user_products[item.own.user_product_id]
    world.notify("items", f"/items/{item.id}", seller.user_id)
    world.notify("stock-locations", f"/user-products/{product.id}/stock", seller.user_id)
    where = [
        {"store_id": place.store_id, "quantity": place.quantity, "network_node_id": place.network_node_id}
        for place in product.locations
    ]
    return Answer(201, item_json(world, item) | {"stock_locations": where})


def _check_fields(seller: Seller, body: Json) -> None:
    if "available_quantity" in body:
        raise bad_request("The fields [available_quantity] are invalid for requested call", "body.invalid_fields")
    if not seller.has_warehouses:
        raise bad_request("The fields [stock_locations] are invalid for requested call", "body.invalid_fields")
    entries = body.get("stock_locations")
    if not isinstance(entries, list) or not entries:
        raise bad_request("The fields [stock_locations] are required for requested call", "body.required_fields")
    missing = [name for name in NEEDED if body.get(name) is None]
    if not (body.get("title") or body.get("family_name")):
        missing.append("family_name" if seller.has_user_products else "title")
    if missing:
        words = f"The fields [{', '.join(missing)}] are required for requested call"
        raise bad_request(words, "body.required_fields")
    if not isinstance(body["price"], int | Decimal) or body["price"] <= 0:
        raise bad_request("The price must be a number", "item.price.invalid")


def _stores(world: World, seller: Seller, entries: list[Any]) -> dict[str, int]:
    found = {named_store(world, seller, entry).id: units(entry) for entry in entries}
    if len(found) > 1 and "multiwarehouse" not in seller.tags:
        raise bad_request("seller with a single warehouse cannot update stock across multiple network nodes")
    return found


def _attributes(seller: Seller, body: Json) -> list[Json]:
    """What stays an attribute of the item. A product of the catalog says what a category asks for by itself."""
    given = body.get("attributes") or []
    catalog = body.get("catalog_product_id")
    if catalog is None:
        categories.check(body["category_id"], given, condition=body.get("condition", "new"))
    elif not str(catalog).startswith(seller.site_id):
        raise bad_request(f"Invalid catalog_product_id {catalog}", "item.catalog_product_id.invalid")
    return [one for one in given if one.get("value_name") and one.get("id") not in HELD]


def _said(body: Json, attribute_id: str) -> str | None:
    attributes = body.get("attributes") or ()
    return next((one.get("value_name") for one in attributes if one.get("id") == attribute_id), None)
