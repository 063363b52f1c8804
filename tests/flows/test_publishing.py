"""A listing published into warehouses sells, and everything that sells the same product follows."""

import uuid

import pytest

from catalog.models import Product, SkuMapping
from inventory import ledger
from inventory.models import StockLevel, StockTarget, Warehouse
from inventory.places import links, stores
from orders.models import Order

TAGS = ("normal", "user_product_seller", "warehouse_management", "multiwarehouse")


@pytest.fixture
def published(world, connect, work_off, client, owner):
    """A new seller: two stores become two warehouses, mugs are received, and a mug is published."""
    seller = world.add_seller("DOS_DEPOSITOS", tags=TAGS)
    account = connect(seller, mode="live")
    mug = Product.objects.create(sku="TAZA", name="Taza")
    for name, units in (("Norte", 5), ("Sur", 3)):
        store = seller.add_store(name)
        made, _new = stores.make_warehouse(account, links.store_named(account, store.id))
        ledger.receive(product=mug, warehouse=made.warehouse, quantity=units, operation=f"in-{name}")
    client.force_login(owner)
    address = f"/sellers/{account.pk}/publish/"
    form = client.get(address, {"sku": "TAZA"}).context["form"]
    units = {f"store_{store.id}": form[f"store_{store.id}"].value() for store in seller.stores}
    answer = client.post(
        address,
        {
            "operation": str(uuid.uuid4()),
            "sku": "TAZA",
            "name": "Taza",
            "category_id": "MLA1577",
            "price": "1500",
            "listing_type_id": "gold_special",
            "condition": "new",
            "description": "Taza de cerámica",
            **units,
        },
    )
    work_off()
    return seller, mug, world.items[answer.url.split("/")[2]]


def at(world, item):
    product = world.user_products[item.own.user_product_id]
    return [place.quantity for place in product.locations]


def test_it_shows_what_there_is_and_a_sale_takes_the_store_it_names(world, published, deliver, work_off):
    seller, mug, item = published
    assert (at(world, item), item.available_quantity) == ([5, 3], 8)
    assert item.description == "Taza de cerámica"
    assert StockTarget.objects.get().state == "equal"

    order = world.sell(item.id, 2, store_id=seller.stores[1].id)
    deliver()
    work_off()

    assert at(world, item) == [5, 1]
    taken = StockLevel.objects.get(product=mug, warehouse=Warehouse.objects.get(code="SUR"))
    assert (taken.on_hand, taken.reserved) == (3, 2)
    assert Order.objects.get(order_id=order.id).stock_state == "reserved"


def test_another_listing_of_the_same_user_product_needs_no_second_push(world, published, deliver, work_off):
    seller, _mug, item = published
    twin = seller.add_item(user_product_id=item.own.user_product_id, seller_sku="TAZA", listing_type_id="gold_pro")
    world.notify("items", f"/items/{twin.id}", seller.user_id)
    deliver()
    work_off()
    assert set(SkuMapping.objects.values_list("variation__listing__item_id", flat=True)) == {item.id, twin.id}
    sent = len([one for one in world.requests if one.method == "PUT"])
    ledger.receive(
        product=Product.objects.get(), warehouse=Warehouse.objects.get(code="NORTE"), quantity=4, operation="more"
    )
    work_off()

    assert at(world, item) == [9, 3]
    assert twin.available_quantity == item.available_quantity == 12
    assert len([one for one in world.requests if one.method == "PUT"]) == sent + 1
    assert set(StockTarget.objects.values_list("state", flat=True)) == {"equal"}
