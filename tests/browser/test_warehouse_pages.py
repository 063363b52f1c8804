"""Stores, publishing, moved listings and Full as a human sees them, with the simulated marketplace behind."""

import uuid

import pytest
from django.utils import timezone

from catalog.imports import storing
from catalog.models import Listing, Product, SkuMapping, Variation
from inventory import ledger
from inventory.models import Publication
from inventory.places import full, links, stores
from sellers.connection.clients import client_for
from tests.browser.test_pages import show

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400), pytest.mark.xdist_group("browser-desk")]
TAGS = ("normal", "user_product_seller", "warehouse_management", "multiwarehouse")


@pytest.fixture
def account(migrated, world, connect, work_off, owner):
    """A seller with a linked and an unlinked store, a mug in Full, and a listing that was relisted."""
    seller = world.add_seller("DEPÓSITOS DEL SUR", tags=TAGS)
    account = connect(seller, mode="live")
    for name, city in (("Depósito Sur", "Lanús"), ("Depósito Norte <b>", "Tigre")):
        seller.add_store(name, city=city)
    made, _new = stores.make_warehouse(account, links.store_named(account, seller.stores[0].id))
    mug = Product.objects.create(sku="TAZA", name="Taza de cerámica")
    ledger.receive(product=mug, warehouse=made.warehouse, quantity=9, operation="truck")
    for published in (
        seller.add_item(title="Taza en Full", full_quantity=12, family_name="Taza"),
        seller.add_item(title="Taza vieja", family_name="Taza", seller_sku="vieja"),
    ):
        world.notify("items", f"/items/{published.id}", seller.user_id)
        take_in(account, published.id, mug)
    world.receive_in_full(world.items_of[seller.user_id][0], 3)
    relist(world, account, "Taza vieja")
    full.schedule()
    work_off()
    for number, state in enumerate(("unknown", "refused")):
        Publication.objects.create(
            operation=uuid.uuid4(), account=account, product=mug, name=f"Taza {number}", state=state, created_by=owner
        )
    return account


def take_in(account, item_id, product):
    save(account, item_id)
    unit = Variation.objects.get(listing__item_id=item_id)
    SkuMapping.objects.create(variation=unit, product=product, source="typed")


def save(account, item_id):
    storing.save_items(account, [client_for(account).item(item_id)], timezone.now())


def relist(world, account, title):
    old = Listing.objects.get(title=title)
    world.close(old.item_id)
    new = world.relist(old.item_id)
    for item_id in (old.item_id, new.id):
        save(account, item_id)


def test_pages_of_sellers_by_warehouse(staff, site, look, account):
    in_full = Variation.objects.exclude(inventory_id="").first()
    show(
        staff,
        site,
        look,
        {
            "stores": f"/warehouses/sellers/{account.pk}/stores/",
            "publish": f"/sellers/{account.pk}/publish/?sku=TAZA",
            "publish-asked": f"/sellers/{account.pk}/publish/?sku=TAZA&category=MLA1055",
            "moved": "/mapping/changed/",
            "full": f"/full/{in_full.inventory_id}/",
            "product-in-full": "/inventory/TAZA/",
            "why-in-full": f"/listings/{in_full.listing.item_id}/why/{in_full.pk}/",
            "listing-of-a-group": f"/listings/{in_full.listing.item_id}/",
        },
    )


def test_publishing_says_what_is_wrong_beside_the_field(staff, site, look, account):
    staff.goto(f"{site}/sellers/{account.pk}/publish/?sku=TAZA")
    staff.fill("[name=category_id]", "MLB1577")
    staff.fill("[name=price]", "1500")
    staff.get_by_role("button", name="Publish").click()

    assert staff.locator(".field.invalid").count() == 1
    assert look("publish-refused") == []


def test_a_category_asks_and_a_product_of_the_catalog_answers(staff, site, look, account, world):
    staff.goto(f"{site}/sellers/{account.pk}/publish/?sku=TAZA&category=MLA1055")
    staff.fill("[name=price]", "1500")
    staff.get_by_role("button", name="Publish").click()
    assert staff.locator(".field.invalid").count() == 6
    assert look("publish-asked-refused") == []

    staff.fill("[name=catalog_product_id]", "MLA15810042")
    staff.fill("[name=description]", "En caja.")
    staff.get_by_role("button", name="Publish").click()

    staff.wait_for_url("**/listings/*/")
    item = world.items[staff.url.split("/")[-2]]
    assert (item.catalog_product_id, item.description) == ("MLA15810042", "En caja.")
