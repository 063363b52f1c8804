"""Reading items: one, many at once, and their variations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.answers import Answer, Json, bad_request, forbidden, not_found
from sandbox.item_json import item_json, variation_json
from sandbox.request import Request
from sandbox.selection import select, select_envelope
from sandbox.state import MIGRATING, Item, Variation, seen

if TYPE_CHECKING:
    from sandbox.world import World

MANY = 20
NO_ACCESS = "access to the requested resource is forbidden"


def owned(world: World, request: Request, item_id: str) -> Item:
    """The caller's item. 404 for one that is not there, 403 for another seller's."""
    item = _found(world, item_id)
    if item is None:
        raise not_found(f"Item with id {item_id} not found")
    if item.seller_id != request.caller_id:
        raise forbidden()
    return item


def _found(world: World, item_id: str) -> Item | None:
    """None for what was deleted too, and, as a rule of the world, for what is migrating."""
    item = world.items.get(item_id)
    if item is None or "deleted" in item.sub_status:
        return None
    return None if world.migrating_items_missing and MIGRATING in item.tags else item


def read(world: World, request: Request, item_id: str) -> Json:
    item = seen(owned(world, request, item_id), request.stale)
    return item_json(world, item, all_attributes=request.query.get("include_attributes") == "all")


def get_item(world: World, request: Request, item_id: str) -> Answer:
    return Answer(body=select(read(world, request, item_id), request.query.get("attributes")))


def _asked_ids(request: Request) -> list[str]:
    ids = [item_id for item_id in request.query.get("ids", "").split(",") if item_id]
    if not ids:
        raise bad_request("ids parameter is required", "invalid_parameter")
    return ids


def get_bulk(world: World, request: Request) -> Answer:
    """GET /items/bulk: order kept, at most 20, a repeated id refuses the whole batch."""
    ids = _asked_ids(request)
    if len(ids) > MANY:
        raise bad_request(f"The maximum number of ids is {MANY}", "invalid_parameter")
    if len(set(ids)) < len(ids):
        raise bad_request("The ids parameter contains repeated values", "invalid_parameter")
    wanted = request.query.get("attributes")
    return Answer(body=[select_envelope(_element(world, request, item_id), wanted) for item_id in ids])


def _element(world: World, request: Request, item_id: str) -> Json:
    item = _found(world, item_id)
    if item is None:
        return {"id": item_id, "status_code": 404, "error": {"message": f"Item with id {item_id} not found"}}
    if item.seller_id != request.caller_id:
        return {"id": item_id, "status_code": 403, "error": {"message": NO_ACCESS}}
    return {"id": item_id, "status_code": 200, "body": read(world, request, item_id)}


def get_many_legacy(world: World, request: Request) -> Answer:
    """GET /items?ids=: `code` and `body`, in no particular order, repeats dropped. Off unless switched on."""
    if not world.legacy_multiget:
        raise not_found("resource not found")
    ids = list(dict.fromkeys(_asked_ids(request)))
    if len(ids) > MANY:
        raise bad_request(f"The maximum number of ids is {MANY}", "invalid_parameter")
    elements = [_legacy_element(world, request, item_id) for item_id in reversed(ids)]
    return Answer(body=elements)


def _legacy_element(world: World, request: Request, item_id: str) -> Json:
    element = _element(world, request, item_id)
    code = element["status_code"]
    if code == 200:
        return {"code": 200, "body": select(element["body"], request.query.get("attributes"))}
    kind = "not_found" if code == 404 else "access_denied"
    refused = {"id": item_id, "message": element["error"]["message"], "error": kind, "status": code, "cause": []}
    return {"code": code, "body": refused}


def get_variations(world: World, request: Request, item_id: str) -> Answer:
    item = seen(owned(world, request, item_id), request.stale)
    everything = request.query.get("include_attributes") == "all"
    return Answer(body=[variation_json(item, variation, everything) for variation in item.variations])


def get_variation(world: World, request: Request, item_id: str, variation_id: str) -> Answer:
    item = owned(world, request, item_id)
    return Answer(body=variation_json(item, variation_of(item, variation_id), all_attributes=True))


def variation_of(item: Item, variation_id: str) -> Variation:
    variation = item.variation(int(variation_id))
    if variation is None:
        raise not_found(f"Variation with id {variation_id} not found")
    return variation
