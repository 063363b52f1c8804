"""What a listing's price should be, kept as a row beside what ML accepted and what was last seen there.

Wanted prices change with staff's prices, floors and links; each change marks the listing, and `price_push` sends.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from catalog.models import Listing, PriceTarget, ProductPrice, SkuMapping
from catalog.prices import pricing
from sellers import clock
from sellers.models import SellerAccount
from sellers.queue import work
from ui.stored import stored

State = PriceTarget.State
BATCH = 500
RACES = 3  # a floor may rise between reading it and writing what follows from it
TARGET_FIELDS = ["wanted", "wanted_at", "observed", "observed_at", "state", "explanation"]


@dataclass(frozen=True)
class Wish:
    """The price a listing should have and the floor below it, in its currency; None where nobody set one."""

    price: Decimal | None
    floor: Decimal | None

    @property
    def below_floor(self) -> bool:
        return pricing.is_below(self.price, self.floor)


def want(listing_ids: Iterable[int]) -> None:
    """Compute the wanted prices of listings again and ask for pushes where ML shows another. Repeating is harmless."""
    ids = sorted(set(listing_ids))
    for start in range(0, len(ids), BATCH):
        _want_batch(ids[start : start + BATCH], push=True)


def compute(listing_ids: Iterable[int]) -> None:
    """The same for a few listings without asking for pushes: for the push itself, which must not wake itself."""
    _want_batch(sorted(set(listing_ids)), push=False)


def want_all(account_id: int) -> None:
    """The same for every listing of a seller that has a price, for example after going live."""
    want(PriceTarget.objects.filter(listing__account_id=account_id).values_list("listing_id", flat=True))


def standard_price(listing: Listing) -> Decimal | None:
    """What ML has as the price, not what a running promotion makes of it."""
    return listing.price if listing.original_price is None else listing.original_price


def wishes(listings: Collection[Listing]) -> dict[int, Wish]:
    """The wish of each listing by its id, in two queries."""
    linked = _linked_units(listings)
    found = {}
    for listing in listings:
        selling = [unit for unit, gone in linked[listing.pk] if not gone]
        price = pricing.listing_price(listing.own_price, selling, pricing.decimals_of(listing.currency_id))
        floor = pricing.listing_floor(unit for unit, _gone in linked[listing.pk])
        found[listing.pk] = Wish(price, floor)
    return found


def _linked_units(listings: Collection[Listing]) -> dict[int, list[tuple[pricing.Unit, bool]]]:
    """What each listing sells, with whether that unit is gone. A marketplace's listing sells what its item does: it has
    the floor of that, and the item's price unless it has one of its own.
    """
    children = {one.pk: one.parent_item_id for one in listings if one.parent_item_id}
    if not children:
        return _units_linked_to(listings)
    parents = {one.item_id: one for one in Listing.objects.filter(item_id__in=children.values()).defer("raw")}
    linked = _units_linked_to([*listings, *parents.values()])
    for pk, item_id in children.items():
        of_parent = linked[parents[item_id].pk] if item_id in parents else []
        linked[pk] = [(replace(unit, price=None), gone) for unit, gone in of_parent]
    return linked


def _units_linked_to(listings: Collection[Listing]) -> dict[int, list[tuple[pricing.Unit, bool]]]:
    currency = {listing.pk: listing.currency_id for listing in listings}
    mappings = SkuMapping.objects.filter(variation__listing__in=currency).values_list(
        "variation__listing_id", "product_id", "units", "variation__gone_at"
    )
    rows = list(mappings)
    prices = {
        (price.product_id, price.currency_id): price
        for price in ProductPrice.objects.filter(product__in={row[1] for row in rows})
    }
    linked: dict[int, list[tuple[pricing.Unit, bool]]] = defaultdict(list)
    for listing_id, product_id, units, gone_at in rows:
        price = prices.get((product_id, currency[listing_id]))
        unit = pricing.Unit(price.price if price else None, price.floor if price else None, units)
        linked[listing_id].append((unit, gone_at is not None))
    return linked


def _want_batch(ids: list[int], *, push: bool) -> None:
    for race in range(1, RACES + 1):
        try:
            with transaction.atomic():
                return _write_wishes(ids, clock.now(), push=push)
        except IntegrityError:
            if race == RACES:
                raise


def _write_wishes(ids: list[int], now: datetime, *, push: bool) -> None:
    listings = Listing.objects.select_related("account").in_bulk(ids)
    existing = {target.listing_id: target for target in PriceTarget.objects.filter(listing__in=ids)}
    targets, unwanted, pushes = [], [], []
    for listing_id, wish in wishes(listings.values()).items():
        listing = listings[listing_id]
        if wish.price is None:
            unwanted.append(listing_id)
            continue
        target = existing.get(listing_id) or PriceTarget(listing=listing)
        targets.append(_wished(target, listing, wish, now))
        if push and target.state == State.WAITING:
            pushes.append((listing.account_id, "price", listing.item_id))
    PriceTarget.objects.filter(listing__in=unwanted).delete()
    PriceTarget.objects.bulk_create(
        targets, update_conflicts=True, unique_fields=["listing"], update_fields=TARGET_FIELDS
    )
    work.bump_many(pushes)


def _wished(target: PriceTarget, listing: Listing, wish: Wish, now: datetime) -> PriceTarget:
    price = None if wish.below_floor else wish.price
    asked = target.state == State.DRIFT and price == target.wanted and _asks(listing)
    if price != target.wanted:
        target.wanted, target.wanted_at = price, now
    target.observed, target.observed_at = standard_price(listing), listing.seen_at
    if wish.below_floor:
        target.state, target.explanation = State.BELOW_FLOOR, below_floor_words(wish)
    elif not asked or target.observed == price:
        target.state = State.EQUAL if target.observed == price else State.WAITING
        target.explanation = ""
    return target


def _asks(listing: Listing) -> bool:
    return listing.account.drift_policy == SellerAccount.DriftPolicy.ASK


def below_floor_words(wish: Wish) -> str:
    return stored(
        gettext_noop(
            "The price would be %(price)s, below the floor of %(floor)s. Nothing is sent: raise the price or lower the "
            "floor."
        ),
        price=wish.price,
        floor=wish.floor,
    )


def observe(listings: Collection[Listing], *, heal: bool = True) -> None:
    """Write what was just read from ML beside the wanted prices of listings whose price, tags or status changed.

    With `heal`, a price that differs is pushed again where the seller's setting is to put our value back.
    """
    if not listings:
        return
    by_id = {listing.pk: listing for listing in listings}
    targets = list(PriceTarget.objects.filter(listing__in=by_id).select_related("listing__account"))
    drifted = [target for target in targets if _observed(target, by_id[target.listing_id])]
    PriceTarget.objects.bulk_update(targets, ["observed", "observed_at", "state", "explanation"])
    if heal:
        work.bump_many(
            (target.listing.account_id, "price", target.listing.item_id)
            for target in drifted
            if target.listing.account.drift_policy == SellerAccount.DriftPolicy.OVERWRITE
        )


def _observed(target: PriceTarget, listing: Listing) -> bool:
    """Whether ML shows something else than what is wanted."""
    target.observed, target.observed_at = standard_price(listing), listing.seen_at
    if target.wanted is None:
        return False
    if target.observed == target.wanted:
        target.state, target.explanation = State.EQUAL, ""
        return False
    if target.state in (State.EQUAL, State.ACCEPTED):
        asks = target.state == State.EQUAL and _asks(target.listing)
        target.state = State.DRIFT if asks else State.WAITING
        target.explanation = stored(
            gettext_noop("Mercado Libre shows %(price)s: it was changed there."), price=target.observed
        )
    return True
