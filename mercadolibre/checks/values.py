"""Values of an item's fields that Mercado Libre refuses, or takes and drops later."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from mercadolibre.checks.refusal import Refusal
from mercadolibre.checks.used_goods import ONE_OF_EACH
from mercadolibre.marking import gettext_noop
from mercadolibre.resources.items import Item
from mercadolibre.resources.marketplaces import LOGISTIC_TYPES, MARKETPLACE_SITES
from mercadolibre.sites import PRICE_LIMIT

LONGEST_PREPARATION = 45  # days
FLEX_TAG = "self_service_in"

Broken = Callable[[Item, Any], bool]


def check_values(item: Item, values: Mapping[str, Any]) -> tuple[Refusal, ...]:
    """What ML would refuse of new values, by ML's names of the fields. MANUFACTURING_TIME is in days."""
    broken = (
        (field, reason) for field, is_broken, reason in RULES if field in values and is_broken(item, values[field])
    )
    return tuple(Refusal(field, reason) for field, reason in broken)


def _is_of_global_selling(item: Item) -> bool:
    return item.is_global or item.parent_item_id is not None


def _is_sold(item: Item, value: Any) -> bool:
    return bool(item.sold_quantity)


def _is_no_count(value: Any) -> bool:
    return isinstance(value, bool) or not isinstance(value, int) or value < 0


def _is_no_amount(item: Item, value: Any) -> bool:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return not is_number or not Decimal(value).is_finite() or not 0 < value < PRICE_LIMIT


def _allows_no_zero(item: Item, value: Any) -> bool:
    takes_zero = item.condition in ("new", None) and item.listing_type_id != "free"
    return value == 0 and not isinstance(value, bool) and not takes_zero


def _is_one_of_each(item: Item, value: Any) -> bool:
    return not _is_no_count(value) and value > 1 and item.condition == "used" and item.category_id in ONE_OF_EACH


def _ships_at_once(item: Item, value: Any) -> bool:
    """In Full or with Flex: what is sold leaves the same day."""
    return value is not None and (item.is_full or FLEX_TAG in item.shipping_tags)


def _is_other_status(item: Item, value: Any) -> bool:
    if not _is_of_global_selling(item):
        return value not in ("active", "paused", "closed")
    return value not in (("active", "paused") if item.is_global else ("active", "paused", "deleted"))


FROZEN_BY_SALES = gettext_noop("The listing has sales: title, condition and way of buying cannot be changed any more.")

# field, whether a value of it breaks the rule, what to tell
RULES: tuple[tuple[str, Broken, str], ...] = (
    ("title", _is_sold, FROZEN_BY_SALES),
    ("condition", _is_sold, FROZEN_BY_SALES),
    ("buying_mode", _is_sold, FROZEN_BY_SALES),
    (
        "status",
        _is_other_status,
        gettext_noop(
            "A listing can be set active or paused; one of a single country closed, one of a marketplace deleted."
        ),
    ),
    (
        "status",
        lambda item, value: value == "deleted" and item.status not in ("paused", "closed"),
        gettext_noop("Pause the listing first: only one that is paused or closed can be deleted."),
    ),
    ("price", _is_no_amount, gettext_noop("A price is above zero and below 9,999,999,999.")),
    ("net_proceeds", _is_no_amount, gettext_noop("Net proceeds are above zero and below 9,999,999,999.")),
    (
        "net_proceeds",
        lambda item, value: item.is_full,
        gettext_noop("The listing is in Full: it has a price, net proceeds are for what the seller ships."),
    ),
    (
        "available_quantity",
        lambda item, value: _is_no_count(value),
        gettext_noop("A quantity is a whole number, zero or more."),
    ),
    (
        "available_quantity",
        _allows_no_zero,
        gettext_noop("Only new goods in a paid listing can be set to zero: pause the listing instead."),
    ),
    (
        "available_quantity",
        _is_one_of_each,
        gettext_noop("In this category a listing of used goods has one unit."),
    ),
    (
        "available_quantity",
        lambda item, value: item.parent_item_id is not None,
        gettext_noop("The stock of a marketplace's listing is its Global Selling item's: set it there."),
    ),
    (
        "site_id",
        lambda item, value: str(value) not in MARKETPLACE_SITES,
        gettext_noop("Global Selling sells in Brazil, Chile, Colombia and Mexico (MLB, MLC, MCO, MLM)."),
    ),
    (
        "logistic_type",
        lambda item, value: str(value) not in LOGISTIC_TYPES,
        gettext_noop("The way of shipping can be remote or fulfillment."),
    ),
    (
        "MANUFACTURING_TIME",
        lambda item, value: value is not None and (_is_no_count(value) or not 0 < value <= LONGEST_PREPARATION),
        gettext_noop("The time to prepare a sale is 1 to 45 days."),
    ),
    (
        "MANUFACTURING_TIME",
        _ships_at_once,
        gettext_noop("The listing is in Full or offers Flex, so it cannot have a time to prepare a sale."),
    ),
    (
        "PURCHASE_MAX_QUANTITY",
        lambda item, value: _is_no_count(value) or value < 1,
        gettext_noop("The limit of units per sale is 1 or more; Mercado Libre removes anything lower."),
    ),
)
