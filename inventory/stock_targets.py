"""Which quantity a sellable unit should show at Mercado Libre, by which call it is written, when it is not. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

# Sites where what is at the seller's address can be set beside units in Full.
FULL_AND_FLEX_SITES = frozenset({"MLA", "MLC"})
# How long Mercado Libre may take to copy a quantity to the other listings of a user product.
REPLICATION = timedelta(minutes=2)


class Dialect(StrEnum):
    """The call that writes a quantity."""

    ITEM = "item"  # PUT /items/{id}
    ITEM_VARIATIONS = "item_variations"  # PUT /items/{id} with every variation id
    USER_PRODUCT = "user_product"  # PUT one of its items; ML copies to the others
    SELLER_WAREHOUSE = "seller_warehouse"  # PUT /user-products/{id}/stock/type/seller_warehouse, x-version
    SELLING_ADDRESS = "selling_address"  # PUT /user-products/{id}/stock/type/selling_address
    FULL = "full"  # never written
    BLOCKED = "blocked"  # not now

    @property
    def is_written(self) -> bool:
        return self not in (Dialect.FULL, Dialect.BLOCKED)

    @property
    def through_item(self) -> bool:
        return self in (Dialect.ITEM, Dialect.ITEM_VARIATIONS, Dialect.USER_PRODUCT)


class Reason(StrEnum):
    """Why the dialect was chosen; the words are in `inventory.words`."""

    PLAIN_ITEM = "plain_item"
    HAS_VARIATIONS = "has_variations"
    USER_PRODUCT = "user_product"
    WAREHOUSE_SELLER = "warehouse_seller"
    FULL_AND_FLEX = "full_and_flex"
    IN_FULL = "in_full"
    KIT = "kit"
    GONE = "gone"
    CLOSED = "closed"
    UNDER_REVIEW = "under_review"
    INACTIVE = "inactive"
    PAYMENT_REQUIRED = "payment_required"
    NO_USER_PRODUCT = "no_user_product"
    NO_LINKED_STORE = "no_linked_store"
    ZERO_REFUSED = "zero_refused"
    MIXED_PRODUCTS = "mixed_products"


# Statuses in which Mercado Libre takes no quantity. A paused listing takes one, and stays paused if the seller did it.
FROZEN = {
    "closed": Reason.CLOSED,
    "under_review": Reason.UNDER_REVIEW,
    "inactive": Reason.INACTIVE,
    "payment_required": Reason.PAYMENT_REQUIRED,
}


class Facts(NamedTuple):
    """What the choice of a dialect looks at. `variation_id` 0: the item itself."""

    site_id: str = "MLA"
    manages_warehouses: bool = False
    status: str = "active"
    variation_id: int = 0
    user_product_id: str = ""
    inventory_id: str = ""
    logistic_type: str = ""
    shipping_tags: tuple[str, ...] = ()
    is_kit: bool = False
    is_gone: bool = False


class Choice(NamedTuple):
    dialect: Dialect
    reason: Reason


def choose(facts: Facts) -> Choice:
    """The dialect of a sellable unit and why."""
    if refused := _refusal(facts):
        return Choice(Dialect.BLOCKED, refused)
    in_full = facts.logistic_type == "fulfillment" or bool(facts.inventory_id)
    if in_full and not facts.manages_warehouses:
        return _in_full(facts)
    if facts.logistic_type == "fulfillment":
        return Choice(Dialect.FULL, Reason.IN_FULL)
    if facts.manages_warehouses:
        if not facts.user_product_id:
            return Choice(Dialect.BLOCKED, Reason.NO_USER_PRODUCT)
        return Choice(Dialect.SELLER_WAREHOUSE, Reason.WAREHOUSE_SELLER)
    if facts.variation_id:
        return Choice(Dialect.ITEM_VARIATIONS, Reason.HAS_VARIATIONS)
    if facts.user_product_id:
        return Choice(Dialect.USER_PRODUCT, Reason.USER_PRODUCT)
    return Choice(Dialect.ITEM, Reason.PLAIN_ITEM)


def _refusal(facts: Facts) -> Reason | None:
    if facts.is_gone:
        return Reason.GONE
    if facts.is_kit:
        return Reason.KIT
    return FROZEN.get(facts.status)


def _in_full(facts: Facts) -> Choice:
    """Full is never written; what lies beside it at the seller's address is, where the site allows it."""
    flex = "self_service_in" in facts.shipping_tags and facts.site_id in FULL_AND_FLEX_SITES
    if flex and facts.user_product_id:
        return Choice(Dialect.SELLING_ADDRESS, Reason.FULL_AND_FLEX)
    return Choice(Dialect.FULL, Reason.IN_FULL)


def unit_key(facts: Facts, *, item_id: str) -> str:
    """What one push writes: an item, or a user product whose listings share their stock.

    The variations of an item are written together by the item's full set, whatever their user products are.
    """
    if not facts.user_product_id:
        return item_id
    shared = not facts.variation_id or facts.manages_warehouses
    return facts.user_product_id if shared or choose(facts).dialect == Dialect.SELLING_ADDRESS else item_id


def accepts_zero(*, condition: str, listing_type_id: str) -> bool:
    """Mercado Libre takes zero only for new goods in a paid listing type."""
    return condition in ("new", "") and listing_type_id != "free"


def wanted_quantity(available_by_warehouse: Mapping[int, int], *, buffer: int = 0, units: int = 1) -> int:
    """How many sales the units of all warehouses are good for, after the buffer. Never below zero."""
    return max(0, sum(available_by_warehouse.values()) - buffer) // units


def wanted_by_store(available: Sequence[tuple[str, int]], *, buffer: int = 0, units: int = 1) -> dict[str, int]:
    """The same for each of ML's stores: (store id, units available), most preferred first.

    What is missing in one warehouse and the buffer are taken from the least preferred stores.
    """
    owed = buffer + sum(-units_there for _, units_there in available if units_there < 0)
    wanted: dict[str, int] = {}
    for store_id, units_there in reversed(available):
        there = max(0, units_there)
        taken = min(owed, there)
        owed -= taken
        wanted[store_id] = (there - taken) // units
    return {store_id: wanted[store_id] for store_id, _ in available}


def missing_sales(*, baseline: int, shown: int, known_units: int, units: int) -> int:
    """Sales that ML has taken off what it accepted and that no order of ours explains, in sales."""
    return max(0, baseline - shown - max(0, known_units) // units)


class Lamp(StrEnum):
    """How the three numbers of a unit stand to each other."""

    EQUAL = "equal"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    DRIFT = "drift"


def lamp_of(
    *, wanted: int, accepted: int | None, accepted_at: datetime | None, observed: int | None, now: datetime
) -> Lamp:
    """Equal only after reading back. What was accepted a moment ago may still be on its way to the other listings."""
    if observed == wanted:
        return Lamp.EQUAL
    if accepted != wanted:
        return Lamp.WAITING
    if accepted_at is not None and now - accepted_at < REPLICATION:
        return Lamp.ACCEPTED
    return Lamp.DRIFT
