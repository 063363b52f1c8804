"""A merchant with two warehouses in one browser: link the stores, receive, split, make a kit, sell it, look why."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from catalog.imports import storing
from catalog.models import Product, SkuMapping, Variation
from inventory.models import StockLevel, StockTarget, Warehouse
from orders.models import Order
from sellers.connection.clients import client_for
from tests.browser.test_story import reload_until, row, sell

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400), pytest.mark.xdist_group("browser-desk")]
TAGS = ("normal", "user_product_seller", "warehouse_management", "multiwarehouse")
CUP, SET, BOX, PLATE = "Taza en depósitos", "Juego en depósitos", "Juego de taza y platos", "Plato de 20 cm"


@pytest.fixture
def products(migrated) -> dict[str, Product]:
    names = {"TAZA": "Taza", "PLATO": "Plato", "JUEGO": "Juego de una taza y dos platos"}
    Warehouse.objects.create(code="NORTE", name="Norte")
    return {sku: Product.objects.create(sku=sku, name=name) for sku, name in names.items()}


@pytest.fixture
def sellers(world, connect, products):
    """One seller whose stock Mercado Libre keeps by warehouse, and a plain one; each sells the set and a part of it."""
    by_store, plain = world.add_seller("DEPÓSITOS", tags=TAGS), world.add_seller("CASA")
    for name, city in (("Depósito Sur", "Lanús"), ("Depósito Norte", "Tigre")):
        by_store.add_store(name, city=city)
    places = {store.id: 1 for store in by_store.stores}
    listed = (
        (by_store, "TAZA", by_store.add_item(title=CUP, stores=places)),
        (by_store, "JUEGO", by_store.add_item(title=SET, stores=places)),
        (plain, "JUEGO", plain.add_item(title=BOX, available_quantity=1)),
        (plain, "PLATO", plain.add_item(title=PLATE, available_quantity=1)),
    )
    accounts = {seller.user_id: connect(seller, mode="live") for seller in (by_store, plain)}
    for seller, sku, item in listed:
        take_in(accounts[seller.user_id], item.id, products[sku])
    world.drain_notifications()
    return by_store, accounts[by_store.user_id]


def take_in(account, item_id, product):
    storing.save_item(account, client_for(account).item(item_id), account.catalog_imported_at)
    unit = Variation.objects.get(listing__item_id=item_id)
    SkuMapping.objects.update_or_create(variation=unit, defaults={"product": product, "units": 1, "source": "typed"})


def test_from_two_stores_to_a_kit_that_is_sold(staff, site, look, market, at_work, world, sellers, products):
    seller, account = sellers
    south, north = (store.id for store in seller.stores)
    page = staff
    problems = link_stores(page, site, look, account)
    receive(page, site, "DEPOSITO-SUR", "TAZA 9\nPLATO 12")
    transfer(page, site, "TAZA 4\nPLATO 4")
    problems += make_kit(page, site, look, products["JUEGO"])
    market_page = page.context.new_page()
    market_page.goto(market.url)
    offers(market_page, {CUP: 9, SET: 6, BOX: 6, PLATE: 12})
    by_store(world, CUP, {south: 5, north: 4})
    by_store(world, SET, {south: 4, north: 2})

    sell(market_page, SET, 1)

    order_takes_both_parts(page, site)
    offers(market_page, {CUP: 8, SET: 5, BOX: 5, PLATE: 10})
    by_store(world, CUP, {south: 4, north: 4})
    by_store(world, SET, {south: 3, north: 2})
    listings_are_equal(page, site)
    problems += numbers_explain_themselves(page, site, look, south, north)
    assert {one.state for one in StockTarget.objects.all()} == {"equal"}
    assert problems == []


def link_stores(page: Page, site: str, look, account) -> list[object]:
    """Today asks for it; one store becomes a new warehouse, the other one is a warehouse we have."""
    page.goto(f"{site}/")
    page.get_by_role("link", name=re.compile("by warehouse: link its stores")).click()
    expect(page.get_by_role("heading", name="Stores of DEPÓSITOS at Mercado Libre")).to_be_visible()
    page.get_by_role("button", name="Create warehouse Depósito Sur").click()
    expect(page.locator("#toasts")).to_contain_text("Warehouse DEPOSITO-SUR added and linked.")
    page.get_by_label("Warehouse for Depósito Norte").select_option(label="NORTE")
    page.get_by_role("button", name="Link Depósito Norte").click()
    expect(page.get_by_role("button", name="Create warehouse")).to_have_count(0)
    problems = look("story-stores")
    page.goto(f"{site}/")
    expect(page.get_by_role("link", name=re.compile("link its stores"))).to_have_count(0)
    return problems


def receive(page: Page, site: str, warehouse: str, lines: str) -> None:
    page.goto(f"{site}/receipts/new/?warehouse={warehouse}")
    page.get_by_label("What came in").fill(lines)
    page.get_by_role("button", name="Receive", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Received.")


def transfer(page: Page, site: str, lines: str) -> None:
    """Units leave the south, are on their way, and arrive in the north, all of them."""
    page.goto(f"{site}/transfers/new/?source=DEPOSITO-SUR&target=NORTE")
    page.get_by_label("What is sent").fill(lines)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Sent.")
    page.get_by_role("button", name="Receive", exact=True).click()
    expect(page.locator("main")).to_contain_text("closed by olivia")
    held = StockLevel.objects.filter(product__sku="TAZA").order_by("warehouse__code")
    assert list(held.values_list("warehouse__code", "on_hand")) == [("DEPOSITO-SUR", 5), ("NORTE", 4), ("TRANSIT", 0)]


def make_kit(page: Page, site: str, look, product: Product) -> list[object]:
    """A cup and two plates; what follows is shown before it is done."""
    problems: list[object] = []
    for sku, quantity in (("TAZA", 1), ("PLATO", 2)):
        page.goto(site + reverse("catalog:product", args=[product.pk]))
        page.get_by_role("combobox", name="SKU of the component").press_sequentially(sku.lower())
        page.locator(".options [role=option]").first.click()
        page.get_by_label("Quantity in one kit").fill(str(quantity))
        page.get_by_role("button", name="Put in…").click()
        expect(page.locator(".notice.info")).to_contain_text(BOX)
        if sku == "PLATO":
            problems = look("story-kit")
        page.get_by_role("button", name="Change the kit").click()
        expect(page.get_by_text("The kit is saved")).to_be_visible()
    return problems


def offers(market_page: Page, quantities: dict[str, int]) -> None:
    """What buyers see at Mercado Libre."""
    for title, quantity in quantities.items():
        shown = market_page.locator("li.listing", has=market_page.get_by_role("heading", name=title))
        reload_until(market_page, shown, re.compile(rf" {quantity} for sale"))


def by_store(world, title: str, quantities: dict[str, int]) -> None:
    item = next(one for one in world.items.values() if one.title == title)
    places = world.user_products[item.own.user_product_id].locations
    assert {place.store_id: place.quantity for place in places if place.store_id} == quantities


def order_takes_both_parts(page: Page, site: str) -> None:
    page.goto(f"{site}/orders/")
    reload_until(page, page.locator("#table"), "JUEGO")
    expect(row(page, "JUEGO")).to_contain_text("Reserved")
    page.get_by_role("link", name=str(Order.objects.get().pack_key)).click()
    moves = page.locator("section", has=page.get_by_role("heading", name="Stock movements")).locator("tbody tr")
    expect(moves).to_have_count(2)
    for sku, reserved in (("TAZA", "1 → 1"), ("PLATO", "2 → 2")):
        expect(moves.filter(has_text=sku)).to_contain_text("DEPOSITO-SUR")
        expect(moves.filter(has_text=sku)).to_contain_text(reserved)


def listings_are_equal(page: Page, site: str) -> None:
    page.goto(f"{site}/listings/?sort=title")
    for title, quantity in ((CUP, 8), (SET, 5), (BOX, 5), (PLATE, 10)):
        reload_until(page, row(page, title).locator("td.num").first, re.compile(rf"{quantity}\s*/ {quantity}"))
    expect(page.locator("#table .differs")).to_have_count(0)


def numbers_explain_themselves(page: Page, site: str, look, south: str, north: str) -> list[object]:
    """The cup by shelf, store and order; the set by what each warehouse is good for, and what limits it."""
    order = Order.objects.get()
    why = open_why(page, site, CUP)
    expect(line(why, "On hand in DEPOSITO-SUR")).to_contain_text(f"store {south}")
    expect(line(why, "On hand in NORTE")).to_contain_text(f"store {north}")
    expect(why.get_by_role("link", name=f"Order {order.pk}")).to_be_visible()
    expect(line(why, "On hand in TRANSIT")).to_have_count(0)  # nothing is on its way any more
    expect(line(why, "Wanted at Mercado Libre")).to_contain_text("DEPOSITO-SUR: 4")
    expect(line(why, "Wanted at Mercado Libre")).to_contain_text("NORTE: 4")
    problems = look("story-why-cup")

    why = open_why(page, site, SET)
    expect(line(why, "Kits in DEPOSITO-SUR")).to_contain_text(f"limited by PLATO · store {south}")
    expect(line(why, "Kits in NORTE")).to_contain_text("limited by PLATO")
    expect(why).to_contain_text("6 available ÷ 2 per kit = 3")
    expect(line(why, "Wanted at Mercado Libre")).to_contain_text("DEPOSITO-SUR: 3")
    expect(line(why, "Wanted at Mercado Libre")).to_contain_text("NORTE: 2")
    problems += look("story-why-set")

    why = open_why(page, site, BOX)
    expect(line(why, "Wanted at Mercado Libre")).to_contain_text("5")
    expect(line(why, "Seen at Mercado Libre")).to_contain_text("5")
    return problems


def open_why(page: Page, site: str, title: str) -> Locator:
    unit = Variation.objects.get(listing__title=title)
    page.goto(f"{site}/listings/{unit.listing.item_id}/why/{unit.pk}/")
    return page.locator("table.why").first


def line(why: Locator, label: str) -> Locator:
    return why.locator("tr", has_text=label)
