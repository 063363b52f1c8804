"""The shell in a real browser: keys, selection, combobox, dialogs, no error in the console, nothing for axe to find."""

import itertools
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = ("/components/", "/listings/", "/admin/", "/admin/auth/group/")


@pytest.fixture
def teams(browsing):
    return Group.objects.bulk_create(Group(name=f"team {number:02}") for number in range(12))


def findings(page) -> list[str]:
    return [f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in Axe().run(page).response["violations"]]


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_and_nothing_overflows(browsing, live_server, teams, path):
    browsing.goto(live_server.url + path)

    for scheme, width in itertools.product(("light", "dark"), (1400, 390)):
        browsing.emulate_media(color_scheme=scheme)
        browsing.set_viewport_size({"width": width, "height": 900})
        assert findings(browsing) == [], (scheme, width)
        assert path.startswith("/admin/") or browsing.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_login_page(page, live_server):
    page.goto(live_server.url + "/accounts/login/")

    assert findings(page) == []


def test_rows_are_walked_and_ticked_by_keys_until_those_are_switched_off(browsing, live_server, teams):
    browsing.goto(live_server.url + "/listings/")
    for key in "jjx":
        browsing.keyboard.press(key)

    expect(browsing.locator("tr.at")).to_contain_text("manager")
    expect(browsing.locator("#bulk")).to_be_visible()
    expect(browsing.locator("[data-count]")).to_have_text("1")

    browsing.keyboard.press("?")
    browsing.uncheck("[data-keys-switch]")
    browsing.keyboard.press("Escape")
    browsing.reload()
    browsing.keyboard.press("j")

    expect(browsing.locator("tr.at")).to_have_count(0)


def test_shift_ticks_a_range_and_all_that_match_are_sent_as_the_filter(browsing, live_server, teams):
    browsing.goto(live_server.url + "/listings/?q=team")
    browsing.locator("[data-select]").nth(0).click()
    browsing.locator("[data-select]").nth(3).click(modifiers=["Shift"])
    expect(browsing.locator("[data-count]")).to_have_text("4")

    browsing.check("[data-select-matching]")
    browsing.click("#bulk [value=shout]")

    expect(browsing.locator("#toasts")).to_contain_text("12: TEAM 00")


def test_a_dangerous_action_asks_first(browsing, live_server, teams):
    browsing.goto(live_server.url + "/listings/?q=team")
    browsing.check("[data-select-all]")
    browsing.click("#bulk [value=erase]")
    expect(browsing.locator("#confirm")).to_contain_text("Erase them?")
    browsing.click("#confirm button[value='']")

    assert browsing.url.endswith("/listings/?q=team")
    browsing.click("#bulk [value=erase]")
    browsing.click("#confirm button[value=yes]")
    expect(browsing.locator("body")).to_have_text("q=team")
    browsing.problems.clear()  # the bare answer has no icon


def test_searching_swaps_the_table_and_keeps_the_sort_in_the_address(browsing, live_server, teams):
    browsing.goto(live_server.url + "/listings/")
    browsing.click("th a >> text=Name")
    expect(browsing.locator("th[aria-sort=descending]")).to_be_visible()
    browsing.keyboard.press("/")
    browsing.keyboard.type("team 1")

    expect(browsing.locator("tbody tr")).to_have_count(2)
    expect(browsing).to_have_url(re.compile(r"/listings/\?q=team(\+|%20)1&sort=-name$"))
    browsing.go_back()
    expect(browsing.locator("tbody tr")).to_have_count(5)


def test_a_list_works_without_javascript(browser, live_server, browsing, teams):
    context = browser.new_context(java_script_enabled=False, storage_state=browsing.context.storage_state())
    page = context.new_page()
    page.goto(live_server.url + "/listings/?q=team")
    page.click("text=Next")
    page.locator("[data-select]").first.check()
    page.click("#bulk [value=shout]")

    expect(page.locator("#toasts")).to_contain_text("1: TEAM 05")
    context.close()


def test_a_combobox_is_filled_by_the_server_and_chosen_by_keys(browsing, live_server):
    browsing.goto(live_server.url + "/components/")
    browsing.locator("#sku-1").press_sequentially("ab")
    expect(browsing.locator("#sku-1-options [role=option]")).to_have_count(3)
    expect(browsing.locator("#sku-1")).to_have_attribute("aria-expanded", "true")
    browsing.keyboard.press("ArrowDown")
    browsing.keyboard.press("Enter")

    expect(browsing.locator("#sku-1")).to_have_value("AB-1")
    expect(browsing.locator("#sku-1-options")).to_be_hidden()


def test_the_theme_is_kept_and_shared_with_the_admin(browsing, live_server):
    browsing.goto(live_server.url + "/components/")
    browsing.click(".user-menu summary")
    browsing.click("[data-theme-choice=dark]")
    browsing.goto(live_server.url + "/admin/auth/group/")

    assert browsing.evaluate("document.documentElement.dataset.theme") == "dark"


def test_an_ended_session_leads_to_the_login_and_back(browsing, live_server, teams):
    browsing.goto(live_server.url + "/listings/?q=team")
    browsing.context.clear_cookies()
    browsing.click("text=Next")

    browsing.wait_for_url("**/accounts/login/?next=/listings/%3Fq%3Dteam")


def test_a_refusal_is_told_in_a_toast(browsing, live_server, teams):
    browsing.goto(live_server.url + "/listings/")
    browsing.evaluate("htmx.ajax('GET', '/nowhere/', '#table')")
    expect(browsing.locator(".toast.bad")).to_contain_text("no longer exists")
    browsing.problems.clear()  # Chromium reports the 404 itself

    browsing.evaluate("document.dispatchEvent(new CustomEvent('toast', {detail: {message: 'Listo'}}))")
    expect(browsing.locator(".toast.ok")).to_have_text("Listo")


def test_a_form_with_errors_is_swapped_in(browsing, live_server, teams):
    browsing.goto(live_server.url + "/listings/")
    browsing.evaluate("htmx.ajax('GET', '/refusing/', '#table')")

    expect(browsing.locator("#refused")).to_be_visible()
    browsing.problems.clear()  # Chromium reports the 422 itself


def test_a_part_refreshes_itself(browsing, live_server):
    browsing.goto(live_server.url + "/")
    browsing.evaluate(
        """() => {
          const part = '<div id="part" hx-get="/options/?sku=z" hx-trigger="refresh" data-refresh-seconds="1"></div>';
          document.querySelector("main").insertAdjacentHTML("beforeend", part);
          htmx.process(document.querySelector("#part"));
        }"""
    )

    expect(browsing.locator("#part")).to_contain_text("Z-1")


def test_on_a_phone_the_menu_opens(browsing, live_server):
    browsing.set_viewport_size({"width": 390, "height": 844})
    browsing.goto(live_server.url + "/components/")
    expect(browsing.locator("#side")).to_be_hidden()
    browsing.click(".topbar button")
    browsing.click("#side >> text=Listings")

    browsing.wait_for_url("**/listings/")
