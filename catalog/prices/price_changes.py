"""Staff's prices: a product's price and floor in a currency, and a listing's own price. Changing one marks listings."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from catalog.mapping import sku_mapping
from catalog.models import Listing, PriceTarget, Product, ProductPrice, SkuMapping
from catalog.prices import price_targets, pricing
from mercadolibre.sites import CURRENCY_DECIMALS
from sellers.points import point

BATCH = 500


class PriceRefused(Exception):
    """A price or floor cannot be set; the message says why and what to do."""


def set_own_prices(prices: Mapping[int, Decimal | None], *, by: Any, how: str = "own price") -> int:
    """Set listings' own prices, by listing id; None takes one away. All or none. Returns how many changed.

    Raises PriceRefused for one below the floor of what the listing sells.
    """
    needed = ("pk", "item_id", "own_price", "currency_id", "parent_item_id")
    listings = list(Listing.objects.filter(pk__in=prices).only(*needed))
    changed = [one for one in listings if one.own_price != _rounded(prices[one.pk], one.currency_id)]
    for listing in changed:
        listing.own_price = _rounded(prices[listing.pk], listing.currency_id)
    _check_marketplaces([one for one in changed if one.is_of_marketplace and one.own_price is not None])
    try:
        with sku_mapping.recorded(how=how, by=by):
            Listing.objects.bulk_update(changed, ["own_price"], batch_size=BATCH)
            point("prices.written")
            price_targets.want(listing.pk for listing in changed)
    except IntegrityError as error:
        raise PriceRefused(own_price_words(error)) from error
    return len(changed)


def set_product_price(
    *, product: Product, currency_id: str, price: Decimal | None, floor: Decimal | None, by: Any
) -> ProductPrice | None:
    """Set a product's price and floor per unit in a currency; both None removes the row.

    Raises PriceRefused where the price is below the floor or the floor above a linked listing's own price.
    """
    check_product_price(currency_id, price, floor)
    try:
        with sku_mapping.recorded(how="product price", by=by):
            row = _write_product_price(product, currency_id, price, floor)
            price_targets.want(listings_of(product))
    except IntegrityError as error:
        raise PriceRefused(sku_mapping.refusal_words(error)) from error
    return row


def check_product_price(currency_id: str, price: Decimal | None, floor: Decimal | None) -> None:
    if currency_id not in CURRENCY_DECIMALS:
        raise PriceRefused(_("Choose a currency that Mercado Libre uses."))
    if price is not None and not pricing.is_sendable(price):
        raise PriceRefused(_("A price is above zero and below 9,999,999,999."))
    if floor is not None and floor < 0:
        raise PriceRefused(_("A floor is zero or more."))
    if pricing.is_below(price, floor):
        raise PriceRefused(_("The price is below the floor."))


def listings_of(product: Product) -> list[int]:
    """Listings that sell a product, those of Global Selling items on marketplaces among them."""
    rows = SkuMapping.objects.filter(product=product).values_list("variation__listing_id", flat=True).distinct()
    there = Listing.objects.filter(parent_item__in=Listing.objects.filter(pk__in=rows).values("item_id"))
    return [*rows, *there.filter(own_price__isnull=False).values_list("pk", flat=True)]


class PriceMovedOn(Exception):
    """Mercado Libre shows another price now than the page did."""


@transaction.atomic
def answer_drift(listing: Listing, *, theirs: Decimal, take: bool, by: Any) -> None:
    """Staff's answer to a price that was changed at ML: send ours again, or take `theirs` as the listing's own price.

    Raises PriceMovedOn where ML shows another price than `theirs` by now, or nobody has to answer any more, and
    PriceRefused where it is below the floor.
    """
    target = PriceTarget.objects.select_for_update().filter(listing=listing).first()
    if target is None or target.state != PriceTarget.State.DRIFT or target.observed != theirs:
        raise PriceMovedOn
    target.state, target.accepted, target.accepted_at = PriceTarget.State.WAITING, None, None
    target.save(update_fields=["state", "accepted", "accepted_at"])
    if take:
        set_own_prices({listing.pk: theirs}, by=by, how="price taken from Mercado Libre")
    else:
        with sku_mapping.recorded(how="our price sent again", by=by):
            price_targets.want([listing.pk])


def _check_marketplaces(listings: list[Listing]) -> None:
    """Raises PriceRefused for one below the floor of its item; of every other listing the database refuses it."""
    for pk, wish in price_targets.wishes(listings).items() if listings else ():
        if wish.below_floor:
            item_id = next(one.item_id for one in listings if one.pk == pk)
            words = {"price": wish.price, "item": item_id, "floor": wish.floor}
            raise PriceRefused(_("The price %(price)s of %(item)s is below the floor %(floor)s of its item.") % words)


def own_price_words(error: IntegrityError) -> str:
    diagnostics: Any = getattr(error.__cause__, "diag", None)
    if getattr(diagnostics, "constraint_name", "") == "own_price_not_below_floor":
        return _("Below the floor: %(words)s.") % {"words": diagnostics.message_primary}
    return sku_mapping.refusal_words(error)


def _rounded(price: Decimal | None, currency_id: str) -> Decimal | None:
    return None if price is None else pricing.rounded(price, pricing.decimals_of(currency_id))


def _write_product_price(
    product: Product, currency_id: str, price: Decimal | None, floor: Decimal | None
) -> ProductPrice | None:
    present = ProductPrice.objects.select_for_update().filter(product=product, currency_id=currency_id).first()
    if price is None and floor is None:
        if present is not None:
            present.delete()
        return None
    row = present or ProductPrice(product=product, currency_id=currency_id)
    row.price, row.floor = price, floor
    row.save()
    return row
