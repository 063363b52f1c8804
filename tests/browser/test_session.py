"""Who is there: logging in and out, a session that ends, a role that may only look, language and theme."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from tests.dashboard.shop import busy

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-desk")]


def test_the_login_form_lets_in_and_leads_where_one_wanted_to_go(quiet_page, site, owner):
    quiet_page.goto(f"{site}/listings/")
    expect(quiet_page).to_have_url(re.compile(r"/accounts/login/\?next=/listings/$"))
    quiet_page.get_by_label("Username").fill("olivia")
    quiet_page.get_by_label("Password").fill("not this one")
    quiet_page.get_by_role("button", name="Log in").click()
    expect(quiet_page.get_by_role("alert")).to_be_visible()

    quiet_page.get_by_label("Password").fill("a-long-enough-password")
    quiet_page.get_by_role("button", name="Log in").click()

    expect(quiet_page).to_have_url(f"{site}/listings/")
    expect(quiet_page.locator(".user-name")).to_have_text("olivia")


def test_a_session_that_ended_leads_to_the_login_and_back(staff, site, shop):
    shop.listing(shop.seller(), "Termo")
    staff.goto(f"{site}/listings/")
    Session.objects.all().delete()

    staff.locator("main input[type=search]").fill("termo")

    expect(staff.get_by_role("heading", name="Log in")).to_be_visible()
    expect(staff).to_have_url(re.compile(r"/accounts/login/\?next=/listings/"))
    expect(staff.locator("#table")).to_have_count(0)


def test_a_viewer_sees_everything_and_no_button_that_changes_anything(viewer, site, shop):
    account = busy(shop)
    words = re.compile("connect|live|pause|resume|accept|ignore|retry|receive|count|adjust|again|import", re.IGNORECASE)
    listing = account.listings.first()
    for address in (
        "/",
        "/sellers/",
        f"/sellers/{account.pk}/",
        "/listings/",
        f"/listings/{listing.item_id}/",
        "/mapping/",
        "/orders/",
        "/inventory/",
        "/pushes/?tab=failed",
        "/notifications/",
    ):
        viewer.goto(site + address)
        expect(viewer.locator("h1")).to_be_visible()
        offered = viewer.locator("main :is(button, a.btn, form[method=post]):visible", has_text=words)
        assert (address, offered.all_inner_texts()) == (address, [])


def test_logging_out_ends_the_session(staff, site):
    staff.goto(f"{site}/")
    staff.locator(".user-menu summary").click()

    staff.get_by_role("button", name="Log out").click()

    expect(staff.get_by_role("heading", name="Log in")).to_be_visible()
    staff.goto(f"{site}/orders/")
    expect(staff.get_by_role("heading", name="Log in")).to_be_visible()


def test_the_language_is_switched_and_stays(staff, site):
    staff.goto(f"{site}/jobs/")
    staff.locator(".user-menu summary").click()

    staff.get_by_role("button", name="Español").click()

    expect(staff.locator("html")).to_have_attribute("lang", "es")
    expect(staff).to_have_url(f"{site}/jobs/")
    staff.goto(f"{site}/orders/")
    expect(staff.locator("html")).to_have_attribute("lang", "es")


def test_the_theme_is_chosen_once_for_our_pages_and_the_admin(staff, site):
    background = "getComputedStyle(document.body).backgroundColor"
    staff.emulate_media(color_scheme="light")
    staff.goto(f"{site}/")
    light = staff.evaluate(background)
    staff.locator(".user-menu summary").click()

    staff.get_by_role("button", name="Dark").click()

    dark = staff.evaluate(background)
    assert dark != light
    staff.goto(f"{site}/admin/")
    expect(staff.locator("html")).to_have_attribute("data-theme", "dark")
    assert staff.evaluate(background) == dark
