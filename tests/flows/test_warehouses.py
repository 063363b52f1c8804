"""A seller whom Mercado Libre moves to warehouses overnight goes on selling, and staff is told what to link."""

import pytest

from catalog.imports import importing
from catalog.models import Product
from inventory import ledger
from inventory.models import StockTarget, Warehouse
from inventory.places import links
from sellers.models import Work
from tests.flows.conftest import link


@pytest.fixture
def moved(world, connect, work_off):
    """A live seller with a mug and a coloured set, moved to warehouses while nobody looked."""
    seller = world.add_seller("DEPOSITOS")
    plain = seller.add_item(title="Taza", available_quantity=3)
    colours = [
        {"id": 11, "combination": {"COLOR": "Azul"}, "available_quantity": 3},
        {"id": 12, "combination": {"COLOR": "Rojo"}, "available_quantity": 4},
    ]
    coloured = seller.add_item(title="Taza de color", variations=colours)
    account = connect(seller, mode="live")
    importing.start(account=account)
    work_off()
    mug, red = (Product.objects.create(sku=sku, name=sku) for sku in ("TAZA", "TAZA-RJ"))
    for product in (mug, red):
        ledger.receive(
            product=product, warehouse=Warehouse.objects.get(code="MAIN"), quantity=9, operation=f"in-{product.sku}"
        )
    link(plain.id, mug)
    link(coloured.id, red, variation_id=12)
    work_off()
    world.activate_warehouses(seller)
    world.drain_notifications()
    return account, mug, plain, coloured


def sold_elsewhere(product, units):
    main = Warehouse.objects.get(code="MAIN")
    ledger.adjust(product=product, warehouse=main, delta=-units, operation=f"away-{product.sku}", reason="sold")


@pytest.mark.parametrize("how", ["ignored", "refused"])
def test_the_first_write_that_does_not_take_has_the_tags_read_and_the_call_chosen_anew(world, moved, work_off, how):
    account, _mug, plain, _coloured = moved
    world.warehouse_item_writes = how
    product = world.user_products[plain.own.user_product_id]
    before = [(place.type, place.quantity) for place in product.locations]
    for sold in Product.objects.all():
        sold_elsewhere(sold, 2)

    work_off()

    account.refresh_from_db()
    assert account.manages_warehouses
    assert [(place.type, place.quantity) for place in product.locations] == before  # nothing wrong was written
    blocked = StockTarget.objects.filter(variation__mapping__isnull=False)
    assert set(blocked.values_list("state", flat=True)) == {"blocked"}
    assert all("linked to a warehouse" in text for text in blocked.values_list("explanation", flat=True))
    assert not Work.objects.filter(kind="stock").exclude(state="idle").exists()  # none is left as failed


def test_linking_the_store_sends_what_there_is_without_anything_else(world, moved, work_off):
    account, mug, plain, coloured = moved
    sold_elsewhere(mug, 2)
    work_off()
    account.refresh_from_db()
    (store,) = links.stores_of(account)
    links.link(account=account, warehouse=Warehouse.objects.get(code="MAIN"), store=store)
    work_off()

    of_plain, of_red = plain.own.user_product_id, coloured.variations[1].user_product_id
    for product_id, quantity in ((of_plain, 7), (of_red, 9)):
        places = world.user_products[product_id].locations
        assert [(place.type, place.store_id, place.quantity) for place in places] == [
            ("seller_warehouse", store.id, quantity)
        ]
    linked = StockTarget.objects.filter(variation__mapping__isnull=False)
    assert set(linked.values_list("state", flat=True)) == {"equal"}


def test_today_says_what_changed_until_the_stores_are_linked(world, moved, work_off, client, owner):
    account, mug, *_items = moved
    sold_elsewhere(mug, 2)
    work_off()
    client.force_login(owner)
    page = client.get("/").content.decode()

    assert "Mercado Libre now keeps the stock of DEPOSITOS by warehouse: link its stores." in page
    address = f"/warehouses/sellers/{account.pk}/stores/"
    assert address in page
    assert "Depósito principal" in client.get(address).content.decode()
