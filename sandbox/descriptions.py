"""The text below a listing, which is a resource of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox import formats
from sandbox.answers import Answer, Json, bad_request, not_found
from sandbox.items import owned
from sandbox.request import Request
from sandbox.state import Item

if TYPE_CHECKING:
    from sandbox.world import World


def get_description(world: World, request: Request, item_id: str) -> Answer:
    """GET /items/{id}/description."""
    item = owned(world, request, item_id)
    if not item.description:
        raise not_found(f"Description for item {item_id} not found")
    return Answer(body=_json(item))


def post_description(world: World, request: Request, item_id: str) -> Answer:
    """POST, once: what is there is changed by other means."""
    item, words = owned(world, request, item_id), request.json().get("plain_text")
    if not isinstance(words, str) or not words.strip():
        raise bad_request("plain_text is required", "item.description.invalid")
    if re.search(r"<[a-zA-Z/!]", words):
        raise bad_request("The description must be in plain text", "item.description.type.invalid")
    if item.description:
        raise bad_request("Item already has a description, use PUT instead")
    item.description, item.described_at = words, world.now()
    return Answer(201, _json(item))


def _json(item: Item) -> Json:
    at = formats.millis(item.described_at or item.created_at)
    return {"text": "", "plain_text": item.description, "last_updated": at, "date_created": at}
