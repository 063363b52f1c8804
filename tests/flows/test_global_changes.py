"""What staff changes of a Global Selling item, up to the sale that follows from it."""

from uuid import uuid4

import pytest

from catalog.imports import importing
from catalog.models import Listing, MarketplaceChange, Product
from inventory import ledger
from inventory.models import StockLevel, Warehouse
from sellers.models import Work
from tests.flows.conftest import link

MARKETS = (("MLM", "remote"), ("MLB", "remote"))


@pytest.fixture
def shirt(world):
    seller = world.add_global_seller("PACIFIC_TRADERS", marketplaces=MARKETS)
    two = [
        {"combination": {"COLOR": name}, "available_quantity": 3, "seller_sku": f"S-{name}"} for name in ("Red", "Blue")
    ]
    return world.add_global_item(seller, title="Shirt", price=20, variations=two)


@pytest.fixture
def desk(client, owner, connect, world, shirt, work_off):
    """Everything imported, live, and eight red shirts."""
    importing.start(account=connect(world.seller("PACIFIC_TRADERS"), mode="live"))
    work_off()
    received("S-Red", 8)
    link(shirt.id, Product.objects.get(sku="S-Red"), variation_id=shirt.variations[0].id)
    work_off()
    client.force_login(owner)
    return client


def received(sku, units):
    product = Product.objects.create(sku=sku, name=sku)
    warehouse = Warehouse.objects.get(code="MAIN")
    ledger.receive(product=product, warehouse=warehouse, quantity=units, reason="", operation=sku)


def change(desk, item, **what):
    listing = Listing.objects.get(item_id=item.id)
    answer = desk.post(f"/prices/{listing.pk}/marketplace/", {"operation": str(uuid4()), **what})
    assert answer.status_code == 303


def test_a_new_variation_gets_our_stock_and_sells_in_another_country(desk, shirt, world, deliver, work_off):
    received("S-Green", 5)

    change(desk, shirt, what="variation", by_COLOR="Green", quantity="1", sku="S-Green")
    work_off()
    deliver()
    work_off()
    assert [one.available_quantity for one in shirt.variations] == [8, 3, 5]  # blue is not linked: left as it is

    brazilian = world.children_of(shirt.id)["MLB"]
    world.sell(brazilian.id, 2, brazilian.variations[2].id)
    deliver()
    work_off()

    assert [one.available_quantity for one in shirt.variations] == [8, 3, 3]
    green = StockLevel.objects.get(product__sku="S-Green")
    assert (green.on_hand, green.reserved) == (5, 2)
    assert world.counters["variations_deleted"] == 0
    assert not Work.objects.filter(state="dead").exists()


def test_an_item_is_measured_paused_sold_again_and_given_up_in_one_country(desk, shirt, world, deliver, work_off):
    mexican = world.children_of(shirt.id)["MLM"]
    change(desk, shirt, what="package", width="30", height="5", length="25", weight="350")
    change(desk, shirt, what="status", status="paused")
    work_off()
    assert {one.status for one in (shirt, *world.children_of(shirt.id).values())} == {"paused"}
    change(desk, mexican, what="delete", sure="on")
    work_off()
    change(desk, shirt, what="status", status="active")
    work_off()
    deliver()
    work_off()

    assert list(world.children_of(shirt.id)) == ["MLB"]
    assert [shirt.status, world.children_of(shirt.id)["MLB"].status] == ["active", "active"]
    assert Listing.objects.get(item_id=mexican.id).missing_since is not None
    assert set(MarketplaceChange.objects.values_list("state", flat=True)) == {"done"}
    assert [one.available_quantity for one in shirt.variations] == [8, 3]
    assert not Work.objects.filter(state="dead").exists()
