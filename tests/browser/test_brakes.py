"""The brakes in a browser: a shop that would be emptied is asked about, everything that is written is stopped."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from catalog.models import Listing, Product, SkuMapping, Variation
from inventory import ledger
from inventory.models import Warehouse
from sellers.models import Breaker, SellerAccount, WriteStop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400), pytest.mark.xdist_group("browser-desk")]
LISTINGS = 30


@pytest.fixture
def emptied(migrated) -> SellerAccount:
    """A live seller whose 30 listings an empty column of a spreadsheet would empty."""
    account = SellerAccount.objects.create(
        ml_user_id=1, nickname="CASA", site_id="MLA", mode="live", catalog_imported_at=timezone.now()
    )
    main = Warehouse.objects.get(code="MAIN")
    products = []
    for number in range(LISTINGS):
        listing = Listing.objects.create(
            account=account,
            item_id=f"MLA{number:05}",
            title=f"Mate imperial de calabaza con virola de alpaca, modelo {number}",
            status="active",
            currency_id="ARS",
            seen_at=timezone.now(),
        )
        unit = Variation.objects.create(listing=listing, available_quantity=5)
        products.append(Product.objects.create(sku=f"MATE-{number}", name="Mate"))
        SkuMapping.objects.create(variation=unit, product=products[-1], source="file")
        ledger.receive(product=products[-1], warehouse=main, quantity=5, operation=f"first:{number}")
    counts = {(product.pk, main.pk): 0 for product in products}
    ledger.count_many(counts=counts, operation="sheet", reason="stock.csv")
    return account


def test_a_shop_that_would_be_emptied_waits_for_go_on(staff, site, look, emptied):
    page = staff
    page.goto(site + "/")

    expect(page.get_by_text("30 listings would be set to zero")).to_be_visible()
    problems = look("emptied-today")
    page.get_by_role("link", name="CASA: 30 listings would be set to zero").click()
    expect(page.get_by_role("heading", name="30 units would be set to zero")).to_be_visible()
    problems += look("emptied")
    page.get_by_role("button", name="Go on").first.click()

    expect(page.get_by_text("Pushes go on with what is wanted now.")).to_be_visible()
    assert not SellerAccount.objects.get().pushes_paused
    assert not problems, "\n".join(map(str, problems))


def test_everything_is_stopped_with_a_reason_that_every_page_shows(staff, site, look, emptied, settings):
    settings.UI_STOPS = "sellers.brakes.stops.shown"
    page = staff
    soon = timezone.now() + timedelta(minutes=2)
    Breaker.objects.create(scope="seller:1", account=emptied, state="open", times=1, opened_at=soon, probe_at=soon)
    page.goto(site + "/sellers/")
    page.get_by_role("link", name="Stop all writes").click()
    problems = look("stop")
    page.get_by_label("Why").fill("Los precios del proveedor están mal")
    page.get_by_role("button", name="Stop", exact=True).click()

    expect(page.get_by_text("Writing to Mercado Libre is stopped.")).to_be_visible()
    for name, address in {"sellers": "/sellers/", "today": "/", "orders": "/orders/"}.items():
        page.goto(site + address)
        expect(page.locator(".stops").get_by_text("Los precios del proveedor están mal")).to_be_visible()
        problems += look(f"stopped-{name}")
    page.get_by_role("button", name="Go on writing").click()

    expect(page.get_by_text("Writing goes on")).to_be_visible()
    assert WriteStop.objects.get().ended_at
    assert not problems, "\n".join(map(str, problems))
