"""Mercado Libre's stores of a seller beside our warehouses: which is which, and a warehouse of ours made from one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from django.db import transaction
from django.utils.text import slugify

from inventory import links
from inventory.models import SellerWarehouse, Warehouse
from mercadolibre import errors
from mercadolibre.resources.stock import Store
from sellers.models import SellerAccount
from sellers.outcomes import TryLater
from ui.stored import together, told

CODE_LENGTH = 20
OPEN = ("active", "")


@dataclass(frozen=True)
class Row:
    """A store that ML shows, one that we have linked, or both. `store` is None where ML no longer shows it."""

    store_id: str
    store: Store | None
    link: SellerWarehouse | None

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
    """ML's stores in its order, then those that are linked and that ML no longer shows. One query."""
    linked = {one.store_id: one for one in account.warehouses.select_related("warehouse") if one.store_id}
    shown = [Row(store.id, store, linked.get(store.id)) for store in stores]
    known = {store.id for store in stores}
    return shown + [Row(store_id, None, link) for store_id, link in linked.items() if store_id not in known]


def read(account: SellerAccount) -> tuple[tuple[Store, ...], str]:
    """ML's stores, or why they cannot be read now, in words for staff."""
    try:
        return links.stores_of(account), ""
    except errors.MeliError as error:
        explained = errors.explain(error)
        return (), told(together(explained.meaning, explained.todo))
    except TryLater as later:
        return (), str(later)


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
