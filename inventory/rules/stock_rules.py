"""Which buffer a sellable unit keeps back, and which listing goes on selling a product's last units. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Scope(StrEnum):
    """Whom a rule was made for; the most specific one that says a number wins."""

    SELLER = "seller"
    PRODUCT = "product"
    LISTING = "listing"


class Said(NamedTuple):
    """A number of units and the rule that says it."""

    units: int = 0
    scope: Scope = Scope.SELLER


def most_specific(*, seller: int | None, product: int | None, listing: int | None = None) -> Said:
    """The number that counts: the listing's own, else the product's, else the seller's; none at all is zero.

    Zero is a number too: a product with a buffer of zero keeps nothing back whatever its seller says.
    """
    if listing is not None:
        return Said(listing, Scope.LISTING)
    if product is not None:
        return Said(product, Scope.PRODUCT)
    return Said(seller or 0, Scope.SELLER)


@dataclass(frozen=True)
class SellerSays:
    buffer: int = 0
    last_units: int | None = None


@dataclass(frozen=True)
class ProductSays:
    """`preferred` is the listing (our id) that staff wants to sell the last units."""

    buffer: int | None = None
    last_units: int | None = None
    preferred: int | None = None


NO_SELLER, NO_PRODUCT = SellerSays(), ProductSays()


@dataclass(frozen=True)
class RuleBook:
    """All rules that matter to some sellable units: by seller, by product and by unit of stock at Mercado Libre.

    Listings that share one stock there are one unit (seller, key): the largest buffer of any of them is theirs.
    """

    sellers: Mapping[int, SellerSays] = field(default_factory=dict)
    products: Mapping[int, ProductSays] = field(default_factory=dict)
    listings: Mapping[tuple[int, str], int] = field(default_factory=dict)

    def buffer_of(self, *, account_id: int, product_id: int, key: str) -> Said:
        return most_specific(
            seller=self.sellers.get(account_id, NO_SELLER).buffer,
            product=self.products.get(product_id, NO_PRODUCT).buffer,
            listing=self.listings.get((account_id, key)),
        )

    def last_units_of(self, *, account_id: int, product_id: int) -> Said:
        """Up to how many available units only one listing goes on selling; zero: there is no such rule."""
        return most_specific(
            seller=self.sellers.get(account_id, NO_SELLER).last_units,
            product=self.products.get(product_id, NO_PRODUCT).last_units,
        )


@dataclass(frozen=True)
class Contender:
    """A sellable unit whose product is down to its last units. `quantity` is what it would show without that rule.

    `able`: buyers can buy it at Mercado Libre. `live`: we write what it shows.
    """

    key: tuple[int, str]
    listing_id: int
    quantity: int
    sold: int = 0
    able: bool = True
    live: bool = True
    item_id: str = ""


def keeper_of(contenders: Iterable[Contender], *, preferred: int | None) -> Contender | None:
    """The one that goes on selling: of those with something to sell that buyers can buy

    1 the listing that staff chose,
    2 else one of a seller that is live,
    3 else the one that sold most,
    4 of equals the oldest.
    None where no listing can sell; then the rule hides nothing that buyers could have bought.
    """

    def order(one: Contender) -> tuple[bool, bool, int, int]:
        return one.listing_id != preferred, not one.live, -one.sold, one.listing_id

    return min((one for one in contenders if one.able and one.quantity > 0), key=order, default=None)


def can_sell(*, status: str, sub_status: Iterable[str]) -> bool:
    """Whether buyers can buy once there is stock: Mercado Libre pauses a listing at zero and wakes it by itself."""
    return status == "active" or (status == "paused" and "out_of_stock" in sub_status)
