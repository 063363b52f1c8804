"""What every list does: search, filters, sort, pages, selection, and what it says when it has nothing."""

import re

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Listing
from sellers.models import Job, Work

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-desk")]
MANY = 60  # more than a page


@pytest.fixture
def account(shop):
    return shop.seller()


@pytest.fixture
def listings(staff, site, shop, account) -> Page:
    """Two pages of listings, of which three are thermoses."""
    for number in range(MANY):
        title = f"Termo {number}" if number < 3 else f"Cafetera {number:02}"
        shop.listing(account, title, sold_quantity=number, status="paused" if number % 2 else "active")
    staff.goto(f"{site}/listings/")
    return staff


def rows(page: Page):
    return page.locator("#table tbody tr")


def test_searching_waits_for_the_last_letter_and_swaps_the_table_alone(listings):
    listings.evaluate("document.querySelector('h1').dataset.same = 'page'")
    asked = []
    listings.on("request", lambda request: asked.append(request.url) if "/listings/" in request.url else None)

    listings.locator("main input[type=search]").press_sequentially("termo", delay=30)

    expect(rows(listings)).to_have_count(3)
    assert len(asked) == 1
    expect(listings.locator("h1")).to_have_attribute("data-same", "page")
    expect(listings.locator("main input[type=search]")).to_be_focused()
    expect(listings).to_have_url(re.compile(r"/listings/\?q=termo$"))


def test_filters_are_in_the_address_and_back_takes_them_off(listings):
    listings.get_by_label("Status", exact=True).select_option("paused")
    expect(listings).to_have_url(re.compile(r"\?status=paused$"))
    expect(listings.locator(".count")).to_contain_text("1–30 of 30")
    listings.locator("main input[type=search]").fill("termo")
    expect(rows(listings)).to_have_count(1)

    listings.go_back()
    expect(rows(listings)).to_have_count(30)
    listings.go_back()

    expect(listings).to_have_url(re.compile(r"/listings/$"))
    expect(listings.locator(".count")).to_contain_text("1–50 of 60")
    expect(listings.get_by_label("Status", exact=True)).to_have_value("")


def test_an_address_with_filters_opens_as_it_was(listings, site):
    listings.goto(f"{site}/listings/?status=paused&q=termo")

    expect(listings.get_by_label("Status", exact=True)).to_have_value("paused")
    expect(listings.locator("main input[type=search]")).to_have_value("termo")
    expect(rows(listings)).to_have_count(1)


def test_a_heading_sorts_and_says_so(listings):
    expect(listings.locator("th[aria-sort]")).to_have_text("Sold")
    expect(listings.locator("th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    expect(rows(listings).first).to_contain_text("Cafetera 59")

    listings.get_by_role("link", name="Title").click()

    expect(listings.locator("th[aria-sort=ascending]")).to_have_text("Title")
    expect(rows(listings).first).to_contain_text("Cafetera 03")
    listings.get_by_role("link", name="Title").click()
    expect(listings.locator("th[aria-sort=descending]")).to_have_text("Title")
    expect(rows(listings).first).to_contain_text("Termo 2")


def test_the_second_page_keeps_sort_and_filter(listings, site):
    listings.goto(f"{site}/listings/?sort=title")
    listings.get_by_role("link", name="Next").click()

    expect(rows(listings)).to_have_count(MANY - 50)
    expect(listings).to_have_url(re.compile(r"sort=title&page=2$"))
    expect(rows(listings).last).to_contain_text("Termo 2")


def test_all_that_match_are_sent_as_the_filter_and_run_as_a_job(listings):
    listings.locator("main input[type=search]").fill("cafetera")
    expect(listings.locator(".count")).to_contain_text("of 57")
    listings.get_by_label("Select all rows on this page").check()
    expect(listings.locator("[data-count]")).to_have_text("50")
    listings.get_by_label("All 57 that match").check()

    listings.get_by_role("button", name="Push stock again").click()

    expect(listings).to_have_url(re.compile(r"/jobs/\d+/$"))
    job = Job.objects.get()
    assert (job.kind, job.state, job.created_by.username) == ("listings_again", "queued", "olivia")
    assert "cafetera" in str(job.params)


def test_ticked_rows_are_asked_for_at_once(listings):
    for number in (0, 1):
        rows(listings).nth(number).get_by_role("checkbox").check()

    listings.get_by_role("button", name="Look again").click()

    expect(listings.locator("#toasts")).to_contain_text("2 listings")
    assert not Job.objects.exists()
    best = Listing.objects.order_by("-sold_quantity")[:2]
    assert set(Work.objects.filter(kind="item").values_list("key", flat=True)) == {one.item_id for one in best}


def test_failed_pushes_are_retried_together(staff, site, shop, account):
    for key in ("MLA1", "MLA2", "MLA3"):
        shop.dead(account, "stock", key)
    staff.goto(f"{site}/pushes/?tab=failed")
    expect(rows(staff)).to_have_count(3)
    rows(staff).nth(0).get_by_role("checkbox").check()
    rows(staff).nth(2).get_by_role("checkbox").check(timeout=2000)

    staff.locator("#bulk").get_by_role("button", name="Retry").click()

    expect(rows(staff)).to_have_count(1)
    expect(rows(staff)).to_contain_text("MLA2")
    assert Work.objects.filter(state="ready").count() == 2


def test_equal_errors_are_retried_by_one_button(staff, site, shop, account):
    for key in ("MLA1", "MLA2", "MLA3"):
        shop.dead(account, "stock", key)
    staff.goto(f"{site}/pushes/?tab=failed")

    staff.get_by_role("button", name="Retry 3").click()

    expect(staff.locator("#toasts")).to_be_visible()
    expect(staff.locator(".empty")).to_be_visible()
    assert Work.objects.filter(state="ready").count() == 3


def test_nothing_yet_is_not_no_match(staff, site, shop, account):
    staff.goto(f"{site}/listings/")
    expect(staff.locator(".empty h2")).not_to_have_text("No match")

    shop.listing(account, "Termo")
    staff.goto(f"{site}/listings/?q=zzz")
    expect(staff.locator(".empty h2")).to_have_text("No match")
    staff.get_by_role("link", name="Clear filters").click()

    expect(rows(staff)).to_have_count(1)


def test_leaving_the_search_box_does_not_load_the_list_again(listings):
    listings.locator("main input[type=search]").fill("cafetera")
    expect(listings.locator(".count")).to_contain_text("of 57")
    loaded = []
    listings.on("request", lambda request: loaded.append(request.url))

    listings.get_by_label("Select all rows on this page").check()
    # A request of the list would be sent 50 ms after the box is left.
    listings.wait_for_timeout(400)

    assert [url for url in loaded if "/listings/" in url] == []
    expect(listings.locator("[data-count]")).to_have_text("50")
