"""Webhook bodies, and what their `resource` points to. A notification is a hint: nothing in it is to be believed."""

# ruff: noqa: RUF009 - wire() describes a field, as dataclasses.field() does
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mercadolibre.encoding import parse_json
from mercadolibre.fields import Malformed, build, integer, moment, required_text, texts, wire, word

RESOURCE_LIMIT = 1000
WORD_LIMIT = 128


class MalformedNotification(ValueError):
    """The body is not a notification. The message says why and holds nothing of the body."""


@dataclass(frozen=True)
class Notification:
    """A webhook, or an entry of GET /missed_feeds. `event_id` is empty when ML gave none, `topic` too."""

    topic: str = wire(word)
    resource: str = wire(required_text)
    user_id: int | None = wire(integer)
    application_id: int | None = wire(integer)
    event_id: str = wire(word, ("_id", "id"))
    sent_at: datetime | None = wire(moment, "sent")
    received_at: datetime | None = wire(moment, ("received", "recieved"))
    attempts: int | None = wire(integer)
    actions: tuple[str, ...] = wire(texts)

    @classmethod
    def from_json(cls, data: Any) -> "Notification":
        """Raises MalformedNotification without a resource, or with texts longer than ML's ever are."""
        try:
            found = build(cls, data)
        except Malformed as error:
            raise MalformedNotification(str(error)) from error
        if len(found.resource) > RESOURCE_LIMIT or max(len(found.topic), len(found.event_id)) > WORD_LIMIT:
            raise MalformedNotification("too long")
        return found


@dataclass(frozen=True)
class MissedPage:
    """GET /missed_feeds: a page of what nobody took. `entries` counts those that cannot be read too."""

    notifications: tuple[Notification, ...]
    entries: int


def parse_notification(body: bytes) -> Notification:
    """The notification in a webhook's body. Raises MalformedNotification, and nothing else whatever the bytes are."""
    try:
        data = parse_json(body)
    except ValueError as error:
        raise MalformedNotification("not JSON") from error
    return Notification.from_json(data)


@dataclass(frozen=True)
class ResourceKey:
    """What is to be fetched: a kind of ours and ML's key of it, e.g. ("order", "2000018846999192")."""

    kind: str
    key: str


N = "([1-9][0-9]{0,17})"
ITEM = "([A-Z]{3}[0-9]{1,15})"
USER_PRODUCT = "([A-Z]{3}U[0-9]{1,15})"
SITE = "([A-Z]{3})"
TOKEN = "([A-Za-z0-9-]{1,64})"  # noqa: S105 - a pattern
MESSAGE = "([A-Za-z0-9-]{8,64})"
GLOBAL = "(?:marketplace/)?"

# topics → what their resource looks like (without the leading slash) → our kind. No resource matches two of them.
RESOURCES: tuple[tuple[frozenset[str], re.Pattern[str], str], ...] = tuple(
    (frozenset(topics.split()), re.compile(pattern), kind)
    for topics, pattern, kind in (
        ("orders_v2 orders marketplace_orders marketplace_orders_on_site", f"{GLOBAL}orders/{N}", "order"),
        ("orders_feedback", f"{GLOBAL}orders/{N}(?:/feedback)?", "order_feedback"),
        ("items marketplace_items", f"(?:marketplace/|global/)?items/{ITEM}", "item"),
        ("items_prices", f"{GLOBAL}items/{ITEM}/(?:prices|sale_price)", "item_prices"),
        (
            "price_suggestion",
            f"{GLOBAL}(?:suggestions|benchmarks)/items/{ITEM}/details",
            "price_suggestion",
        ),
        ("marketplace_cbt_item_uptin", f"{GLOBAL}items/{ITEM}/migration_live_listing", "item_migration"),
        (
            "catalog_item_competition_status item_competition competition",
            f"{GLOBAL}items/{ITEM}/price_to_win",
            "item_competition",
        ),
        ("catalog_suggestions", f"catalog_suggestions/{TOKEN}", "catalog_suggestion"),
        ("stock-locations stock_locations stock-location", f"user-products/{USER_PRODUCT}/stock", "user_product_stock"),
        ("user-products-families", f"sites/{SITE}/user-products-families/{N}", "user_product_family"),
        ("shipments marketplace_shipments", f"{GLOBAL}shipments/{N}", "shipment"),
        (
            "fbm_stock_operations marketplace_fbm_stock",
            f"{GLOBAL}stock/fulfillment/operations/{N}",
            "fulfillment_operation",
        ),
        ("flex-handshakes", f"flex/sites/{SITE}/shipments/{N}/assignment/v[0-9]", "flex_handshake"),
        ("payments", f"(?:collections|payments)/{N}", "payment"),
        ("invoices", f"users/{N}/invoices/{N}", "invoice"),
        ("questions marketplace_questions", f"{GLOBAL}questions/{N}", "question"),
        ("messages marketplace_messages", f"(?:{GLOBAL}messages/)?{MESSAGE}", "message"),
        ("post_purchase claims marketplace_claims", f"(?:post-purchase/v[0-9]/|marketplace/)?claims/{N}", "claim"),
        ("public_offers", f"{GLOBAL}seller-promotions/(?:offers|promotions/offer)/{TOKEN}(?:/{N})?", "offer"),
        (
            "public_candidates",
            f"{GLOBAL}seller-promotions/(?:candidates|promotions/candidate)/{TOKEN}(?:/{N})?",
            "candidate",
        ),
    )
)


def resource_key(topic: str, resource: str) -> ResourceKey | None:
    """What a notification points to; None for a topic or a resource we do not know exactly. Never raises.

    A key of two parts is joined with a slash ("MLA/987"). Without a topic (Global Selling forgets it at times)
    the resource alone decides. Global Selling's topics have the kinds of the local ones: an "item" may be a parent
    ("CBT…") or one of its listings, and the client of the seller's site knows where to read it.
    """
    if len(resource) > RESOURCE_LIMIT:
        return None
    path = resource.removeprefix("/")
    for topics, pattern, kind in RESOURCES:
        match = pattern.fullmatch(path) if topic in topics or (not topic and "/" in path) else None
        if match is not None:
            return ResourceKey(kind, "/".join(part for part in match.groups() if part is not None))
    return None
