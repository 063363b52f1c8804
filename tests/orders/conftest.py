"""A merchant who sells mugs: a connected seller, one listing linked to a product, ten mugs on the shelf."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.utils import timezone

from catalog.imports.storing import save_item
from catalog.models import Product, SkuMapping, Variation
from inventory import ledger
from inventory.models import StockLevel, Warehouse
from orders.models import Order
from sellers.connection.clients import client_for
from sellers.models import SellerAccount
from sellers.queue import work


@pytest.fixture
def centro(db) -> Warehouse:
    return Warehouse.objects.get_or_create(code="MAIN", defaults={"name": "Main warehouse"})[0]


@pytest.fixture
def mug(db) -> Product:
    return Product.objects.create(sku="MUG-1", name="Mug")


@pytest.fixture
def plate(db) -> Product:
    return Product.objects.create(sku="PLATE-1", name="Plate")


@pytest.fixture
def seller(world):
    return world.add_seller("TIENDA")


@pytest.fixture
def account(connect, seller) -> SellerAccount:
    return connect(seller)


@pytest.fixture
def count(centro) -> Callable[[Product, int], None]:
    """Count units of a product in the main warehouse."""

    def counted(product: Product, units: int) -> None:
        ledger.count(product=product, warehouse=centro, counted=units, operation=f"count:{uuid4()}")

    return counted


@pytest.fixture
def publish(seller, account):
    """Put a listing up at ML and import it; one with a known SKU is linked by that."""

    def published(**details) -> Variation:
        item = seller.add_item(**{"title": "Taza", "price": 100, "available_quantity": 10} | details)
        saved = save_item(account, client_for(account).item(item.id), timezone.now())
        return Variation.objects.select_related("listing").get(pk=next(iter(saved.variations.values())).pk)

    return published


@pytest.fixture
def listed(publish, mug, count) -> Variation:
    """The mug's listing, linked, with ten mugs on the shelf."""
    count(mug, 10)
    return publish(seller_sku="MUG-1")


@pytest.fixture
def item_id(listed) -> str:
    return listed.listing.item_id


@pytest.fixture
def look(account, work_off) -> Callable[..., Order | None]:
    """Do what a notification of an order asks for, and give the order back."""

    def looked(order_id: int) -> Order | None:
        work.bump(account_id=account.pk, kind="order", key=str(order_id))
        work_off()
        return Order.objects.filter(pk=order_id).first()

    return looked


@pytest.fixture
def shelf() -> Callable[[Product], tuple[int, int]]:
    """(on hand, reserved) of a product in all warehouses."""

    def levels(product: Product) -> tuple[int, int]:
        found = StockLevel.objects.filter(product=product).values_list("on_hand", "reserved")
        return sum(on_hand for on_hand, _ in found), sum(reserved for _, reserved in found)

    return levels


def link(variation: Variation, product: Product, units: int = 1) -> None:
    """What staff does on the mapping page."""
    SkuMapping.objects.update_or_create(
        variation=variation, defaults={"product": product, "units": units, "source": SkuMapping.Source.TYPED}
    )
    work.bump(account_id=variation.listing.account_id, kind="mapping", key=str(variation.pk))
