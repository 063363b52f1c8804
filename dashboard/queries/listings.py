"""Listings with their units, and all that one listing's page shows, each in a fixed number of queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Upper

from catalog.models import KitComponent, Listing, Product, SkuMapping, Variation
from dashboard.queries.work import PUSHES
from inventory.models import StockMovement, StockTarget
from sellers.models import Notification, PushAttempt, SellerAccount, Work

ITEM = re.compile(r"\b(M[A-Z]{2}|CBT)-?(\d{6,})\b")
USER_PRODUCT = re.compile(r"^(M[A-Z]{2}|CBT)U\d+$")
SKU_MATCHES = 500
SHOWN = 20
State = StockTarget.State


def rows(request: Any = None) -> QuerySet[Listing]:
    """Listings with seller, price target, units and marketplaces; without the raw JSON.

    The listings of a Global Selling item on its marketplaces stand with that item, not beside it.
    """
    return (
        Listing.objects.filter(parent_item=None)
        .select_related("account", "price_target")
        .defer("raw")
        .annotate(family_name=KeyTextTransform("family_name", "raw"), sharing=sharing())
        .prefetch_related(Prefetch("variations", queryset=units(), to_attr="units"))
        .prefetch_related(Prefetch("marketplaces", queryset=of_marketplaces(), to_attr="there"))
    )


def of_marketplaces() -> QuerySet[Listing]:
    """Listings of Global Selling items on marketplaces, by country, with their wanted prices."""
    there = Listing.objects.filter(parent_item__isnull=False).select_related("price_target")
    return there.defer("raw").order_by("item_id")


def sharing() -> Subquery:
    """How many listings share the stock of a listing's user product, itself among them."""
    same = Listing.objects.filter(user_product_id=OuterRef("user_product_id"), missing_since=None)
    shared = same.exclude(user_product_id="").exclude(status="closed").order_by().values("user_product_id")
    return Subquery(shared.annotate(many=Count("pk")).values("many"))


def siblings_of(listing: Listing, found: Iterable[Variation]) -> list[Listing]:
    """The other listings of the user products of a listing's units, the one that sells best first. One query."""
    keys = {listing.user_product_id, *(unit.user_product_id for unit in found)} - {""}
    of_units = Variation.objects.filter(user_product_id__in=keys, gone_at=None).values("listing_id")
    same = Listing.objects.filter(pk__in=of_units, account_id=listing.account_id, parent_item=None)
    same = same.exclude(pk=listing.pk)
    return list(same.defer("raw").order_by("status", "-sold_quantity", "pk")[:SHOWN])


def units() -> QuerySet[Variation]:
    """Sellable units that ML still shows, with their link and stock target."""
    present = Variation.objects.filter(gone_at__isnull=True)
    return present.select_related("mapping__product", "stock_target").order_by("variation_id")


def search(listings: QuerySet[Listing], words: str) -> QuerySet[Listing]:
    """Listings named exactly by item id, user product or SKU, or else those whose title contains the words.

    A Global Selling item is found by the words of its listings in each country too.
    """
    words = words.strip()
    if not words:
        return listings
    if item := ITEM.search(words.upper()):
        item_id = "".join(item.groups())
        return listings.filter(Q(item_id=item_id) | Q(marketplaces__item_id=item_id)).distinct()
    if USER_PRODUCT.match(words.upper()):
        of_unit = Variation.objects.filter(user_product_id=words.upper()).values("listing_id")
        return listings.filter(Q(user_product_id=words.upper()) | Q(pk__in=of_unit))
    named = named_by_sku(words)
    return listings.filter(pk__in=named or titled(words))


def titled(words: str) -> QuerySet[Listing, int]:
    """Listings whose title contains the words, and items with such a listing in some country: by the titles' index."""
    found = Listing.objects.filter(title__icontains=words).order_by()
    there = Listing.objects.filter(marketplaces__title__icontains=words).order_by()
    return found.values_list("pk", flat=True).union(there.values_list("pk", flat=True), all=True)


def named_by_sku(words: str) -> list[int]:
    """Listings with a unit that is linked to this SKU, or that carries it at ML. Two queries, an index each."""
    upper = Upper("seller_sku")
    at_ml = Variation.objects.annotate(upper=upper).filter(upper=words.upper()).values_list("listing_id", flat=True)
    linked = SkuMapping.objects.annotate(upper=Upper("product__sku")).filter(upper=words.upper())
    ours = linked.values_list("variation__listing_id", flat=True)
    return sorted({*at_ml[:SKU_MATCHES], *ours[:SKU_MATCHES]})


def unlinked_units() -> QuerySet[Variation]:
    waiting = Variation.objects.filter(mapping__isnull=True, ignored=False, gone_at__isnull=True)
    return waiting.filter(listing__parent_item__isnull=True)


def narrow(listings: QuerySet[Listing], asked: Mapping[str, Any]) -> QuerySet[Listing]:
    """The listings that a list's search and filters leave: q, seller, status, linked, differs, logistic."""
    for name, condition in (("seller", "account_id"), ("status", "status"), ("logistic", "logistic_type")):
        if asked.get(name):
            listings = listings.filter(**{condition: asked[name]})
    if asked.get("linked"):
        listings = linked_or_not(listings, asked["linked"] == "yes")
    if asked.get("differs") in DIFFERENCES:
        listings = listings.filter(DIFFERENCES[asked["differs"]]())
    return search(listings, asked.get("q") or "")


def linked_or_not(listings: QuerySet[Listing], linked: bool) -> QuerySet[Listing]:
    """Listings with a unit still to be linked, or those without any."""
    waiting = Exists(unlinked_units().filter(listing=OuterRef("pk")))
    return listings.filter(~waiting) if linked else listings.filter(waiting)


def units_in(*states: str) -> Q:
    """Listings with a unit whose quantity stands so; by the index of states."""
    there = StockTarget.objects.filter(state__in=states, variation__gone_at=None)
    return Q(pk__in=there.values("variation__listing_id"))


def price_differs() -> Q:
    return Q(price_target__wanted__isnull=False) & ~Q(price_target__observed=F("price_target__wanted"))


# What ML shows otherwise than wanted: word in the address -> condition
DIFFERENCES: dict[str, Callable[[], Q]] = {
    "stock": lambda: units_in(State.WAITING, State.ACCEPTED, State.DRIFT, State.REJECTED),
    "price": price_differs,
    "drift": lambda: units_in(State.DRIFT),
    "refused": lambda: units_in(State.REJECTED),
}


def seller_options() -> list[tuple[int, str]]:
    return list(SellerAccount.objects.order_by("nickname").values_list("pk", "nickname"))


def keys_of(listing: Listing, found: Iterable[Variation]) -> set[str]:
    """Every key under which pushes and work of a listing are kept."""
    return {listing.item_id, listing.user_product_id, *(unit.user_product_id for unit in found)} - {""}


def pushes_of(listing: Listing, keys: Iterable[str]) -> list[PushAttempt]:
    """The newest pushes of a listing, also those made for its user products."""
    rows = PushAttempt.objects.filter(account_id=listing.account_id, kind__in=PUSHES, key__in=sorted(keys))
    return list(rows.order_by("-id")[:SHOWN])


def notifications_of(listing: Listing, keys: Iterable[str]) -> list[Notification]:
    rows = Notification.objects.filter(
        work_kind__in=("item", "user_product_stock"), work_key__in=sorted(keys), ml_user_id=listing.account.ml_user_id
    )
    return list(rows.defer("body").order_by("-id")[:SHOWN])


def work_of(listing: Listing, keys: Iterable[str]) -> list[Work]:
    """What is still to be done for a listing, or failed."""
    rows = Work.objects.filter(account_id=listing.account_id, key__in=sorted(keys))
    kinds = ("stock", "price", "marketplace", "item", "user_product_stock")
    return list(rows.filter(kind__in=kinds).exclude(state=Work.State.IDLE).order_by("kind"))


def movements_of(products: Iterable[Product]) -> list[StockMovement]:
    """The newest ledger lines of the products a listing sells, and of the components of its kits."""
    ids = [product.pk for product in products]
    parts = KitComponent.objects.filter(kit__in=ids).values_list("component", flat=True)
    rows = StockMovement.objects.filter(level__product__in=[*ids, *parts])
    return list(rows.select_related("level__product", "level__warehouse", "actor").order_by("-id")[:SHOWN])
