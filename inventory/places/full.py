"""Units in Full, Mercado Libre's own warehouse: read daily and when it says that something happened; never written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from catalog.models import Product, Variation
from inventory.models import FullStock
from mercadolibre import errors
from mercadolibre.resources.fulfillment import FulfillmentOperation, FulfillmentStock
from sellers import clock
from sellers.connection.clients import client_for
from sellers.models import SellerAccount
from sellers.points import point
from sellers.queue import work
from sellers.queue.outcomes import TryLater
from ui.stored import together, told

AGE = timedelta(days=1)
DAYS_SHOWN = 30
PAGES = 5


def read(claim: work.Claim) -> None:
    """Read what ML holds under one inventory id (work kind "full_stock", key: inventory id)."""
    account = claim.account
    try:
        found = client_for(account).fulfillment_stock(claim.key)
    except errors.NotFound:
        with work.completing(claim):
            FullStock.objects.filter(account=account, inventory_id=claim.key).delete()  # it has left Full
        return
    point("full.read")
    with work.completing(claim):
        _keep(account, found)
        point("full.kept")


def _keep(account: SellerAccount, found: FulfillmentStock) -> None:
    seen = {
        "account": account,
        "available": found.available_quantity or 0,
        "not_available": found.not_available_quantity or 0,
        "detail": dict(found.not_available_detail),
        "read_at": clock.now(),
    }
    FullStock.objects.update_or_create(inventory_id=found.inventory_id, defaults=seen)


def operation(claim: work.Claim) -> None:
    """Something happened in Full: read what there is now (work kind "full_operation", key: operation id).

    The operation says whose units moved; how many there are is asked for, as operations may arrive out of order.
    """
    account = claim.account
    found = client_for(account).fulfillment_operation(claim.key)
    point("full.told")
    with work.completing(claim):
        if found.inventory_id:
            work.bump_many(_looks_at(account, found.inventory_id))


def _looks_at(account: SellerAccount, inventory_id: str) -> list[tuple[int, str, str]]:
    """What shows how many there are now. ML refuses the inventories of marketplaces to a Global Selling seller, whose
    listings in Full say it themselves.
    """
    if not account.is_global:
        return [(account.pk, "full_stock", inventory_id)]
    units = Variation.objects.filter(inventory_id=inventory_id, listing__account=account, gone_at=None)
    return [(account.pk, "item", item_id) for item_id in set(units.values_list("listing__item_id", flat=True))]


def schedule() -> None:
    """Ask for what was never read, and for what nobody has read for a day."""
    fresh = FullStock.objects.filter(read_at__gt=clock.now() - AGE).values("inventory_id")
    named = Variation.objects.filter(
        gone_at=None,
        listing__missing_since=None,
        listing__parent_item=None,
        listing__account__in=SellerAccount.objects.connected(),
    )
    unread = named.exclude(Q(inventory_id="") | Q(inventory_id__in=fresh) | Q(listing__status="closed"))
    rows = unread.order_by().values_list("listing__account_id", "inventory_id").distinct()
    work.bump_many((account_id, "full_stock", inventory_id) for account_id, inventory_id in rows)


# --- for pages -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pool:
    """What Full holds of a product, by user product or inventory id. `stock` is None until it was read."""

    inventory_id: str
    units: Sequence[Variation]
    stock: FullStock | None

    @property
    def account(self) -> SellerAccount:
        return self.units[0].listing.account


def pools_of(product: Product) -> list[Pool]:
    """Every pool of a product in Full. Two queries, however many there are."""
    units = Variation.objects.filter(mapping__product=product, gone_at=None).exclude(inventory_id="")
    by_pool: dict[str, list[Variation]] = {}
    for unit in units.select_related("listing__account").defer("listing__raw").order_by("pk"):
        by_pool.setdefault(unit.user_product_id or unit.inventory_id, []).append(unit)
    stocks = stocks_by_id(unit.inventory_id for of_pool in by_pool.values() for unit in of_pool)
    return [_pool(of_pool, stocks) for of_pool in by_pool.values()]


def _pool(units: Sequence[Variation], stocks: Mapping[str, FullStock]) -> Pool:
    found = [stocks[unit.inventory_id] for unit in units if unit.inventory_id in stocks]
    newest = max(found, key=lambda one: one.read_at, default=None)
    return Pool(newest.inventory_id if newest else units[0].inventory_id, units, newest)


def stocks_by_id(inventory_ids: Iterable[str]) -> dict[str, FullStock]:
    return {one.inventory_id: one for one in FullStock.objects.filter(inventory_id__in=list(inventory_ids))}


@dataclass(frozen=True)
class History:
    """What happened to the units of one inventory id lately, the newest first; `problem` is why it cannot be read."""

    first: date
    operations: Sequence[FulfillmentOperation] = field(default_factory=list)
    is_cut: bool = False
    problem: str = ""


def history_of(account: SellerAccount, inventory_id: str) -> History:
    """Read from ML the operations of the last days. Nothing of it is kept."""
    today = timezone.now().date()
    first = today - timedelta(days=DAYS_SHOWN)
    try:
        return _read_history(account, inventory_id, first, today)
    except errors.MeliError as error:
        explained = errors.explain(error)
        return History(first, problem=told(together(explained.meaning, explained.todo)))
    except TryLater as later:
        return History(first, problem=str(later))


def _read_history(account: SellerAccount, inventory_id: str, first: date, last: date) -> History:
    client, scroll = client_for(account), None
    found: list[FulfillmentOperation] = []
    for _page in range(PAGES):
        page = client.fulfillment_operations(account.ml_user_id, [inventory_id], first, last, scroll)
        found += page.operations
        scroll = page.scroll
        if not scroll:
            break
    return History(first, found, is_cut=bool(scroll))
