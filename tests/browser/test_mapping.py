"""The mapping editor by keyboard: what staff does four hundred times in a morning."""

import re

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Product, SkuMapping, Variation
from tests.browser.keys import press

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-desk")]


@pytest.fixture
def mapping(staff, site, shop) -> Page:
    """Three units to map, best sold first: an exact SKU, one that differs in spelling, one without any."""
    account = shop.seller()
    for sku, name in (("TAZA-1", "Taza de cerámica"), ("TAZA-2", "Taza esmaltada"), ("VASO-1", "Vaso de vidrio")):
        Product.objects.create(sku=sku, name=name)
    for title, sku, sold in (("Exacta", "TAZA-1", 30), ("Parecida", "taza 2", 20), ("Sin nada", "", 10)):
        listing = shop.listing(account, title, sold_quantity=sold)
        listing.variations.update(seller_sku=sku, sold_quantity=sold)
    staff.goto(f"{site}/mapping/")
    return staff


def row(page: Page, title: str):
    return page.locator("tr[data-key]", has_text=title)


def options(page: Page):
    return page.locator(".options [role=option]")


def links() -> dict[str, str]:
    rows = SkuMapping.objects.values_list("variation__listing__title", "product__sku")
    return dict(rows)


def test_suggestions_are_accepted_and_taken_back_without_the_mouse(mapping):
    press(mapping, *"j")
    expect(row(mapping, "Exacta")).to_have_class(re.compile(r"\bat\b"))
    press(mapping, *"a")
    expect(row(mapping, "Exacta")).to_contain_text("Suggestion accepted")
    expect(row(mapping, "Exacta")).to_have_class(re.compile(r"\bat\b"))
    press(mapping, *"ja")
    expect(row(mapping, "Parecida").locator(".pill.ok").last).to_have_text("TAZA-2")
    assert links() == {"Exacta": "TAZA-1", "Parecida": "TAZA-2"}

    press(mapping, *"ku")

    expect(row(mapping, "Exacta").get_by_role("combobox")).to_have_value("TAZA-1")
    assert links() == {"Parecida": "TAZA-2"}


def test_a_sku_is_chosen_in_the_combobox_by_keys(mapping):
    press(mapping, *"jjje")
    box = row(mapping, "Sin nada").get_by_role("combobox")
    expect(box).to_be_focused()
    box.press_sequentially("taza")
    expect(options(mapping)).to_have_count(2)
    expect(options(mapping).first).to_have_attribute("aria-selected", "true")
    mapping.keyboard.press("ArrowDown")
    expect(options(mapping).last).to_have_attribute("aria-selected", "true")

    mapping.keyboard.press("Enter")

    expect(row(mapping, "Sin nada").locator(".pill.ok").last).to_have_text("TAZA-2")
    assert links() == {"Sin nada": "TAZA-2"}
    assert SkuMapping.objects.get().created_by.username == "olivia"


def test_escape_closes_the_options_and_then_leaves_the_box(mapping):
    press(mapping, *"jjje")
    box = row(mapping, "Sin nada").get_by_role("combobox")
    box.press_sequentially("vaso")
    expect(options(mapping)).to_have_count(1)

    mapping.keyboard.press("Escape")

    expect(options(mapping)).to_have_count(0)
    expect(box).to_be_focused()
    mapping.keyboard.press("Escape")
    expect(box).not_to_be_focused()
    assert links() == {}


def test_a_sku_that_nobody_knows_is_told_on_the_row_and_kept_there(mapping):
    box = row(mapping, "Sin nada").get_by_role("combobox")
    box.fill("NADIE-9")
    with mapping.expect_response(lambda answer: answer.request.method == "POST") as answered:
        box.press("Enter")

    assert answered.value.status == 422
    expect(row(mapping, "Sin nada").locator(".field-error")).to_contain_text("There is no product with this SKU")
    expect(row(mapping, "Sin nada").get_by_role("combobox")).to_have_value("NADIE-9")
    expect(row(mapping, "Sin nada").get_by_role("combobox")).to_have_attribute("aria-invalid", "true")
    assert links() == {}


def test_units_per_sale_go_with_what_is_accepted(mapping):
    row(mapping, "Exacta").get_by_label("Units per sale").fill("6")

    row(mapping, "Exacta").get_by_role("button", name="Accept").click()

    expect(row(mapping, "Exacta").locator(".pill.ok").last).to_have_text("TAZA-1 × 6")
    assert SkuMapping.objects.get().units == 6


def test_rows_are_ticked_by_keys_and_accepted_together(mapping):
    press(mapping, *"jxjxjx")
    expect(mapping.locator("[data-count]")).to_have_text("3")

    mapping.get_by_role("button", name="Accept suggestions").click()

    expect(mapping.locator("#toasts")).to_contain_text("2 linked, 1 left for you to decide.")
    expect(mapping.locator("tr[data-key]")).to_have_count(1)
    assert links() == {"Exacta": "TAZA-1", "Parecida": "TAZA-2"}


def test_a_unit_is_ignored_and_put_back(mapping, site):
    row(mapping, "Sin nada").get_by_role("button", name="Ignore").click()
    expect(row(mapping, "Sin nada")).to_contain_text("Ignored")
    assert list(Variation.objects.filter(ignored=True).values_list("listing__title", flat=True)) == ["Sin nada"]

    press(mapping, *"jjju")

    expect(row(mapping, "Sin nada").get_by_role("combobox")).to_be_visible()
    assert not Variation.objects.filter(ignored=True).exists()


def test_slash_goes_to_the_search_of_the_list(mapping):
    mapping.keyboard.press("/")
    mapping.keyboard.type("parecida")

    expect(mapping.locator("tr[data-key]")).to_have_count(1)
    expect(mapping).to_have_url(re.compile(r"/mapping/\?q=parecida$"))


def test_keys_do_nothing_while_typing_and_help_names_them(mapping):
    mapping.keyboard.press("?")
    expect(mapping.locator("#keys")).to_contain_text("Accept the suggestion")
    mapping.keyboard.press("Escape")
    mapping.keyboard.press("/")
    mapping.keyboard.type("ja")

    expect(mapping.locator("main input[type=search]")).to_have_value("ja")
    assert links() == {}
