"""Listings and prices."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from catalog.models import Listing, PriceTarget, ProductPrice, Variation
from inventory.models import Publication
from inventory.targets.intents import Intent, intents_of, linked
from inventory.targets.stock_targets import Dialect
from tests.faults.invariants.look import Look


def listings_show_what_is_wanted(look: Look) -> Iterator[str]:
    for intent in intents_of(linked()):
        if not intent.is_written or not intent.account.may_write or intent.choice.dialect == Dialect.SELLING_ADDRESS:
            continue
        item_id = intent.variation.listing.item_id
        shows = quantity_there(look.items.get(item_id), intent.variation.variation_id)
        if shows is not None and shows != intent.quantity:
            yield f"{item_id}/{intent.variation.variation_id} shows {shows}, {intent.quantity} are wanted"
        yield from lamps_of(intent)


def lamps_of(intent: Intent) -> Iterator[str]:
    lamps = intent.target
    if lamps is None:
        yield f"{intent.variation.listing.item_id} was never asked for"
    elif (lamps.wanted, lamps.state) != (intent.quantity, "equal"):
        yield f"{intent.variation.listing.item_id}: lamp {lamps.state} of {lamps.wanted}, wanted {intent.quantity}"


def quantity_there(item: dict[str, Any] | None, variation_id: int) -> int | None:
    held = (one for one in (item or {}).get("holdings", ()) if (one["variation_id"] or 0) == variation_id)
    return next((one["available_quantity"] for one in held), None)


def variations_are_the_same(look: Look) -> Iterator[str]:
    ours: dict[str, set[int]] = {}
    units = Variation.objects.filter(gone_at=None, listing__missing_since=None)
    for item_id, number in units.values_list("listing__item_id", "variation_id"):
        ours.setdefault(item_id, set()).add(number)
    for item_id, numbers in ours.items():
        there = {one["variation_id"] or 0 for one in look.items.get(item_id, {}).get("holdings", ())}
        if there and there != numbers:
            yield f"{item_id} has {sorted(there)}, we know {sorted(numbers)}"


def nothing_was_deleted(look: Look) -> Iterator[str]:
    for name in ("variations_deleted", "put_missing_variation"):
        if look.counters.get(name):
            yield f"{name}: {look.counters[name]}"


def a_publication_is_one_listing(look: Look) -> Iterator[str]:
    for publication in Publication.objects.select_related("product", "account"):
        sku, seller = publication.product.sku, publication.account.ml_user_id
        made = [
            one["id"]
            for one in look.items.values()
            if one["seller_id"] == seller and any(held["seller_sku"] == sku for held in one["holdings"])
        ]
        new = set(made) - set(publication.skus_before)
        if publication.state == "published" and new != {publication.item_id}:
            yield f"{sku}: published {publication.item_id}, there are {sorted(new)}"
        if publication.state != "published":
            yield f"{sku}: its publication is {publication.state}, there are {sorted(new)}"


def prices_are_as_wanted(look: Look) -> Iterator[str]:
    for lamps in PriceTarget.objects.filter(wanted__isnull=False).select_related("listing__account"):
        there = look.items.get(lamps.listing.item_id)
        if there is None or not lamps.listing.account.may_write or there["status"] == "closed":
            continue
        if (lamps.state, Decimal(str(there["price"]))) != ("equal", lamps.wanted):
            yield f"{lamps.listing.item_id} costs {there['price']}, wanted {lamps.wanted}, lamp {lamps.state}"


def no_price_below_its_floor(look: Look) -> Iterator[str]:
    floors = ProductPrice.objects.filter(floor__isnull=False).values_list(
        "product__mappings__variation__listing__item_id", "currency_id", "floor"
    )
    currencies = dict(Listing.objects.values_list("item_id", "currency_id"))
    lowest = {item_id: floor for item_id, currency, floor in floors if currencies.get(item_id) == currency}
    for path, body in writes(look):
        item_id = path.rsplit("/", 1)[-1]
        if "price" in body and item_id in lowest and Decimal(str(body["price"])) < lowest[item_id]:
            yield f"{item_id} was sent {body['price']}, its floor is {lowest[item_id]}"


def stock_and_price_are_never_sent_together(look: Look) -> Iterator[str]:
    """A price that is tried again must not bring an old quantity back."""
    for path, body in writes(look):
        if "price" in body and "available_quantity" in body:
            yield f"PUT {path} carried both"


def writes(look: Look) -> Iterator[tuple[str, dict[str, Any]]]:
    for line in look.requests:
        if line["method"] == "PUT" and isinstance(line["body"], dict):
            yield line["path"], line["body"]
