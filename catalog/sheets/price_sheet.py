"""`item_id,price`: listings' own prices from a spreadsheet."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import Listing
from catalog.prices import price_changes, price_targets, pricing
from catalog.prices.price_targets import Wish
from catalog.sheets.sheets import CellError, Line, Plan, amount, kind_of, planned

COLUMNS = ("item_id", "price")


def plan(rows: Sequence[Any]) -> Plan:
    """What the rows would change. Writes nothing."""
    ids = {row["item_id"].upper() for row in rows}
    listings = {one.item_id: one for one in Listing.objects.filter(item_id__in=ids).defer("raw")}
    wishes = price_targets.wishes(listings.values())
    return planned(rows, lambda row: _line(row, listings, wishes), lambda row: row["item_id"].upper())


def apply(plan: Plan, *, by: Any) -> int:
    """Write a clean plan, all of it or nothing. Returns how many prices changed."""
    return price_changes.set_own_prices({line.value[0]: line.value[1] for line in plan.to_write}, by=by, how="file")


def _line(row: Any, listings: Mapping[str, Listing], wishes: Mapping[int, Wish]) -> Line:
    listing = listings.get(row["item_id"].upper())
    if listing is None:
        raise CellError(_('There is no listing "%(item)s": import the listings first.') % {"item": row["item_id"][:30]})
    price = amount(row["price"], _("price"))
    decimals = pricing.decimals_of(listing.currency_id)
    if price != pricing.rounded(price, decimals):
        raise CellError(_("%(currency)s has no decimals.") % {"currency": listing.currency_id})
    if not pricing.is_sendable(price):
        raise CellError(_("A price is above zero and below 9,999,999,999."))
    floor = wishes[listing.pk].floor
    if pricing.is_below(price, floor):
        raise CellError(
            _("%(price)s is below the floor of %(floor)s for %(item)s.")
            % {"price": price, "floor": floor, "item": listing.item_id}
        )
    old = listing.own_price
    shown = "" if old is None else f"{old:f}"
    return Line(row.number, kind_of(old, price), listing.item_id, shown, f"{price:f}", (listing.pk, price))
