"""Items of Global Selling: reading both kinds, and writing a parent or one of its marketplace listings."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox import by_hand, stock
from sandbox.answers import Answer, Json, Refusal, error
from sandbox.global_accounts import FULFILLMENT, REMOTE, accounts_of, owned_global
from sandbox.global_checks import check, combination, invalid_body, invalid_site
from sandbox.global_json import marketplace_json, price_for
from sandbox.global_listing import child_variation, children_of
from sandbox.item_json import attribute
from sandbox.listing import make_variation
from sandbox.price_rules import AUTOMATED
from sandbox.request import Request
from sandbox.selection import select
from sandbox.state import Item, Variation, seen

if TYPE_CHECKING:
    from sandbox.world import World


def get_item(world: World, request: Request, item_id: str) -> Answer:
    item = seen(owned_global(world, request, item_id), request.stale)
    body = marketplace_json(world, item, all_attributes=request.query.get("include_attributes") == "all")
    return Answer(body=select(body, request.query.get("attributes")))


def get_marketplace_items(world: World, request: Request, item_id: str) -> Answer:
    """GET /items/{CBT}/marketplace_items: only the mapping."""
    whole = marketplace_json(world, owned_global(world, request, item_id))
    return Answer(body={"item_id": item_id, "marketplace_items": whole.get("marketplace_items", [])})


def put_not_allowed(world: World, request: Request, item_id: str) -> Answer:
    return error(405, "method_not_allowed", "Method Not Allowed")


def put_item(world: World, request: Request, item_id: str) -> Answer:
    """`{}` and 200. With `site_id` and `logistic_type` a parent's id means the listing of that marketplace."""
    item = owned_global(world, request, item_id)
    changes = request.json()
    target = _target(world, item, changes)
    concerned = [target] if target.cbt_item_id else children_of(world, target)
    in_full = [one for one in concerned if one.logistic_type == "fulfillment" and one.available_quantity]
    check(world, target, changes, in_full)
    listed = _listed(world, target, changes.get("site_listings", []))
    for child, row in listed:
        _apply_child(world, child, row)
    if target.cbt_item_id:
        _apply_child(world, target, changes)
    else:
        _apply_parent(world, target, changes)
    return Answer(body={})


def _target(world: World, item: Item, changes: Json) -> Item:
    site_id, logistic = changes.pop("site_id", None), changes.pop("logistic_type", None)
    if site_id is None and logistic is None:
        return item
    if item.cbt_item_id or logistic not in (REMOTE, FULFILLMENT):
        raise invalid_body()
    accounts = [one for one in accounts_of(world, item.seller_id) if one.site_id == site_id]
    ids = [one.user_id for one in accounts if one.marketplace_logistic == logistic]
    if not ids:
        raise invalid_site(site_id)
    found = next((child for child in children_of(world, item) if child.seller_id in ids), None)
    if found is None:
        raise Refusal(error(404, "not_found", f"Item with id {item.id} not found"))
    return found


def _listed(world: World, parent: Item, rows: Any) -> list[tuple[Item, Json]]:
    """`site_listings`: prices of several marketplace listings at once."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise invalid_body()
    children = {child.id: child for child in children_of(world, parent)}
    found = []
    for row in rows:
        child = children.get(str(row.get("listing_item_id")))
        if child is None:
            raise Refusal(error(404, "not_found", f"Item with id {row.get('listing_item_id')} not found"))
        changes = {name: value for name, value in row.items() if name not in ("listing_item_id", "logistic_type")}
        check(world, child, changes, [])
        found.append((child, changes))
    return found


def _apply_child(world: World, child: Item, changes: Json) -> None:
    if "variations" in changes:
        _apply_child_variations(world, child, changes["variations"])
    if "available_quantity" in changes and world.global_child_stock == "applied":
        stock.write_through_item(world, child, child.own, changes["available_quantity"])
    price = _price_of(changes)
    if price is not None:
        _price_child(world, child, price, None)
    if "net_proceeds" in changes:
        wanted = Decimal(changes["net_proceeds"])
        _price_child(world, child, price_for(wanted), wanted)
    if "status" in changes:
        _set_status(world, child, changes["status"])
    _apply_words(world, child, changes)


def _price_of(changes: Json) -> Decimal | None:
    """The price of a write, at the top or in its variations, which all have the same."""
    rows = [changes, *changes.get("variations", ())]
    return next((Decimal(row["price"]) for row in rows if "price" in row), None)


def _apply_child_variations(world: World, child: Item, entries: list[Json]) -> None:
    """Those left out go, in this marketplace only."""
    omitted = [one for one in child.variations if one.id not in {entry["id"] for entry in entries}]
    if omitted:
        world.counters["put_missing_variation"] += 1
        world.counters["variations_deleted"] += len(omitted)
        child.remember()
        child.variations = [one for one in child.variations if one not in omitted]
        stock.refresh(world, child)
    for entry in entries:
        if "available_quantity" in entry and world.global_child_stock == "applied":
            stock.write_through_item(world, child, child.holding(entry["id"]), entry["available_quantity"])


def _price_child(world: World, child: Item, price: Decimal, net_proceeds: Decimal | None) -> None:
    child.remember()
    child.own_price, child.net_proceeds = True, net_proceeds
    _set_price(world, child, price)


def _set_price(world: World, item: Item, price: Decimal) -> None:
    """A price written by hand ends a price automation."""
    item.tags = [tag for tag in item.tags if tag != AUTOMATED]
    by_hand.set_price(world, item, price)


def _set_status(world: World, item: Item, status: str) -> None:
    if status == "deleted":
        by_hand.set_status(world, item.id, "closed", ["deleted"])
    elif (status, item.status) != ("active", "active"):
        by_hand.set_status(world, item.id, status, ["paused_by_seller"] if status == "paused" else [])


def _apply_words(world: World, item: Item, changes: Json) -> None:
    named = {"title", "listing_type_id", "condition", "sale_terms"} & set(changes)
    touched = named or {"attributes", "pictures"} & set(changes)
    if touched:
        item.remember()
    for name in named:
        setattr(item, name, changes[name])
    for one in changes.get("attributes") or ():
        _apply_attribute(item, one)
    if "pictures" in changes:
        _apply_pictures(world, item, changes["pictures"])
    if touched:
        stock.touch(world, item)


def _apply_pictures(world: World, item: Item, pictures: list[Json]) -> None:
    """Those named stay, in the order given; what was fetched gets an id of its own."""
    item.picture, *item.more_pictures = [one.get("id") or world.ids.picture(item.site_id) for one in pictures]


def _apply_attribute(item: Item, one: Json) -> None:
    name, value = str(one.get("id")), one.get("value_name")
    if name == "SELLER_SKU":
        item.own.seller_sku = value
    elif name == "GTIN":
        item.own.gtin = value
    else:
        kept = [other for other in item.attributes if other["id"] != name]
        item.attributes = [*kept, attribute(name, value)]


def _apply_parent(world: World, parent: Item, changes: Json) -> None:
    """What changes a parent reaches its listings; their own prices stay."""
    if "variations" in changes:
        _apply_variations(world, parent, changes["variations"])
    if "available_quantity" in changes:
        stock.write_through_item(world, parent, parent.own, changes["available_quantity"])
    price = _price_of(changes)
    if price is not None:
        for item in (parent, *(child for child in children_of(world, parent) if not child.own_price)):
            _set_price(world, item, price)
    if "status" in changes:
        _set_status_everywhere(world, parent, changes["status"])
    _apply_words(world, parent, changes)


def _set_status_everywhere(world: World, parent: Item, status: str) -> None:
    _set_status(world, parent, status)
    for child in children_of(world, parent):
        if child.status in ("active", "paused") and not (status == "active" and child.available_quantity == 0):
            _set_status(world, child, status)


def _apply_variations(world: World, parent: Item, entries: list[Json]) -> None:
    _delete_omitted(world, parent, {one["id"] for one in entries if "id" in one})
    for entry in entries:
        variation = parent.variation(entry["id"]) if "id" in entry else _add_variation(world, parent, entry)
        if variation is not None and "available_quantity" in entry:
            stock.write_through_item(world, parent, variation, entry["available_quantity"])


def _delete_omitted(world: World, parent: Item, named: set[int]) -> None:
    """Gone everywhere, with the ids they had in each marketplace."""
    omitted = {one.user_product_id for one in parent.variations if one.id not in named}
    if not omitted:
        return
    world.counters["put_missing_variation"] += 1
    world.counters["variations_deleted"] += len(omitted)
    for item in (parent, *children_of(world, parent)):
        item.remember()
        item.variations = [one for one in item.variations if one.user_product_id not in omitted]
        stock.refresh(world, item)


def _add_variation(world: World, parent: Item, entry: Json) -> Variation:
    attributes = entry.get("attributes") or ()
    sku = next((one.get("value_name") for one in attributes if one.get("id") == "SELLER_SKU"), None)
    spec = {"combination": combination(entry), "available_quantity": entry["available_quantity"], "seller_sku": sku}
    made = make_variation(world.sellers[parent.seller_id], parent, spec)
    parent.variations.append(made)
    for child in children_of(world, parent):
        if child.logistic_type != "fulfillment":
            account = world.sellers[child.seller_id]
            child.variations.append(make_variation(account, child, child_variation(made)))
    return made
