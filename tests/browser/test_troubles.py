"""A morning on which much is broken, in a browser: what is told, what is pressed, and that who pressed it is kept."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from catalog.models import Listing, MarketplaceChange, Product, SkuMapping, Variation
from inventory import ledger
from inventory.models import StockCount, StockLevel, Warehouse
from sellers.brakes import breakers, stops
from sellers.models import Breaker, FailureAction, SellerAccount, Work
from tests.browser.test_pages import runs, to_map
from tests.dashboard.shop import Shop, busy

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400), pytest.mark.xdist_group("browser-desk")]


@pytest.fixture
def account(shop: Shop, settings) -> SellerAccount:
    settings.DEBUG = False
    return busy(shop)


@pytest.fixture
def bottle(shop, owner) -> Listing:
    """A Global Selling listing in Mexico of which two changes were refused."""
    pacific = shop.seller("PACIFIC", "CBT", mode="live")
    parent = shop.listing(pacific, "Insulated steel bottle, 750 ml", item_id="CBT1100000001")
    there = shop.listing(pacific, "Botella térmica de acero, 750 ml", item_id="MLM1100000002", parent_item=parent)
    refused = {"listing": there, "state": "refused", "created_by": owner, "finished_at": shop.ago(hours=2)}
    MarketplaceChange.objects.create(
        operation=uuid4(), field="net_proceeds", old="11.70", new="9.00", ml_words="net_proceeds.too_low: too low",
        explanation="Mercado Libre does not take net proceeds this low. Raise them.", **refused,
    )  # fmt: skip
    MarketplaceChange.objects.create(
        operation=uuid4(), field="title", old="Botella", new="Botella térmica de acero inoxidable con tapa y filtro",
        ml_words="item.title.length.invalid", explanation="The title is too long. Shorten it.", **refused,
    )  # fmt: skip
    return there


def outage(scope: str, words: str, *, began: timedelta, minutes: int) -> None:
    """Calls were held back some time ago, and tried twice."""
    first = Breaker.pgh_event_model.objects.order_by("-pgh_id").values_list("pgh_id", flat=True).first() or 0
    breakers.open_one(scope, words)
    for good in (False, True):
        Breaker.objects.filter(pk=scope).update(probe_at="2000-01-01T00:00:00Z")
        breakers.take_probes(oauth=scope == breakers.OAUTH)
        breakers.probed(scope, good=good)
    at = timezone.now() - began
    events = Breaker.pgh_event_model.objects.filter(pgh_id__gt=first)
    events.update(pgh_created_at=at)
    events.filter(state="closed").update(pgh_created_at=at + timedelta(minutes=minutes))


def test_every_retry_is_kept_and_shown(staff, site, look, account):
    page = staff
    page.goto(f"{site}/work/")
    page.locator("tr", has_text="20000000000777").get_by_role("button", name="Retry").click()
    expect(page.get_by_text("1 is tried again now.")).to_be_visible()
    page.get_by_role("button", name="Retry 3").click()
    expect(page.get_by_text("3 are tried again now.")).to_be_visible()

    page.get_by_role("link", name="What was done").click()

    expect(page.locator("tbody tr")).to_have_count(4)
    expect(page.locator("tbody tr").first).to_contain_text("Tried again")
    expect(page.locator("tbody tr").first).to_contain_text("olivia")
    assert {one.done_by.username for one in FailureAction.objects.all()} == {"olivia"}
    assert look("what-was-done") == []


def test_refused_changes_of_global_selling_are_sent_again_or_settled(staff, site, look, account, bottle):
    page = staff
    page.goto(f"{site}/")
    page.get_by_role("link", name="2 changes of Global Selling listings were refused").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    problems = look("refused-changes")
    page.locator("tr", has_text="item.title.length.invalid").get_by_role("button", name="Send again").click()
    expect(page.get_by_text("1 is tried again now.")).to_be_visible()
    assert Work.objects.get(kind="marketplace").key == bottle.item_id
    page.locator("tr", has_text="net_proceeds.too_low").get_by_role("button", name="Handled …").click()
    problems += look("refused-changes-handled")
    page.get_by_label("How was it settled?").fill("Bajamos la comisión en el panel")
    page.get_by_role("button", name="Take off the list").click()

    expect(page.get_by_text("1 is off the list")).to_be_visible()
    assert set(MarketplaceChange.objects.values_list("field", "state")) == {
        ("title", "waiting"), ("net_proceeds", "handled"),
    }  # fmt: skip
    page.goto(f"{site}/")
    expect(page.get_by_role("link", name="Global Selling")).to_have_count(0)
    assert not problems, "\n".join(map(str, problems))


def test_when_calls_were_held_back(staff, site, look, account):
    outage(breakers.scope_of(account.pk), "GET /items/MLA1 503", began=timedelta(days=2), minutes=12)
    outage(breakers.ML, "GET /orders/search: no answer", began=timedelta(hours=7), minutes=47)
    breakers.open_one(breakers.scope_of(account.pk), "PUT /items/MLA2 500 internal_error")
    page = staff
    page.goto(f"{site}/sellers/")
    page.get_by_role("link", name="When calls were held back").click()

    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator("tbody tr").first).to_contain_text("Still held back")
    problems = look("held-back")
    page.get_by_label("Seller", exact=True).select_option("OUTLET_NORTE")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr").first).to_contain_text("Mercado Libre as a whole")
    assert not problems, "\n".join(map(str, problems))


def test_a_pause_asks_why_and_everybody_reads_it(staff, site, look, account, refusals):
    page = staff
    page.goto(f"{site}/sellers/{account.pk}/")
    page.get_by_role("link", name="Pause pushes").click()
    problems = look("pause")
    page.get_by_role("button", name="Pause pushes").click()  # the browser itself asks for the reason
    expect(page.get_by_label("Why")).to_be_focused()
    why = "Inventario: se cuenta todo hasta las 15, y hasta entonces nadie toca los precios ni el stock de esta cuenta"
    page.get_by_label("Why").fill(why)
    page.get_by_role("button", name="Pause pushes").click()

    expect(page).to_have_url(f"{site}/sellers/{account.pk}/")
    for name, address in {"paused-seller": f"/sellers/{account.pk}/", "paused-today": "/"}.items():
        page.goto(site + address)
        expect(page.get_by_text(f"Paused by olivia: {why}").first).to_be_visible()
        problems += look(name)
    assert not problems, "\n".join(map(str, problems))


def test_the_same_morning_in_spanish(staff, site, look, shop, account, bottle, owner, settings):
    """The banner of a stop ends with one dot, whatever the time ends with."""
    settings.UI_STOPS = "sellers.brakes.stops.shown"
    stops.stop(reason="Los precios del proveedor están mal", by=owner)
    breakers.open_one(breakers.scope_of(account.pk), "PUT /items/MLA2 500 internal_error")
    runs(account)
    to_map(shop, account)
    page = staff
    page.goto(f"{site}/")
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name="Español").click()
    problems = []
    pages = {
        "today": "/",
        "work": "/work/",
        "sellers": "/sellers/",
        "seller": f"/sellers/{account.pk}/",
        "pushes": "/pushes/?tab=failed",
        "runs": "/notifications/runs/",
        "mapping": "/mapping/",
    }
    for name, address in pages.items():
        page.goto(site + address)
        expect(page.locator(".stops")).to_contain_text("Los precios del proveedor están mal")
        assert ".." not in page.locator(".stops").inner_text()
        below = page.locator(".stops + *").bounding_box()["y"]
        banner = page.locator(".stops").bounding_box()
        assert below - banner["y"] - banner["height"] >= 12
        problems += look(f"troubles-{name}")
    assert not problems, "\n".join(map(str, problems))


def test_first_stock_is_taken_as_it_was_shown(staff, site, look, shop):
    account = shop.seller("CASA", mode="observe")
    for number in range(3):
        listing = shop.listing(account, f"Mate imperial {number}", seen_at=timezone.now())
        product = Product.objects.create(sku=f"MATE-{number}", name="Mate")
        SkuMapping.objects.create(variation=listing.variations.get(), product=product, source="file")
    page = staff
    page.goto(f"{site}/sellers/{account.pk}/first-stock/")
    expect(page.get_by_role("row", name="MATE-0")).to_contain_text("5")
    Variation.objects.filter(mapping__product__sku="MATE-0").update(available_quantity=2)

    page.get_by_role("button", name="Take over 3 products").click()

    expect(page.get_by_text("1 product shows another quantity by now and was left.")).to_be_visible()
    assert dict(StockLevel.objects.values_list("product__sku", "on_hand")) == {"MATE-1": 5, "MATE-2": 5}
    assert look("first-stock-changed") == []
    page.get_by_role("button", name="Take over 1 product").click()
    expect(page.get_by_text("1 product taken over as shown.")).to_be_visible()
    assert StockLevel.objects.get(product__sku="MATE-0").on_hand == 2


def test_a_count_that_differs_much_waits(staff, site, look, shop, django_user_model):
    django_user_model.objects.create_superuser("mia", "mia@example.com", "a-long-enough-password")
    main = Warehouse.objects.get(code="MAIN")
    ledger.receive(product=shop.product("MATE-1", on_hand=0), warehouse=main, quantity=10, operation="in")
    page = staff
    page.goto(f"{site}/inventory/move/count/?sku=MATE-1&warehouse=MAIN&quantity=4")
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_text("waits for somebody's approval")).to_be_visible()
    problems = look("count-that-waits")
    page.get_by_role("button", name="Enter the count").click()

    expect(page.get_by_text("Entered. It waits for somebody's approval.")).to_be_visible()
    assert StockCount.objects.get().state == "waiting"
    assert StockLevel.objects.get().on_hand == 10
    assert not problems, "\n".join(map(str, problems))
