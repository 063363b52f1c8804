"""A Global Selling seller in one browser: connected, imported, sold in one country, priced in another way."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Product
from inventory import ledger
from inventory.models import Warehouse
from sellers.models import SellerAccount
from tests.browser.test_story import reload_until, row

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-desk")]
MARKETS = (("MLM", "remote"), ("MLB", "remote"), ("MLM", "fulfillment"))


@pytest.fixture
def bottle(world):
    """Sold in Mexico and Brazil, and from Full in Mexico."""
    seller = world.add_global_seller("PACIFIC_TRADERS", marketplaces=MARKETS)
    return world.add_global_item(
        seller, title="Steel bottle", price=20, available_quantity=3, seller_sku="BOTTLE", full={"MLM": 6}
    )


@pytest.fixture
def stock(migrated) -> Product:
    """Ten bottles on the shelf."""
    product = Product.objects.create(sku="BOTTLE", name="Steel bottle 750 ml")
    main = Warehouse.objects.get(code="MAIN")
    ledger.receive(product=product, warehouse=main, quantity=10, operation="truck", reason="first count")
    return product


def test_from_connecting_to_a_sale_in_one_country_that_the_item_follows(
    staff, site, market, at_work, world, bottle, stock, look, refusals
):
    connect(staff, site)
    marketplaces_are_shown(staff, site, bottle)
    assert look("global-selling") == []
    go_live(staff, site)
    reload_until(staff, staff.locator("#table tbody tr").first.locator("td.num").first, re.compile(r"10\s*/ 10"))

    world.sell(world.children_of(bottle.id)["MLM"].id, 2)

    reload_until(staff, row(staff, "Steel bottle").locator("td.num").first, re.compile(r"8\s*/ 8"))
    assert [one.available_quantity for one in (bottle, world.children_of(bottle.id)["MLB"])] == [8, 8]
    order_is_in_dollars(staff, site, bottle)
    refusals.add(422)
    price_in_mexico(staff, site, world, bottle, look)
    package_and_status(staff, site, bottle, look)


def connect(page: Page, site: str) -> None:
    page.goto(f"{site}/sellers/")
    page.get_by_label("Country").select_option("CBT")
    page.get_by_role("button", name="Connect").click()
    page.get_by_role("radio", name="PACIFIC_TRADERS").check()
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("button", name="Yes, connect").click()
    expect(page.locator("#toasts")).to_contain_text("PACIFIC_TRADERS (CBT) is connected and observes")
    assert SellerAccount.objects.get().marketplaces.count() == 3


def marketplaces_are_shown(page: Page, site: str, bottle) -> None:
    page.goto(f"{site}/listings/")
    reload_until(page, page.locator("main"), "MLB, MLM")
    expect(page.locator("#table tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Steel bottle").click()
    there = page.locator("section", has=page.get_by_role("heading", name="Marketplaces", exact=True))
    expect(there.locator("tbody tr")).to_have_count(3)
    expect(there.locator("tbody tr", has_text="Brazil")).to_contain_text("11.70")
    expect(there.locator("tbody tr", has_text="Full")).to_contain_text("Mexico")


def go_live(page: Page, site: str) -> None:
    page.goto(f"{site}/sellers/")
    page.get_by_role("link", name="Go live").first.click()
    page.get_by_role("button", name="Go live and send this").click()
    expect(page.locator("#toasts")).to_contain_text("is live")
    page.goto(f"{site}/listings/")


def order_is_in_dollars(page: Page, site: str, bottle) -> None:
    page.goto(f"{site}/orders/")
    reload_until(page, page.locator("#table"), "BOTTLE")
    page.locator("#table tbody tr a").first.click()
    expect(page.locator("main")).to_contain_text("1 USD was 18.63 MXN")


def price_in_mexico(page: Page, site: str, world, bottle, look) -> None:
    """A value that Mercado Libre would refuse is told beside the field; a good one is sent and read back."""
    mexican = world.children_of(bottle.id)["MLM"]
    page.goto(f"{site}/listings/{bottle.id}/")
    page.get_by_role("link", name=f"Price and status of {mexican.id}").click()
    page.get_by_role("spinbutton", name="Net proceeds").fill("0")
    page.get_by_role("button", name="Save net proceeds").click()
    expect(page.locator("main")).to_contain_text("Net proceeds are above zero")
    page.get_by_role("spinbutton", name="Net proceeds").fill("15")
    page.get_by_role("button", name="Save net proceeds").click()
    reload_until(page, page.locator("section", has_text="Changes").last, "Verified on ML")
    assert (mexican.net_proceeds, mexican.price) == (15, Decimal("25.64"))
    assert look("marketplace") == []


def package_and_status(page: Page, site: str, bottle, look) -> None:
    """A package that is too flat is told beside its field; a good one is sent, and the item paused everywhere."""
    page.goto(f"{site}/listings/{bottle.id}/")
    page.get_by_role("link", name="Status, package, title, pictures of the item").click()
    package = page.locator("section", has=page.get_by_role("heading", name="Package", exact=True))
    expect(package.get_by_label("Height in cm")).to_have_value("10")
    package.get_by_label("Height in cm").fill("2.5")
    package.get_by_role("button", name="Save package").click()
    expect(package.locator(".field.invalid")).to_contain_text("at least 3 centimetres")
    assert look("global-item-refused") == []
    package.get_by_label("Height in cm").fill("12")
    package.get_by_role("button", name="Save package").click()
    changes = page.locator("section", has=page.get_by_role("heading", name="Changes", exact=True))
    reload_until(page, changes, "Verified on ML")
    expect(changes).to_contain_text("15 × 12 × 20 cm, 400 g")
    pictures = page.locator("section", has=page.get_by_role("heading", name="Pictures", exact=True))
    pictures.get_by_label("New pictures").fill(f"https://example.com/{'long-' * 12}.jpg")
    pictures.get_by_role("button", name="Send pictures").click()
    status = page.locator("section", has=page.get_by_role("heading", name="For sale", exact=True))
    status.get_by_role("button", name="Save status").click()
    reload_until(page, page.locator("main .row").first, "Paused by the seller")
    assert bottle.status == "paused"
    assert look("global-item") == []
