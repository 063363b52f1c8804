"""Search in the shell: what is named exactly is opened, else what contains the words is listed by kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from catalog.models import Listing, Product
from dashboard.queries import listings
from orders.models import Order
from sellers.models import SellerAccount

SHOWN = 8
BIGINT = 2**63 - 1


@dataclass(frozen=True)
class Hit:
    title: str
    detail: str
    href: str


@dataclass(frozen=True)
class Group:
    """Hits of one kind, and the list that shows all of them."""

    label: str | Promise
    hits: Sequence[Hit]
    href: str = ""


def straight_to(words: str) -> str:
    """The address of the one thing that the words name exactly, else ""."""
    words = words.strip()
    return next(exact(words), "") if words else ""


def exact(words: str) -> Iterator[str]:
    if words.isascii() and words.isdigit() and int(words) <= BIGINT:
        yield from of_number(int(words))
    if item := listings.ITEM.search(words.upper()):
        item_id = "".join(item.groups())
        if Listing.objects.filter(item_id=item_id).exists():
            yield reverse("dashboard:listing", args=[item_id])
    if listings.USER_PRODUCT.match(words.upper()):
        yield f"{reverse('dashboard:listings')}?{urlencode({'q': words.upper()})}"
    if Product.objects.filter(sku=words).exists():
        yield reverse("inventory:product", args=[words])
    account = SellerAccount.objects.filter(nickname__iexact=words).first()
    if account:
        yield reverse("dashboard:seller", args=[account.pk])


def of_number(number: int) -> Iterator[str]:
    """An order, a pack or a shipment."""
    found = Order.objects.filter(Q(pk=number) | Q(pack_key=number) | Q(shipping_id=number)).order_by("pk")
    order = found.only("pk").first()
    if order:
        yield reverse("orders:order", args=[order.pk])


def groups(words: str) -> list[Group]:
    """What contains the words: listings by title, products by SKU or name, sellers and orders by name. Four queries."""
    words = words.strip()
    if not words:
        return []
    query = urlencode({"q": words})
    found = [
        Group(_("Listings"), list(of_listings(words)), f"{reverse('dashboard:listings')}?{query}"),
        Group(_("Products"), list(of_products(words)), f"{reverse('inventory:levels')}?{query}"),
        Group(_("Sellers"), list(of_sellers(words)), reverse("dashboard:sellers")),
        Group(_("Orders"), list(of_orders(words)), f"{reverse('orders:list')}?{query}"),
    ]
    return [group for group in found if group.hits]


def of_listings(words: str) -> Iterator[Hit]:
    for listing in Listing.objects.filter(title__icontains=words).only("item_id", "title")[:SHOWN]:
        yield Hit(listing.title, listing.item_id, reverse("dashboard:listing", args=[listing.item_id]))


def of_products(words: str) -> Iterator[Hit]:
    for product in Product.objects.filter(Q(sku__istartswith=words) | Q(name__icontains=words))[:SHOWN]:
        yield Hit(product.name, product.sku, reverse("inventory:product", args=[product.sku]))


def of_sellers(words: str) -> Iterator[Hit]:
    for account in SellerAccount.objects.filter(nickname__icontains=words)[:SHOWN]:
        yield Hit(account.nickname, account.site_id, reverse("dashboard:seller", args=[account.pk]))


def of_orders(words: str) -> Iterator[Hit]:
    for order in Order.objects.filter(buyer_nickname__iexact=words).order_by("-date_created")[:SHOWN]:
        yield Hit(str(order.pk), order.buyer_nickname, reverse("orders:order", args=[order.pk]))
