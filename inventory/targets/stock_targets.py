"""Which quantity a sellable unit should show at Mercado Libre, by which call it is written, when it is not. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from mercadolibre.checks.used_goods import ONE_OF_EACH
from mercadolibre.resources.marketplaces import GLOBAL_SITE

# Sites where what is at the seller's address can be set beside units in Full.
FULL_AND_FLEX_SITES = frozenset({"MLA", "MLC"})
# How long Mercado Libre may take to copy a quantity to the other listings of a user product.
REPLICATION = timedelta(minutes=2)


class Dialect(StrEnum):
    """The call that writes a quantity."""

    ITEM = "item"  # PUT /items/{id}
    ITEM_VARIATIONS = "item_variations"  # PUT /items/{id} with every variation id
    USER_PRODUCT = "user_product"  # PUT one of its items; ML copies to the others
    GLOBAL = "global"  # PUT /global/items/{id} of the parent, with every variation id: one number for all countries
    SELLER_WAREHOUSE = "seller_warehouse"  # PUT /user-products/{id}/stock/type/seller_warehouse, x-version
    SELLING_ADDRESS = "selling_address"  # PUT /user-products/{id}/stock/type/selling_address
    FULL = "full"  # never written
    BLOCKED = "blocked"  # not now

    @property
    def is_written(self) -> bool:
        return self not in (Dialect.FULL, Dialect.BLOCKED)

    @property
    def through_item(self) -> bool:
        return self in (Dialect.ITEM, Dialect.ITEM_VARIATIONS, Dialect.USER_PRODUCT, Dialect.GLOBAL)


class Reason(StrEnum):
    """Why the dialect was chosen; the words are in `inventory.targets.words`."""

    PLAIN_ITEM = "plain_item"
    HAS_VARIATIONS = "has_variations"
    USER_PRODUCT = "user_product"
    GLOBAL_ITEM = "global_item"
    OF_MARKETPLACE = "of_marketplace"
    WAREHOUSE_SELLER = "warehouse_seller"
    BESIDE_FULL = "beside_full"
    FULL_AND_FLEX = "full_and_flex"
    FLEX_NOT_APART = "flex_not_apart"
    IN_FULL = "in_full"
    KIT = "kit"
    GONE = "gone"
    CLOSED = "closed"
    MOVING = "moving"
    MOVED = "moved"
    SHAPE_CHANGED = "shape_changed"
    PAUSED_BY_SELLER = "paused_by_seller"
    UNDER_REVIEW = "under_review"
    INACTIVE = "inactive"
    PAYMENT_REQUIRED = "payment_required"
    NO_USER_PRODUCT = "no_user_product"
    NO_LINKED_STORE = "no_linked_store"
    SEVERAL_STORES = "several_stores"
    ZERO_REFUSED = "zero_refused"
    MIXED_PRODUCTS = "mixed_products"


FULFILLMENT = "fulfillment"
FLEX_TAG = "self_service_in"
PAUSED_BY_SELLER = "paused_by_seller"
# Statuses in which Mercado Libre takes no quantity. A listing it paused for want of stock takes one, and comes back.
FROZEN = {
    "closed": Reason.CLOSED,
    "under_review": Reason.UNDER_REVIEW,
    "inactive": Reason.INACTIVE,
    "payment_required": Reason.PAYMENT_REQUIRED,
}


class Facts(NamedTuple):
    """What the choice of a dialect looks at. `variation_id` 0: the item itself.

    `several_warehouses`: ML lets the seller keep stock in more than one. `is_migrated`: ML moves the listing's
    variations to listings of their own, or has moved them. `is_of_marketplace`: sells a Global Selling item's stock in
    one country. `is_frozen`: its shape changed, and somebody has to look at it first.
    """

    site_id: str = "MLA"
    manages_warehouses: bool = False
    several_warehouses: bool = False
    status: str = "active"
    sub_status: Sequence[str] = ()
    variation_id: int = 0
    user_product_id: str = ""
    inventory_id: str = ""
    logistic_type: str = ""
    shipping_tags: tuple[str, ...] = ()
    is_kit: bool = False
    is_gone: bool = False
    is_migrated: bool = False
    is_of_marketplace: bool = False
    is_frozen: bool = False

    @property
    def is_global(self) -> bool:
        return self.site_id == GLOBAL_SITE

    @property
    def has_full(self) -> bool:
        return self.logistic_type == FULFILLMENT or bool(self.inventory_id)

    @property
    def has_flex(self) -> bool:
        return FLEX_TAG in self.shipping_tags


class Choice(NamedTuple):
    dialect: Dialect
    reason: Reason


def choose(facts: Facts) -> Choice:
    """The dialect of a sellable unit and why."""
    if refused := _refusal(facts):
        return Choice(Dialect.BLOCKED, refused)
    if facts.is_global:
        return _of_global(facts)
    if facts.manages_warehouses:
        return _by_warehouse(facts)
    if facts.has_full:
        return _in_full(facts)
    if facts.variation_id:
        return Choice(Dialect.ITEM_VARIATIONS, Reason.HAS_VARIATIONS)
    if facts.user_product_id:
        return Choice(Dialect.USER_PRODUCT, Reason.USER_PRODUCT)
    return Choice(Dialect.ITEM, Reason.PLAIN_ITEM)


def _refusal(facts: Facts) -> Reason | None:
    if facts.is_gone:
        return Reason.GONE
    if facts.is_of_marketplace:
        return Reason.OF_MARKETPLACE
    if facts.is_kit:
        return Reason.KIT
    if facts.is_migrated:
        return Reason.MOVED if facts.status == "closed" else Reason.MOVING
    if facts.is_frozen:
        return Reason.SHAPE_CHANGED
    if facts.status == "paused" and PAUSED_BY_SELLER in facts.sub_status:
        return Reason.PAUSED_BY_SELLER
    return FROZEN.get(facts.status)


def _of_global(facts: Facts) -> Choice:
    """Units that lie in Full in some country are apart: they are no part of the item's number."""
    if facts.logistic_type == FULFILLMENT:
        return Choice(Dialect.FULL, Reason.IN_FULL)
    return Choice(Dialect.GLOBAL, Reason.GLOBAL_ITEM)


def _by_warehouse(facts: Facts) -> Choice:
    """Store by store. Beside Full only where the seller sends some of the sales too: with Flex, or not from Full."""
    if facts.logistic_type == FULFILLMENT and not facts.has_flex:
        return Choice(Dialect.FULL, Reason.IN_FULL)
    if not facts.user_product_id:
        return Choice(Dialect.BLOCKED, Reason.NO_USER_PRODUCT)
    return Choice(Dialect.SELLER_WAREHOUSE, Reason.BESIDE_FULL if facts.has_full else Reason.WAREHOUSE_SELLER)


def _in_full(facts: Facts) -> Choice:
    """Full is never written; what lies beside it at the seller's address is, where the site allows it."""
    if not facts.has_flex or not facts.user_product_id:
        return Choice(Dialect.FULL, Reason.IN_FULL)
    if facts.site_id not in FULL_AND_FLEX_SITES:
        return Choice(Dialect.FULL, Reason.FLEX_NOT_APART)
    return Choice(Dialect.SELLING_ADDRESS, Reason.FULL_AND_FLEX)


def of_stores(choice: Choice, facts: Facts, linked: int) -> Choice:
    """The same choice where our warehouses can be shown as ML's stores: `linked` is how many of them are linked."""
    if not linked:
        return Choice(Dialect.BLOCKED, Reason.NO_LINKED_STORE)
    if linked > 1 and not facts.several_warehouses:
        return Choice(Dialect.BLOCKED, Reason.SEVERAL_STORES)
    return choice


def unit_key(facts: Facts, *, item_id: str) -> str:
    """What one push writes: an item, or a user product whose listings share their stock.

    The variations of an item are written together by the item's full set, whatever their user products are.
    """
    if facts.is_global or not facts.user_product_id:
        return item_id
    shared = not facts.variation_id or facts.manages_warehouses
    return facts.user_product_id if shared or choose(facts).dialect == Dialect.SELLING_ADDRESS else item_id


def accepts_zero(*, condition: str, listing_type_id: str) -> bool:
    """Mercado Libre takes zero only for new goods in a paid listing type."""
    return condition in ("new", "") and listing_type_id != "free"


def most_units(*, condition: str, category_id: str) -> int | None:
    """How many a listing may show at most: in some categories a used thing is sold one at a time."""
    return 1 if condition == "used" and category_id in ONE_OF_EACH else None


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


def at_most(stores: Mapping[str, int], most: int) -> dict[str, int]:
    """No more than `most` in all stores together; the most preferred keep theirs."""
    left, kept = most, {}
    for store_id, quantity in stores.items():
        kept[store_id] = min(left, quantity)
        left -= kept[store_id]
    return kept


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
