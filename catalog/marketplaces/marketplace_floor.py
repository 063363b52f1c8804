"""What a Global Selling listing must not be sold for less than, and what cannot be held against it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_noop

from catalog.models import Listing, ProductPrice, SkuMapping
from catalog.prices import pricing
from mercadolibre.fields import dig, text
from mercadolibre.sites import SITES
from ui.stored import stored

CURRENCY = SITES["CBT"].currency_id
BELOW = gettext_noop(
    "Net proceeds of %(amount)s are below the floor of %(floor)s %(currency)s. Nothing is sent: raise them, or lower "
    "the product's floor."
)
OTHER_CURRENCY = gettext_noop(
    "Mercado Libre counts the net proceeds in %(shown)s, the floor is in %(currency)s: they are not held against it."
)
ONLY_ELSEWHERE = gettext_noop(
    "The floor of the product is in %(others)s only. Amounts here are in %(currency)s and not held against it: give "
    "the product a floor in %(currency)s."
)


@dataclass(frozen=True)
class Floor:
    """The floor in dollars, None where there is none, and the currencies in which there is another."""

    amount: Decimal | None
    others: tuple[str, ...] = ()


def floor_of(listing: Listing) -> Floor:
    """The highest floor of what a Global Selling item, or its listing in one country, sells. Two queries."""
    item_id = listing.parent_item_id or listing.item_id
    units = list(SkuMapping.objects.filter(variation__listing__item_id=item_id).values_list("product_id", "units"))
    kept = ProductPrice.objects.filter(product__in=[one for one, _units in units], floor__isnull=False)
    floors = {(one.product_id, one.currency_id): one.floor for one in kept}
    linked = [pricing.Unit(None, floors.get((product_id, CURRENCY)), many) for product_id, many in units]
    others = {currency for _product, currency in floors if currency != CURRENCY}
    return Floor(pricing.listing_floor(linked), tuple(sorted(others)))


def problem(listing: Listing, amount: Decimal, floor: Floor) -> str:
    """Why net proceeds may not be set, to be kept and told; "" where they may. Only one currency is compared."""
    if _currency_shown(listing) != CURRENCY or not pricing.is_below(amount, floor.amount):
        return ""
    return stored(BELOW, amount=f"{amount:f}", floor=f"{floor.amount:f}", currency=CURRENCY)


def note(listing: Listing, floor: Floor) -> str:
    """What is not held against the floor, and why; "" where everything is."""
    shown = _currency_shown(listing)
    if floor.amount is None:
        return stored(ONLY_ELSEWHERE, others=", ".join(floor.others), currency=CURRENCY) if floor.others else ""
    return "" if shown == CURRENCY else stored(OTHER_CURRENCY, shown=shown, currency=CURRENCY)


def _currency_shown(listing: Listing) -> str:
    return text(dig(listing.raw.get("net_proceeds"), "currency_id")) or CURRENCY
