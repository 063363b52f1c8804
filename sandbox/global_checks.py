"""What `PUT /global/items/{id}` refuses, in the words of its documents."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.answers import Json, Refusal, error
from sandbox.global_packages import check_attributes
from sandbox.item_writes import FROZEN
from sandbox.state import Item

if TYPE_CHECKING:
    from sandbox.world import World

BODY = "The body sent is not valid, make sure you write the fields and values correctly"
PRICE = "Cannot update item price because it is an invalid value"
STOCK = "invalid property type: [available_quantity] expected Number greater than 0"
INVENTORY = "The item could not be updated because the item or variation you are trying to modify has inventory."

COMMON = {"price", "available_quantity", "status", "title", "description", "pictures", "attributes", "listing_type_id"}
PARENT = COMMON | {"variations", "site_listings", "condition", "buying_mode", "sale_terms"}
CHILD = COMMON | {"net_proceeds", "variations"}
ONCE_SOLD = {"title", "condition", "buying_mode"}


def invalid_body() -> Refusal:
    return Refusal(error(400, "validation_error", BODY))


def has_inventory() -> Refusal:
    return Refusal(error(400, "validation_error", INVENTORY))


def invalid_site(site_id: Any) -> Refusal:
    return Refusal(error(400, "invalid_site", f"User not found by site: {site_id}"))


def check(world: World, item: Item, changes: Json, in_full: list[Item]) -> None:
    """A whole body, before anything of it is done. `in_full`: listings concerned that have units in Full."""
    known = CHILD if item.cbt_item_id else PARENT
    if not changes or set(changes) - known:
        raise invalid_body()
    _check_state(item, changes)
    _check_status(item, changes, in_full)
    for name, check_value in VALUES.items():
        if name in changes:
            check_value(changes[name])
    if "available_quantity" in changes and (item.variations or item.logistic_type == "fulfillment"):
        raise has_inventory() if item.logistic_type == "fulfillment" else invalid_body()
    if "net_proceeds" in changes and item.logistic_type == "fulfillment":
        raise invalid_body()
    if "pictures" in changes:
        _check_kept(item, changes["pictures"])
    if "variations" in changes:
        _check_variations(item, changes["variations"], in_full)


def _check_kept(item: Item, pictures: list[Json]) -> None:
    """Pictures named by id are the item's, and those that its variations show are not left out."""
    kept = {one["id"] for one in pictures if one.get("id")}
    shown = {picture for one in item.variations for picture in one.picture_ids}
    if kept - {item.picture, *item.more_pictures} or shown - kept:
        raise invalid_body()


def _check_state(item: Item, changes: Json) -> None:
    has_bids = str(item.sold_quantity > 0).lower()
    is_deletion = item.status == "closed" and changes == {"status": "deleted"}
    if item.status in FROZEN and not is_deletion:
        words = f"Cannot update item {item.id} [status:{item.status}, has_bids:{has_bids}]"
        raise Refusal(error(400, "field_not_updatable", words))
    frozen = sorted(ONCE_SOLD & set(changes)) if item.sold_quantity else []
    if frozen:
        words = f"Cannot update fields [{', '.join(frozen)}] of an item with sales"
        raise Refusal(error(400, "field_not_updatable", words))


def _check_status(item: Item, changes: Json, in_full: list[Item]) -> None:
    status = changes.get("status", "active")
    if status in ("closed", "deleted") and in_full:
        raise has_inventory()
    if status == "deleted" and item.cbt_item_id and item.status in ("paused", "closed"):
        return
    if status not in ("active", "paused"):
        raise invalid_body()
    empty = item.available_quantity == 0 and not changes.get("available_quantity") and "variations" not in changes
    if changes.get("status") == "active" and empty:
        raise invalid_body()


def _check_price(price: Any) -> None:
    if isinstance(price, bool) or not isinstance(price, int | Decimal) or price <= 0:
        raise Refusal(error(400, "invalid_price", PRICE))


def _check_quantity(quantity: Any) -> None:
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 0:
        raise Refusal(error(400, "invalid_stock", STOCK))


def _check_attributes(attributes: Any) -> None:
    if not isinstance(attributes, list) or not all(isinstance(one, dict) for one in attributes):
        raise invalid_body()
    check_attributes(attributes)


def _check_pictures(pictures: Any) -> None:
    """`[{"id": …}]` stays, `[{"source": "https://…"}]` is fetched; at least one is left."""
    if not isinstance(pictures, list) or not pictures or not all(isinstance(one, dict) for one in pictures):
        raise invalid_body()
    if not all(str(one.get("id") or "") or str(one.get("source") or "").startswith("http") for one in pictures):
        raise invalid_body()


def _check_title(title: Any) -> None:
    if not isinstance(title, str) or not title.strip():
        raise invalid_body()


VALUES = {
    "title": _check_title,
    "pictures": _check_pictures,
    "price": _check_price,
    "net_proceeds": _check_price,
    "available_quantity": _check_quantity,
    "attributes": _check_attributes,
}


def _check_variations(item: Item, entries: Any, in_full: list[Item]) -> None:
    """Those listed stay, those without an id are new, those left out go: not while units are in Full."""
    if not isinstance(entries, list) or not entries or not all(isinstance(one, dict) for one in entries):
        raise invalid_body()
    added = [one for one in entries if "id" not in one]
    fills_full = item.logistic_type == "fulfillment" and any("available_quantity" in one for one in entries)
    if fills_full or (in_full and _changes_what_there_is(item, entries)):
        raise has_inventory()
    if added and item.cbt_item_id:
        # What there is, is the parent's to say.
        raise invalid_body()
    if not item.variations or any(not combination(one) or "available_quantity" not in one for one in added):
        raise invalid_body()
    for one in entries:
        if "id" in one and item.variation(one["id"]) is None:
            raise invalid_body()
        for name in ("price", "available_quantity"):
            if name in one:
                VALUES[name](one[name])
    # A variation without a price keeps the old one, and all of them sell at one price.
    if len({Decimal(str(one.get("price", item.price))) for one in entries}) > 1:
        raise invalid_body()


def _changes_what_there_is(item: Item, entries: list[Json]) -> bool:
    gone = {one.id for one in item.variations} - {one.get("id") for one in entries}
    edited = any("attribute_combinations" in one for one in entries if "id" in one)
    added = any("id" not in one for one in entries)
    return bool(gone) or edited or added


def combination(entry: Json) -> dict[str, str]:
    """`[{"id": "COLOR", "value_name": "Blue"}]`, or `[{"color": "Blue"}]` as the documents also write it."""
    found: dict[str, str] = {}
    for one in entry.get("attribute_combinations") or ():
        if "value_name" in one:
            found[str(one.get("id") or one.get("name"))] = str(one["value_name"])
        else:
            found |= {str(name).upper(): str(value) for name, value in one.items()}
    return found
