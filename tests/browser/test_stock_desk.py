"""Rules, transfers and counts as staff works them: at a desk and on a phone, with nothing wrong in the console."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone
from playwright.sync_api import expect

from catalog.models import SkuMapping
from inventory import ledger
from inventory.documents import counts, receipts, transfers
from inventory.models import ProductRule, StockCount, StockLevel, Transfer, Warehouse
from inventory.rules import rule_changes
from tests.dashboard.shop import busy

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400), pytest.mark.xdist_group("browser-desk")]


@pytest.fixture
def account(shop):
    return busy(shop)


@pytest.fixture
def norte(account):
    return Warehouse.objects.create(code="NORTE", name="Norte")


@pytest.fixture
def product(account):
    """A product with twenty units in MAIN that a listing shows."""
    mapping = SkuMapping.objects.select_related("product").order_by("pk").first()
    main = Warehouse.objects.get(code="MAIN")
    ledger.count(product=mapping.product, warehouse=main, counted=20, operation="shelf")
    return mapping.product


def test_a_rule_is_seen_at_work_before_it_is_saved(staff, site, product):
    staff.set_viewport_size({"width": 390, "height": 844})
    staff.goto(f"{site}/stock-rules/")
    staff.get_by_label("SKU or item id").fill(product.sku)
    staff.get_by_role("button", name="Open its rule").click()

    staff.get_by_label("Buffer").fill("3")
    staff.get_by_role("button", name="Show what would change").click()
    expect(staff.get_by_role("status").filter(has_text="quantit")).to_be_visible()
    assert ProductRule.objects.count() == 0
    staff.get_by_role("button", name="Save and send").click()

    expect(staff.locator("#toasts")).to_contain_text("Saved.")
    expect(staff.get_by_role("link", name=product.sku)).to_be_visible()
    assert ProductRule.objects.get().buffer == 3


def test_units_are_sent_on_a_phone_and_received(staff, site, product, norte):
    staff.set_viewport_size({"width": 390, "height": 844})
    staff.goto(f"{site}/transfers/")
    staff.get_by_role("link", name="Send units").first.click()
    staff.get_by_label("To warehouse").select_option("NORTE")
    staff.get_by_label("What is sent").fill(f"{product.sku} 6")
    staff.get_by_role("button", name="Send", exact=True).click()

    expect(staff.locator("#toasts")).to_contain_text("Sent.")
    staff.get_by_label(product.sku).fill("4")
    staff.get_by_label("Nothing more will come").check()
    staff.get_by_label("Why").select_option("lost")
    staff.get_by_role("button", name="Receive", exact=True).click()

    expect(staff.locator("main")).to_contain_text("closed by olivia")
    assert StockLevel.objects.get(product=product, warehouse=norte).on_hand == 4
    assert Transfer.objects.get().lines.get().missing == 2


def test_what_one_counts_another_approves(viewer, site, product, owner):
    get_user_model().objects.get(username="vera").groups.set([Group.objects.get(name="operator")])
    viewer.goto(f"{site}/counts/new/")
    viewer.get_by_label("What was counted").fill(f"{product.sku} 18")
    viewer.get_by_label("Why it differs").select_option("damaged")
    viewer.get_by_role("button", name="Enter").click()
    expect(viewer.locator("main")).to_contain_text("It waits for somebody who may approve it.")
    expect(viewer.get_by_role("button", name="Approve")).to_have_count(0)

    get_user_model().objects.get(username="vera").groups.set([Group.objects.get(name="manager")])
    viewer.reload()
    viewer.get_by_role("button", name="Approve").click()

    expect(viewer.locator("main .pill").first).to_have_text(re.compile("Approved"))
    assert StockCount.objects.get().state == "approved"
    assert StockLevel.objects.get(product=product, warehouse__code="MAIN").on_hand == 18


def test_every_page_on_a_phone_and_in_the_dark(staff, site, product, account, norte, owner, look):
    """Empty lists first, then with something in them."""
    problems = []
    for name in ("receipts", "transfers", "counts", "stock-rules/products", "stock-rules/listings"):
        staff.goto(f"{site}/{name}/")
        expect(staff.locator(".empty")).to_be_visible()
    listing = product.mappings.first().variation.listing
    main = Warehouse.objects.get(code="MAIN")
    more = {"operation": uuid4(), "by": owner}
    receipt, _ = receipts.receive(warehouse=main, units={product: 3}, reference="Remito 0001-00007", **more)
    sent, _ = transfers.send(source=main, target=norte, units={product: 4}, note="Van of Monday", **more)
    count, _ = counts.enter(warehouse=main, counted={product: 15}, reason="Damaged or expired\nwet shelf", **more)
    get_user_model().objects.create_user("mia").groups.add(Group.objects.get(name="manager"))  # who could approve it
    ledger.set_demands(
        {f"order:{number}:0": {(product.pk, main.pk): ledger.Demand(shipped=number)} for number in (1, 2)},
        left_at={"order:2:0": timezone.now() - timedelta(hours=3)},
    )
    rule_changes.apply(rule_changes.OfProduct(product, 2, 5, listing), seen_to_zero=99)
    rule_changes.apply(rule_changes.OfListing(listing, 1), seen_to_zero=99)
    pages = {
        "receipts": "/receipts/",
        "receipt": f"/receipts/{receipt.pk}/",
        "receipt-new": "/receipts/new/",
        "transfers": "/transfers/",
        "transfer": f"/transfers/{sent.pk}/",
        "counts": "/counts/",
        "count": f"/counts/{count.pk}/",
        "count-new": "/counts/new/",
        "rules": "/stock-rules/",
        "product-rules": "/stock-rules/products/",
        "listing-rules": "/stock-rules/listings/",
        "product-rule": f"/stock-rules/products/{product.pk}/",
        "warehouses": "/warehouses/",
        "warehouse": f"/warehouses/{main.pk}/",
    }
    for name, address in pages.items():
        staff.goto(f"{site}{address}")
        problems += look(name)
    staff.goto(f"{site}/stock-rules/sellers/{account.pk}/")
    staff.get_by_label("Buffer").fill("1000")
    staff.get_by_role("button", name="Show what would change").click()
    expect(staff.get_by_role("button", name="Save and send")).to_be_visible()
    problems += look("rule-preview")
    assert problems == []
