"""PUT /items/{id} and the variations below it: what may be written, what is ignored, what is lost."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox import by_hand, families, price_rules, stock
from sandbox.answers import Answer, Json, bad_request, cause, invalid
from sandbox.global_accounts import check_local
from sandbox.item_json import item_json
from sandbox.items import owned, variation_of
from sandbox.listing import make_variation
from sandbox.migration import check_not_migrating
from sandbox.quantity_rules import check_quantity, ignores_quantities
from sandbox.request import Request
from sandbox.state import Item, Variation

if TYPE_CHECKING:
    from sandbox.world import World

FREE_FIELDS = {
    "attributes",
    "channels",
    "description",
    "family_name",
    "listing_type_id",
    "location",
    "pictures",
    "sale_terms",
    "seller_custom_field",
    "shipping",
    "tags",
    "video_id",
    "warranty",
}
ONCE_SOLD = {"title", "condition", "buying_mode"}
FIELDS = {"price", "available_quantity", "status", "variations", "deleted"} | FREE_FIELDS | ONCE_SOLD
STATUSES = ("active", "paused", "closed")
FROZEN = ("closed", "under_review", "inactive", "payment_required")


def put_item(world: World, request: Request, item_id: str) -> Answer:
    """All or nothing, except for fields that are dropped with a warning or, worse, without one."""
    item = _writable(world, request, item_id)
    changes = request.json()
    if "deleted" in changes:
        return _delete(world, item)
    _check_fields(world, item, changes)
    warnings = price_rules.drop_ignored_price(item, changes)
    _check_values(world, item, changes)
    _apply(world, item, changes)
    if world.empty_put_answers:
        return Answer(body={"warnings": warnings} if warnings else {})
    body = item_json(world, item)
    return Answer(body=body | {"warnings": warnings} if warnings else body)


def _writable(world: World, request: Request, item_id: str) -> Item:
    check_local(world, request, item_id)
    item = owned(world, request, item_id)
    check_not_migrating(item)
    return item


def _delete(world: World, item: Item) -> Answer:
    # What was forbidden or never paid for cannot be closed first.
    if item.status not in ("closed", "payment_required") and item.sub_status != ["forbidden"]:
        raise bad_request("Only closed items can be deleted", "item.deleted.invalid")
    by_hand.set_status(world, item.id, "closed", ["deleted"])
    return Answer(body={"id": item.id, "status": "closed", "sub_status": ["deleted"]})


def _check_fields(world: World, item: Item, changes: Json) -> None:
    if "bundle" in changes:
        raise bad_request("Updating the bundle node is not allowed")
    unknown = sorted(set(changes) - FIELDS)
    if unknown:
        raise bad_request(f"The fields [{', '.join(unknown)}] are invalid for requested call", "body.invalid_fields")
    if item.status in FROZEN:
        has_bids = str(item.sold_quantity > 0).lower()
        words = f"Cannot update item {item.id} [status:{item.status}, has_bids:{has_bids}]"
        raise bad_request(words, "field_not_updatable")
    user_products = world.sellers[item.seller_id].has_user_products
    if user_products and not item.variations and {"title", "variations"} & set(changes):
        fields = ", ".join(sorted({"title", "variations"} & set(changes)))
        raise bad_request(f"The fields [{fields}] are invalid for requested call", "body.invalid_fields")
    if "family_name" in changes and _family_sold(world, item):
        raise bad_request("family_name is not modifiable: the user product has sales", "field_not_updatable")
    frozen = sorted(ONCE_SOLD & set(changes)) if item.sold_quantity else []
    if frozen:
        raise bad_request(f"Cannot update fields [{', '.join(frozen)}] of an item with sales", "field_not_updatable")


def _family_sold(world: World, item: Item) -> bool:
    product = world.user_products.get(item.own.user_product_id)
    return product is not None and any(world.items[other].sold_quantity for other in product.item_ids)


def _check_values(world: World, item: Item, changes: Json) -> None:
    if "status" in changes and changes["status"] not in STATUSES:
        message = f"{changes['status']} is not a valid status"
        raise invalid(cause("item.status.invalid", message, 137, "item.status"))
    if changes.get("status") == "active" and item.available_quantity == 0 and not _brings_units(changes):
        raise invalid(cause("item.status.invalid", "Cannot activate an item without stock", 138, "item.status"))
    if "variations" in changes:
        _check_variations(world, item, changes["variations"])
    for name in ("price", "available_quantity"):
        if name in changes and item.variations:
            message = f"{name} is not modifiable: the item has variations"
            raise invalid(cause(f"item.{name}.not_modifiable", message, 239, f"item.{name}"))
    if "price" in changes:
        price_rules.check_price(world, item, changes["price"])
    if "available_quantity" in changes:
        check_quantity(world, item, item.own, changes["available_quantity"])


def _brings_units(changes: Json) -> bool:
    entries = changes.get("variations")
    rows = (
        [changes, *(entry for entry in entries if isinstance(entry, dict))] if isinstance(entries, list) else [changes]
    )
    return any(row.get("available_quantity") for row in rows)


def _check_variations(world: World, item: Item, entries: Any) -> None:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise bad_request("variations must be a list of objects", "item.variations.invalid")
    if not item.variations:
        raise bad_request("The fields [variations] are invalid for requested call", "body.invalid_fields")
    for entry in entries:
        _check_variation(world, item, entry)
    _check_one_price(item, entries)


def _check_variation(world: World, item: Item, entry: Json) -> None:
    variation = None
    if "id" in entry:
        variation = item.variation(entry["id"]) if isinstance(entry["id"], int) else None
        if variation is None:
            message = f"Variation {entry['id']} does not belong to the item"
            raise invalid(cause("item.variations.id.invalid", message, 344, "item.variations"))
    elif world.sellers[item.seller_id].has_user_products:
        # Each thing is a listing of its own now: nobody adds variations any more.
        raise bad_request("The fields [variations] are invalid for requested call", "body.invalid_fields")
    elif not entry.get("attribute_combinations"):
        message = "A variation needs an id or attribute_combinations"
        raise invalid(cause("item.variations.attribute_combinations.required", message, 345, "item.variations"))
    if "price" in entry:
        price_rules.check_price(world, item, entry["price"])
    if "available_quantity" in entry:
        check_quantity(world, item, variation, entry["available_quantity"])


def _check_one_price(item: Item, entries: list[Json]) -> None:
    """Variations sell at one price: one that is not named keeps the old one, and then they differ."""
    prices = {Decimal(str(entry.get("price", item.price))) for entry in entries}
    if len(prices) > 1:
        message = "All variations must have the same price"
        raise invalid(cause("item.variations.price.different", message, 346, "item.variations.price"))


def _apply(world: World, item: Item, changes: Json) -> None:
    seller = world.sellers[item.seller_id]
    if "variations" in changes:
        _apply_variations(world, item, changes["variations"])
    if "available_quantity" in changes and not ignores_quantities(seller):
        stock.write_through_item(world, item, item.own, changes["available_quantity"])
    if "price" in changes:
        by_hand.set_price(world, item, Decimal(str(changes["price"])))
    if "status" in changes:
        _apply_status(world, item, changes["status"])
    _apply_free_fields(world, item, changes)


def _apply_status(world: World, item: Item, status: str) -> None:
    """Pausing makes it the seller's pause: units alone do not wake the listing any more."""
    if (status, item.status) != ("active", "active"):
        by_hand.set_status(world, item.id, status, ["paused_by_seller"] if status == "paused" else [])


def _apply_free_fields(world: World, item: Item, changes: Json) -> None:
    changed = (FREE_FIELDS | ONCE_SOLD) & set(changes)
    if not changed:
        return
    item.remember()
    for name in changed & {"title", "condition", "listing_type_id", "sale_terms", "tags"}:
        setattr(item, name, changes[name])
    if "family_name" in changes and item.own.user_product_id:
        product, name = world.user_products[item.own.user_product_id], changes["family_name"]
        world.later(world.replication_delay, lambda: families.rename(world, [product], name))
    if "seller_custom_field" in changes:
        item.own.seller_custom_field = changes["seller_custom_field"]
    for entry in changes.get("attributes") or ():
        _apply_attribute(item, entry)
    stock.touch(world, item)


def _apply_attribute(item: Item, entry: Json) -> None:
    if entry.get("id") == "SELLER_SKU":
        item.own.seller_sku = entry.get("value_name")
    elif entry.get("id") == "GTIN":
        item.own.gtin = entry.get("value_name")


def _apply_variations(world: World, item: Item, entries: list[Json]) -> None:
    named = {entry["id"] for entry in entries if "id" in entry}
    _delete_omitted(world, item, named)
    for entry in entries:
        variation = item.variation(entry["id"]) if "id" in entry else _add_variation(world, item, entry)
        if variation is not None:
            _apply_variation(world, item, variation, entry)
    prices = [entry["price"] for entry in entries if "price" in entry]
    if prices:
        by_hand.set_price(world, item, Decimal(str(prices[0])))


def _delete_omitted(world: World, item: Item, named: set[int]) -> None:
    """A variation that the list leaves out is gone for good, id and all."""
    omitted = [variation for variation in item.variations if variation.id not in named]
    if not omitted:
        return
    world.counters["put_missing_variation"] += 1
    world.counters["variations_deleted"] += len(omitted)
    item.remember()
    item.variations = [variation for variation in item.variations if variation.id in named]
    stock.refresh(world, item)


def _add_variation(world: World, item: Item, entry: Json) -> Variation:
    seller = world.sellers[item.seller_id]
    combination = {one.get("id") or one.get("name"): one.get("value_name") for one in entry["attribute_combinations"]}
    spec = {**entry, "combination": combination, "seller_sku": _sku_of(entry)}
    variation = make_variation(seller, item, spec)
    item.remember()
    item.variations.append(variation)
    stock.refresh(world, item)
    return variation


def _sku_of(entry: Json) -> str | None:
    attributes = entry.get("attributes") or ()
    return next((one.get("value_name") for one in attributes if one.get("id") == "SELLER_SKU"), None)


def _apply_variation(world: World, item: Item, variation: Variation, entry: Json) -> None:
    if "attributes" in entry:
        variation.seller_sku = _sku_of(entry) or variation.seller_sku
    if "seller_custom_field" in entry:
        variation.seller_custom_field = entry["seller_custom_field"]
    if "available_quantity" in entry and not ignores_quantities(world.sellers[item.seller_id]):
        stock.write_through_item(world, item, variation, entry["available_quantity"])


def post_variation(world: World, request: Request, item_id: str) -> Answer:
    """POST /items/{id}/variations: one more."""
    item = _writable(world, request, item_id)
    entry = request.json()
    entry.pop("id", None)
    _check_variation(world, item, entry)
    if "price" in entry:
        _check_one_price(item, [entry, {}])
    _add_variation(world, item, entry)
    return Answer(201, item_json(world, item, all_attributes=True)["variations"])


def delete_variation(world: World, request: Request, item_id: str, variation_id: str) -> Answer:
    item = _writable(world, request, item_id)
    gone = variation_of(item, variation_id)
    if len(item.variations) == 1:
        raise bad_request("An item with variations needs at least one", "item.variations.invalid")
    item.remember()
    item.variations.remove(gone)
    world.counters["variations_deleted"] += 1
    stock.refresh(world, item)
    return Answer(body=item_json(world, item)["variations"])
