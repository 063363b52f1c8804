"""What Global Selling calls the things that happen: other topics, other resources, always the parent account."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sandbox.world import World


class Told(NamedTuple):
    """One notification."""

    topic: str
    resource: str
    user_id: int


# Topics that a Global Selling account does not get are not here.
NAMES = {
    "items": "marketplace_items",
    "orders_v2": "marketplace_orders",
    "shipments": "shipments",
    "fbm_stock_operations": "marketplace_fbm_stock",
}


def translate(world: World, told: Told) -> Told | None:
    """As the account of a seller hears of it; None for what it does not hear of."""
    seller = world.sellers.get(told.user_id)
    if seller is None:
        return told
    if seller.site_id == "CBT":
        return told if told.topic == "items" else None
    if seller.parent_id is None:
        return told
    topic = NAMES.get(told.topic)
    if topic is None:
        return None
    topic = world.global_shipments_topic if topic == "shipments" else topic
    return Told(topic, f"/marketplace{told.resource}", seller.parent_id)
