"""Resources around an item whose errors come in envelopes of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import formats
from sandbox.answers import Answer
from sandbox.items import owned
from sandbox.request import Request

if TYPE_CHECKING:
    from sandbox.world import World


def get_moderation(world: World, request: Request, item_id: str) -> Answer:
    """Nothing is moderated: a 404 with one key."""
    owned(world, request, item_id)
    return Answer(404, {"Status": 404})


def get_performance(world: World, request: Request, item_id: str) -> Answer:
    """400 without `cause`."""
    owned(world, request, item_id)
    message = "Entity not calculated: Product items are not supported"
    return Answer(400, {"message": message, "error": "bad_request", "status": 400})


def get_suggestion(world: World, request: Request, item_id: str) -> Answer:
    """401, not 403, for somebody else's item; the time is written day first."""
    item = world.items.get(item_id)
    if item is None or item.seller_id != request.caller_id:
        body = {"message": "Caller is not the item's owner", "error": "", "status": 401, "cause": []}
        return Answer(401, body)
    price = {"amount": formats.amount(item.price), "usd_amount": None}
    updated = f"{item.updated_at:%d-%m-%Y %H:%M:%S}"
    return Answer(body={"item_id": item.id, "status": "no_benchmark", "current_price": price, "last_updated": updated})


def get_billing(world: World, request: Request, key: str) -> Answer:
    """There is no bill yet."""
    return Answer(
        400,
        {
            "timestamp": formats.millis(world.now()),
            "status": 400,
            "type": "BAD_REQUEST_ERROR",
            "message": "Http status error with code 400",
            "path": f"/periods/key/{key}/group/ML/details",
        },
    )
