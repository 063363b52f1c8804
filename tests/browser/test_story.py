"""A merchant's first hour in one browser: log in, connect, import, link, go live, sell, and see the stock follow."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from catalog.models import Product, SkuMapping
from inventory import ledger
from inventory.models import Warehouse
from orders.models import Order
from tests.browser.keys import press

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-desk")]
TITLES = ("Taza azul", "Taza roja", "Taza verde")
TRIES = 40
SHORT_MS = 500


@pytest.fixture
def mug(migrated) -> Product:
    """Eight mugs on the shelf."""
    product = Product.objects.create(sku="TAZA-1", name="Taza de cerámica 350 ml")
    main = Warehouse.objects.get(code="MAIN")
    ledger.receive(product=product, warehouse=main, quantity=8, operation="truck", reason="Remito 7")
    return product


@pytest.fixture
def tienda(world):
    """Three listings of the same mug: one with its SKU, one with the SKU misspelt, one without any."""
    seller = world.add_seller("TIENDA_SUR")
    for title, sku, quantity in (("Taza azul", "TAZA-1", 8), ("Taza roja", "taza 1", 10), ("Taza verde", None, 3)):
        seller.add_item(title=title, price=Decimal(1500), available_quantity=quantity, seller_sku=sku)
    return seller


def row(page: Page, title: str) -> Locator:
    return page.locator("#table tbody tr", has_text=title)


def reload_until(page: Page, shown: Locator, words: str | re.Pattern[str]) -> None:
    """Look at a page that does not refresh itself until it shows the words."""
    for _ in range(TRIES):
        try:
            expect(shown).to_contain_text(words, timeout=SHORT_MS)
        except AssertionError:
            page.reload()
        else:
            return
    expect(shown).to_contain_text(words)


def test_from_the_login_to_a_sale_that_every_listing_follows(
    quiet_page, site, owner, market, at_work, world, tienda, mug
):
    page = quiet_page
    log_in(page, site)
    connect(page)
    import_catalog(page, site)
    link(page, site)
    go_live(page, site)
    market_page = page.context.new_page()
    market_page.goto(market.url)
    every_listing_offers(market_page, 8)

    sell(market_page, "Taza roja", 2)

    order_appears(page, site)
    every_listing_offers(market_page, 6)
    listings_are_equal(page, site)
    ledger_names_the_order(page, site)
    number_explains_itself(page, site, next(iter(world.items)))


def log_in(page: Page, site: str) -> None:
    page.goto(f"{site}/")
    page.get_by_label("Username").fill("olivia")
    page.get_by_label("Password").fill("a-long-enough-password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    page.get_by_role("link", name="Sellers", exact=True).first.click()
    expect(page.get_by_role("heading", name="Connect your first seller")).to_be_visible()


def connect(page: Page) -> None:
    page.get_by_role("button", name="Connect").click()
    page.get_by_role("radio", name="TIENDA_SUR").check()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", name="Connect TIENDA_SUR (MLA)?")).to_be_visible()
    page.get_by_role("button", name="Yes, connect").click()
    expect(page.locator("#toasts")).to_contain_text("observes")


def import_catalog(page: Page, site: str) -> None:
    """The import began by itself; its page shows how it goes on."""
    page.goto(f"{site}/jobs/")
    reload_until(page, page.locator("#table"), "TIENDA_SUR")
    page.locator("a.title", has_text="TIENDA_SUR").first.click()
    expect(page.locator("#job")).to_contain_text("Done", timeout=20_000)
    page.get_by_role("link", name="Listings", exact=True).click()
    reload_until(page, page.locator("main .count"), "of 3")


def link(page: Page, site: str) -> None:
    """The exact SKU was linked by the import; one is accepted, one typed, taken back and typed again."""
    page.goto(f"{site}/mapping/")
    expect(page.locator("tr[data-key]")).to_have_count(2)
    expect(row(page, "Taza roja")).to_contain_text("95 %")
    page.locator("h1").click()
    walk_to(page, "Taza roja")
    press(page, "a")
    expect(row(page, "Taza roja")).to_contain_text("Suggestion accepted")

    walk_to(page, "Taza verde")
    for undo in (True, False):
        press(page, "e")
        box = row(page, "Taza verde").get_by_role("combobox")
        box.fill("")
        box.press_sequentially("TAZA")
        expect(page.locator(".options [role=option]")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(row(page, "Taza verde").get_by_role("button", name="Undo")).to_be_visible()
        if undo:
            press(page, "u")
            expect(row(page, "Taza verde").get_by_role("combobox")).to_be_visible()
    page.goto(f"{site}/mapping/?tab=mapped")
    expect(page.locator("tr[data-key]")).to_have_count(3)
    assert set(SkuMapping.objects.values_list("product__sku", "units")) == {("TAZA-1", 1)}


def walk_to(page: Page, title: str) -> None:
    """Press j or k until the row is at hand."""
    for key in ("k", "k", "j", "j"):
        if "at" in (row(page, title).get_attribute("class") or "").split():
            return
        press(page, key)
    expect(row(page, title)).to_have_class(re.compile(r"\bat\b"))


def go_live(page: Page, site: str) -> None:
    page.goto(f"{site}/sellers/")
    page.get_by_role("link", name="Go live").first.click()
    changes = page.locator("section", has=page.get_by_role("heading", name="Quantities", exact=True)).locator(
        "tbody tr"
    )
    expect(changes).to_have_count(2)
    expect(changes.filter(has_text="Taza roja")).to_contain_text("-2")
    expect(changes.filter(has_text="Taza verde")).to_contain_text("+5")
    page.get_by_role("button", name="Go live and send this").click()
    expect(page.locator("#toasts")).to_contain_text("TIENDA_SUR is live: what differs is being sent now.")


def sell(market_page: Page, title: str, units: int) -> None:
    """A buyer at Mercado Libre, in a second tab."""
    market_page.get_by_label(f"Units to sell of {title}").fill(str(units))
    market_page.get_by_role("button", name=f"Sell {title}").click()
    expect(market_page.get_by_role("status")).to_contain_text("Done")


def every_listing_offers(market_page: Page, quantity: int) -> None:
    """What buyers see at Mercado Libre."""
    for title in TITLES:
        shown = market_page.locator("li.listing", has_text=title)
        reload_until(market_page, shown, re.compile(rf" {quantity} for sale"))


def order_appears(page: Page, site: str) -> None:
    page.goto(f"{site}/orders/")
    reload_until(page, page.locator("#table"), "TAZA-1")
    order = Order.objects.get()
    expect(page.locator("#table tbody tr")).to_have_count(1)
    expect(row(page, "TAZA-1")).to_contain_text("× 2")
    expect(row(page, "TAZA-1")).to_contain_text("Reserved")
    page.get_by_role("link", name=str(order.pack_key)).click()
    expect(page.locator(".timeline")).to_contain_text("TAZA-1: Reserved")


def listings_are_equal(page: Page, site: str) -> None:
    page.goto(f"{site}/listings/?sort=title")
    for title in TITLES:
        reload_until(page, row(page, title).locator("td.num").first, re.compile(r"6\s*/ 6"))
    expect(page.locator("#table .differs")).to_have_count(0)


def ledger_names_the_order(page: Page, site: str) -> None:
    order = Order.objects.get()
    page.goto(f"{site}/ledger/")
    reserved = row(page, "Reserved")
    expect(reserved).to_have_count(1)
    expect(reserved).to_contain_text("+2")
    expect(reserved.get_by_role("link", name=f"Order {order.pk}")).to_be_visible()
    reserved.get_by_role("link", name=f"Order {order.pk}").click()
    expect(page).to_have_url(f"{site}/orders/{order.pk}/")


def number_explains_itself(page: Page, site: str, item_id: str) -> None:
    order = Order.objects.get()
    page.goto(f"{site}/listings/{item_id}/")
    page.get_by_text("Why this number?").first.click()
    why = page.locator("table.why").first
    expect(why).to_contain_text("On hand in MAIN")
    expect(why.get_by_role("link", name=f"Order {order.pk}")).to_be_visible()
    expect(why.locator("tr.total").first).to_contain_text("6")
