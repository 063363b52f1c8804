"""Mercado Libre's stores of a seller beside our warehouses: which is which, and a warehouse of ours made from one.

They are read every six hours and whenever their page is opened, so that Today knows of one that is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef
from django.utils import timezone
from django.utils.text import slugify

from inventory.models import SellerStore, SellerWarehouse, Warehouse
from inventory.places import links
from mercadolibre import errors
from mercadolibre.resources.stock import Store
from sellers.models import SellerAccount
from sellers.points import point
from sellers.queue import work
from sellers.queue.outcomes import TryLater
from ui.stored import together, told

CODE_LENGTH = 20
OPEN = ("active", "")


@dataclass(frozen=True)
class Row:
    """A store that ML shows, one that we have linked, or both. `store` is None where ML no longer shows it."""

    store_id: str
    store: Store | None
    link: SellerWarehouse | None
    left_out: bool = False

    @property
    def name(self) -> str:
        return self.store.description if self.store and self.store.description else self.store_id

    @property
    def place(self) -> str:
        parts = (self.store.address_line, self.store.city, self.store.state) if self.store else ()
        return ", ".join(dict.fromkeys(part for part in parts if part))

    @property
    def is_open(self) -> bool:
        return self.store is not None and self.store.status in OPEN


def rows_of(account: SellerAccount, stores: Sequence[Store]) -> list[Row]:
    """ML's stores in its order, then those that are linked and that ML no longer shows. Two queries."""
    linked = {one.store_id: one for one in account.warehouses.select_related("warehouse") if one.store_id}
    left = set(account.stores.filter(left_out=True).values_list("store_id", flat=True))
    shown = [Row(store.id, store, linked.get(store.id), store.id in left) for store in stores]
    known = {store.id for store in stores}
    return shown + [Row(store_id, None, link) for store_id, link in linked.items() if store_id not in known]


def read(account: SellerAccount) -> tuple[tuple[Store, ...], str]:
    """ML's stores, or why they cannot be read now, in words for staff."""
    try:
        found = links.stores_of(account)
        keep(account, found)
        return found, ""
    except errors.MeliError as error:
        explained = errors.explain(error)
        return (), told(together(explained.meaning, explained.todo))
    except TryLater as later:
        return (), str(later)


def schedule() -> None:
    """Ask for the stores of every seller whose stock ML keeps by warehouse."""
    accounts = SellerAccount.objects.connected()
    work.bump_many((account.pk, "seller_stores", "") for account in accounts if account.manages_warehouses)


def read_claimed(claim: work.Claim) -> None:
    """Read a seller's stores (work kind "seller_stores")."""
    found = links.stores_of(claim.account)
    point("stores.read")
    with work.completing(claim):
        keep(claim.account, found)


@transaction.atomic
def keep(account: SellerAccount, found: Sequence[Store]) -> None:
    """Remember the stores that ML shows, and forget those that it shows no longer."""
    now = timezone.now()
    rows = [
        SellerStore(
            account=account,
            store_id=store.id,
            name=store.description[:200],
            status=store.status[:40],
            read_at=now,
        )
        for store in found
    ]
    SellerStore.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["account", "store_id"],
        update_fields=["name", "status", "read_at"],
    )
    point("stores.written")
    SellerStore.objects.filter(account=account).exclude(store_id__in=[store.id for store in found]).delete()


def leave_out(account: SellerAccount, store_id: str, *, left_out: bool) -> None:
    """Say that nothing is sold from a store, or that it is to be linked after all. Repeating is harmless."""
    SellerStore.objects.filter(account=account, store_id=store_id).exclude(left_out=left_out).update(left_out=left_out)


def to_link(accounts: Iterable[SellerAccount]) -> dict[int, tuple[int, datetime]]:
    """How many open stores of each seller are neither linked nor left out, and since when, by account id. One query.

    Of a seller who may keep stock in one warehouse only, none once a store is linked.
    """
    links_of = SellerWarehouse.objects.filter(account=OuterRef("account")).exclude(store_id="")
    several = [account.pk for account in accounts if account.several_warehouses]
    waiting = SellerStore.objects.filter(account__in=several, left_out=False, status__in=OPEN).exclude(
        Exists(links_of.filter(store_id=OuterRef("store_id")))
    )
    rows = waiting.filter(Exists(links_of)).order_by().values_list("account")
    return {pk: (count, since) for pk, count, since in rows.annotate(Count("pk"), Min("first_seen_at"))}


@transaction.atomic
def make_warehouse(account: SellerAccount, store: Store) -> tuple[SellerWarehouse, bool]:
    """Our warehouse for a store, made and linked in one step. Returns its link, and whether it is new.

    Once linked, a store makes no second warehouse, however often it is asked for.
    """
    SellerAccount.objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)
    present = SellerWarehouse.objects.filter(account=account, store_id=store.id).select_related("warehouse").first()
    if present is not None:
        return present, False
    name = store.description or store.id
    warehouse = Warehouse.objects.create(code=free_code(name), name=name[:100])
    point("store.warehouse_made")
    return links.link(account=account, warehouse=warehouse, store=store), True


def free_code(name: str) -> str:
    """A code that no warehouse has yet, as near to the name as can be."""
    return next(code for code in _codes(name) if not Warehouse.objects.filter(code=code).exists())


def _codes(name: str) -> Iterator[str]:
    plain = slugify(name).upper()[:CODE_LENGTH].strip("-") or "STORE"
    yield plain
    for number in count(2):
        ending = f"-{number}"
        yield plain[: CODE_LENGTH - len(ending)] + ending
