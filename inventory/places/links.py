"""From which warehouses a seller sells, and which of Mercado Libre's stores they are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from inventory.models import SellerWarehouse, Transfer, Warehouse
from inventory.places.seller_tags import try_refused_again
from inventory.pushes.wants import want_account
from inventory.rules.rule_changes import products_of_sellers
from inventory.targets.patterns import Products
from mercadolibre.resources.stock import Store
from sellers.connection.clients import client_for
from sellers.models import SellerAccount


class UnknownStore(Exception):
    """ML shows no such store of the seller."""


class StoreTaken(Exception):
    """The store is linked to another warehouse."""


class OneStoreOnly(Exception):
    """ML lets the seller keep stock in one warehouse, and another store is linked."""


def stores_of(account: SellerAccount) -> tuple[Store, ...]:
    """The seller's stores at ML that hold stock; none for a seller who does not keep stock by warehouse.

    Raises what the client raises.
    """
    return client_for(account).stores(account.ml_user_id) if account.manages_warehouses else ()


@transaction.atomic
def link(
    *, account: SellerAccount, warehouse: Warehouse, priority: int = 50, store: Store | None = None
) -> SellerWarehouse:
    """Let a seller sell from a warehouse; what is shown at ML follows. Raises StoreTaken and OneStoreOnly."""
    made = _write(account, warehouse, priority=priority, store=store)
    elsewhere = SellerWarehouse.objects.filter(account=account).exclude(store_id="").exclude(warehouse=warehouse)
    if store is not None and not account.several_warehouses and elsewhere.exists():
        raise OneStoreOnly(store.id)
    want_account(account)
    return made


def _write(
    account: SellerAccount, warehouse: Warehouse, *, priority: int, store: Store | None, excluded: bool = False
) -> SellerWarehouse:
    store_id = store.id if store else ""
    others = SellerWarehouse.objects.filter(account=account, store_id=store_id).exclude(warehouse=warehouse)
    if store_id and others.exists():
        raise StoreTaken(store_id)
    says = {
        "priority": priority,
        "excluded": excluded,
        "store_id": store_id,
        "network_node_id": (store.network_node_id or "") if store else "",
    }
    made, _created = SellerWarehouse.objects.update_or_create(account=account, warehouse=warehouse, defaults=says)
    try_refused_again(account)
    return made


@dataclass(frozen=True)
class Linked:
    """The change of a link that staff is shown before it is made."""

    account: SellerAccount
    warehouse: Warehouse
    priority: int = 50
    store: Store | None = None
    excluded: bool = False

    def make(self) -> None:
        _write(self.account, self.warehouse, priority=self.priority, store=self.store, excluded=self.excluded)

    def products(self) -> Products:
        return products_of_sellers([self.account.pk])


@dataclass(frozen=True)
class Unlinked:
    """The removal of a link that staff is shown before it is made."""

    link: SellerWarehouse

    def make(self) -> None:
        SellerWarehouse.objects.filter(pk=self.link.pk).delete()
        try_refused_again(self.link.account)

    def products(self) -> Products:
        return products_of_sellers([self.link.account_id])


@transaction.atomic
def unlink(link: SellerWarehouse) -> None:
    """Let a seller no longer sell from a warehouse. Without any link the seller sells from all of them."""
    account = link.account
    link.delete()
    want_account(account)


class StillHolds(Exception):
    """The warehouse holds stock, or a transfer to or from it is on its way: it cannot be closed."""

    def __init__(self, still: Still) -> None:
        super().__init__(f"{still.products} products, {still.transfers} transfers")
        self.still = still


@dataclass(frozen=True)
class Still:
    """What stands against closing a warehouse: products with units on hand or promised, and open transfers."""

    products: int = 0
    transfers: int = 0

    def __bool__(self) -> bool:
        return bool(self.products or self.transfers)


def still_in(warehouse: Warehouse) -> Still:
    """Two queries."""
    holding = warehouse.levels.exclude(on_hand=0, reserved=0)
    of_it = Q(source=warehouse) | Q(target=warehouse)
    return Still(holding.count(), Transfer.objects.filter(of_it, closed_at=None).count())


@transaction.atomic
def set_active(warehouse: Warehouse, active: bool) -> None:
    """Count a warehouse in or out for every seller; what it moved stays in the ledger. Raises StillHolds."""
    if warehouse.active != active:
        if not active and (still := still_in(warehouse)):
            raise StillHolds(still)
        warehouse.active = active
        warehouse.save(update_fields=["active"])
        for account in SellerAccount.objects.exclude(status=SellerAccount.Status.DISCONNECTED):
            want_account(account)


def store_named(account: SellerAccount, store_id: str) -> Store:
    """Raises UnknownStore, and what the client raises."""
    found = next((store for store in stores_of(account) if store.id == store_id), None)
    if found is None:
        raise UnknownStore(store_id)
    return found
