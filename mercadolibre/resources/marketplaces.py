"""Global Selling: a parent item of the site CBT, and the listings made of it on the marketplaces."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mercadolibre.fields import (
    Malformed,
    build,
    integer,
    mapping,
    money,
    required_integer,
    required_text,
    text,
    wire,
    word,
)

GLOBAL_SITE = "CBT"
# Where a Global Selling item can be sold, and who ships it: the seller (remote) or ML's warehouse there.
MARKETPLACE_SITES = frozenset({"MLB", "MLC", "MLM", "MCO"})
LOGISTIC_TYPES = frozenset({"remote", "fulfillment"})


def is_global(item_id: str) -> bool:
    """Whether an id is that of a parent item of Global Selling."""
    return item_id.startswith(GLOBAL_SITE)


@dataclass(frozen=True)
class Marketplace:
    """Which of a parent's listings a change is for. Raises ValueError for a site or a way of shipping ML does not know.

    >>> Marketplace("MLC", "remote")
    """

    site_id: str
    logistic_type: str

    def __post_init__(self) -> None:
        if self.site_id not in MARKETPLACE_SITES or self.logistic_type not in LOGISTIC_TYPES:
            raise ValueError("not a marketplace of Global Selling")

    def body(self) -> dict[str, str]:
        return {"site_id": self.site_id, "logistic_type": self.logistic_type}


@dataclass(frozen=True)
class MarketplaceItem:
    """One of a parent's listings. `user_id` is the seller's number on that site, not that of their global account."""

    item_id: str = wire(required_text, ("item_id", "id"))
    site_id: str = wire(word)
    user_id: int | None = wire(integer, ("user_id", "seller_id"))
    logistic_type: str | None = wire(text)

    @classmethod
    def from_json(cls, data: Any) -> "MarketplaceItem":
        return build(cls, data)


@dataclass(frozen=True)
class MarketplaceAccount:
    """A number a global seller has on one marketplace: the seller of the orders and listings there."""

    user_id: int = wire(required_integer)
    site_id: str = wire(word)
    logistic_type: str = wire(word)

    @classmethod
    def from_json(cls, data: Any) -> "MarketplaceAccount":
        return build(cls, data)


def marketplace_accounts(data: Any) -> tuple[MarketplaceAccount, ...]:
    """GET /marketplace/users/{id}. Raises Malformed without a list: none must not look like no marketplace."""
    found = mapping(data).get("marketplaces")
    if not isinstance(found, list):
        raise Malformed("marketplaces: missing")
    return tuple(MarketplaceAccount.from_json(one) for one in found)


def parent_of(item: Mapping[str, Any]) -> str | None:
    """The parent a marketplace's listing was made of; None for other items, which may have parents of other kinds."""
    found = (text(item.get(key)) for key in ("cbt_item_id", "parent_item_id", "parent_id"))
    return next((one for one in found if one is not None and is_global(one)), None)


def net_proceeds_of(value: Any) -> Decimal | None:
    """What the seller is to receive: a number, or an object with the amount and what ML adds to it."""
    return money(value.get("amount") if isinstance(value, dict) else value)
