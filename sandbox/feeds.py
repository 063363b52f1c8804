"""GET /missed_feeds: notifications of the last two days that nobody accepted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sandbox import formats
from sandbox.answers import Answer, Json, bad_request, forbidden
from sandbox.notifications import MISSED_LIFE, Missed
from sandbox.request import Request, integer
from sandbox.users import app_owner_id

if TYPE_CHECKING:
    from sandbox.world import World

DEFAULT_LIMIT = 10
MAX_LIMIT = 100


def get_missed_feeds(world: World, request: Request) -> Answer:
    """Only for the application's owner. After the last page `messages` is null."""
    query = request.query
    if query.get("app_id") != world.app.client_id or request.caller_id != app_owner_id(world):
        raise forbidden()
    if query.get("topic") == "items" and "site_id" not in query:
        raise bad_request("site_id is required for topic items", "invalid_parameter")
    offset, limit = integer(query.get("offset"), 0), min(integer(query.get("limit"), DEFAULT_LIMIT), MAX_LIMIT)
    page = _find(world, query)[offset : offset + limit]
    return Answer(body={"messages": [_message(missed) for missed in page] or None})


def _find(world: World, query: dict[str, str]) -> list[Missed]:
    oldest = world.now() - MISSED_LIFE
    topic, site_id = query.get("topic"), query.get("site_id")
    return [
        missed
        for missed in world.mailbox.missed
        if missed.at > oldest
        and topic in (None, missed.notification.topic)
        and site_id in (None, world.sellers[missed.notification.user_id].site_id)
    ]


def _message(missed: Missed) -> Json:
    notification = missed.notification
    sent = notification.sent_at or notification.received_at
    data = notification.body()
    return {
        "_id": notification.id,
        "resource": notification.resource,
        "user_id": str(notification.user_id),
        "topic": notification.topic,
        "application_id": notification.application_id,
        "attempts": notification.attempts,
        "sent": formats.seconds(sent),
        "received": formats.seconds(notification.received_at),
        "actions": list(notification.actions),
        "source": "missed",
        "request": {"url": missed.url, "data": json.dumps(data), "headers": {}},
        "response": {"req_time": missed.req_time, "http_code": missed.http_code, "body": "{}", "headers": {}},
    }
