"""Listings of which Mercado Libre made something else: from Today to one click, and drift of a price, in a browser."""

from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from catalog.imports import importing
from catalog.mapping import sku_mapping
from catalog.models import Listing, PriceTarget, Product, ShapeChange, SkuMapping, Variation
from catalog.prices import price_changes
from catalog.shapes import shape_changes
from inventory import ledger
from inventory.models import Warehouse

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400), pytest.mark.xdist_group("browser-desk")]
COLOURS = [
    {"id": 11, "combination": {"COLOR": "Azul noche"}, "available_quantity": 2, "seller_sku": "mate-az"},
    {"id": 12, "combination": {"COLOR": "Rojo"}, "available_quantity": 7, "seller_sku": "mate-rj"},
]


def link(item_id, product, variation_id=0):
    unit = Variation.objects.get(listing__item_id=item_id, variation_id=variation_id)
    sku_mapping.link(variation_ids=[unit.pk], product=product, source=SkuMapping.Source.TYPED, by=None)


@pytest.fixture
def changed(migrated, world, connect, work_off, deliver):
    """One listing flattened, one relisted, one a kit, one sent another way; all of them linked before."""
    seller = world.add_seller("MATES DEL SUR")
    account = connect(seller, mode="live")
    colourful = seller.add_item(title="Mate imperial de calabaza <b>con virola</b>", variations=COLOURS)
    old, pack, plain, part = (
        seller.add_item(title=title, seller_sku=sku)
        for title, sku in (("Bombilla", "bo"), ("Combo matero", "co"), ("Yerbera", "ye"), ("Azucarera", "az"))
    )
    importing.start(account=account)
    work_off()
    mate = Product.objects.create(sku="MATE-IMPERIAL-AZUL", name="Mate imperial azul")
    ledger.receive(product=mate, warehouse=Warehouse.objects.get(code="MAIN"), quantity=9, operation="truck")
    link(colourful.id, mate, 11)
    link(colourful.id, mate, 12)
    for item in (old, pack, plain):
        link(item.id, mate)
    work_off()
    world.flatten(colourful.id, 11)
    world.close(old.id)
    world.relist(old.id)
    world.make_kit(pack.id, {plain.own.user_product_id: 1, part.own.user_product_id: 1})
    world.send_by(plain.id, "self_service")
    deliver()
    work_off()
    return colourful


def test_one_click_moves_a_link_and_stock_goes_on(staff, site, look, changed, world, work_off):
    assert ShapeChange.objects.filter(state="open").count() == 3
    staff.goto(site)
    staff.get_by_text("made something else of 3 listings").click()
    expect(staff.get_by_role("heading", level=1)).to_have_text("Changed listings")
    assert look("changed-listings") == []

    staff.goto(f"{site}/listings/{changed.id}/")
    expect(staff.get_by_text("Nothing is sent to it.")).to_be_visible()
    assert look("changed-listing") == []

    staff.goto(f"{site}/mapping/changed/")
    staff.get_by_role("button", name=f"Move the link {changed.id}").click()
    expect(staff.get_by_text("1 link changed.")).to_be_visible()
    work_off()

    assert world.items[changed.id].available_quantity == 9
    assert Listing.objects.get(item_id=changed.id).frozen_by == ""
    assert SkuMapping.objects.get(variation__listing__item_id=changed.id, variation__variation_id=0).created_by
    assert look("changed-listings-answered") == []


def test_an_old_page_is_refused(staff, site, changed):
    staff.goto(f"{site}/mapping/changed/")
    SkuMapping.objects.filter(variation__variation_id=11).update(units=3)
    SkuMapping.objects.filter(variation__variation_id=12).update(units=3)

    staff.get_by_role("button", name=f"Move the link {changed.id}").click()

    expect(staff.get_by_text("Something changed while you were looking")).to_be_visible()
    assert Listing.objects.get(item_id=changed.id).frozen_by == "flattened"
    assert len(shape_changes.waiting()) == 3


def test_a_price_changed_at_ml_is_answered(staff, site, look, changed):
    listing = Listing.objects.get(title="Yerbera")
    price_changes.set_own_prices({listing.pk: Decimal(1500)}, by=None)
    PriceTarget.objects.filter(listing=listing).update(state="drift", observed=1700, observed_at=timezone.now())

    staff.goto(f"{site}/prices/{listing.pk}/")
    assert look("price-drift") == []
    staff.get_by_role("button", name="Take theirs").click()
    expect(staff.get_by_text("Their price is the listing's own now.")).to_be_visible()

    listing.refresh_from_db()
    assert listing.own_price == 1700
