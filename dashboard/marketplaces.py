"""A Global Selling item and its listings on the marketplaces, as its page shows them: one line for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.lifecycle import FULL, Words, words_of
from catalog.marketplaces import refusals
from catalog.models import Listing, MarketplaceChange
from dashboard.queries import listings
from mercadolibre.sites import SITES

REMOTE = "remote"
WAYS: dict[str, str | Promise] = {REMOTE: _("Shipped by the seller"), FULL: _("Full")}


@dataclass(frozen=True)
class Line:
    """One listing on one marketplace. `logistic_type` is Global Selling's word: remote or fulfillment."""

    listing: Listing
    site_id: str
    country: str
    logistic_type: str
    words: Words
    price: Decimal | None
    net_proceeds: Decimal | None

    @property
    def way(self) -> str | Promise:
        return WAYS.get(self.logistic_type, self.logistic_type)


def lines_of(listing: Listing) -> list[Line]:
    """The group of a parent, or of one of its listings: all marketplaces by country. One query."""
    parent = listing.parent_item_id or listing.item_id
    return lines(listings.of_marketplaces().filter(parent_item__item_id=parent))


def refused(listing: Listing) -> list[MarketplaceChange]:
    """What was refused last of a parent, or of its listings. One query."""
    parent = listing.parent_item_id or listing.item_id
    of_group = Q(listing__item_id=parent) | Q(listing__parent_item__item_id=parent)
    found = refusals.open_ones().filter(of_group).order_by("listing_id", "field")
    return list(found.select_related("listing").defer("listing__raw"))


def lines(found: Iterable[Listing]) -> list[Line]:
    return sorted((_line(one) for one in found), key=lambda line: (line.country, line.logistic_type))


def _line(listing: Listing) -> Line:
    site_id = listing.item_id[:3]
    return Line(
        listing=listing,
        site_id=site_id,
        country=SITES[site_id].country if site_id in SITES else site_id,
        logistic_type=FULL if listing.logistic_type == FULL else REMOTE,
        words=words_of(listing),
        price=listing.price,
        net_proceeds=listing.net_proceeds,
    )
