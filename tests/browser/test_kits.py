"""A kit is put together on its product's page, with what follows shown before; and its pages as a human sees them."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from catalog import kits
from catalog.models import KitComponent, Product
from tests.browser.test_pages import show

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.xdist_group("browser-desk")]


@pytest.fixture
def gift(shop) -> Product:
    """A gift that a listing sells, beside a cup and a plate on the shelf."""
    gift = shop.product("GIFT", "Juego de regalo", on_hand=0)
    shop.product("CUP-350", "Taza de cerámica")
    shop.product("PLATE-20", "Plato de cerámica de 20 cm")
    shop.link(shop.listing(shop.seller(mode="live"), "Juego de regalo para la casa"), gift)
    return gift


def test_a_kit_is_put_together_on_its_product_s_page(staff, site, gift):
    staff.goto(site + reverse("catalog:product", args=[gift.pk]))
    expect(staff.get_by_text("Not a kit: it has stock of its own.")).to_be_visible()

    staff.get_by_role("combobox", name="SKU of the component").press_sequentially("plate")
    staff.locator(".options [role=option]").first.click()
    staff.get_by_label("Quantity in one kit").fill("3")
    staff.get_by_role("button", name="Put in…").click()
    expect(staff.get_by_text("Juego de regalo para la casa")).to_be_visible()
    expect(staff.locator(".notice.info")).to_contain_text("Kits available in all warehouses")
    assert not KitComponent.objects.exists()
    staff.get_by_role("button", name="Change the kit").click()

    expect(staff.get_by_text("The kit is saved")).to_be_visible()
    assert list(KitComponent.objects.values_list("component__sku", "quantity")) == [("PLATE-20", 3)]
    staff.get_by_role("button", name="Take out…").click()
    staff.get_by_role("button", name="Change the kit").click()
    expect(staff.get_by_text("Not a kit: it has stock of its own.")).to_be_visible()
    assert not KitComponent.objects.exists()


def test_pages_of_kits(staff, site, look, gift):
    parts = Product.objects.exclude(pk=gift.pk).order_by("sku")
    show(staff, site, look, {"kits-empty": "/products/kits/"})
    kits.compose({gift.pk: {part.pk: number for number, part in enumerate(parts, start=1)}}, by=None)
    show(
        staff,
        site,
        look,
        {
            "kits": "/products/kits/",
            "kits-import": "/products/kits/import/",
            "kit-product": reverse("catalog:product", args=[gift.pk]),
            "kit-component": reverse("catalog:product", args=[parts[0].pk]),
            "kit-stock": reverse("inventory:product", args=["GIFT"]),
            "kit-change": reverse("inventory:kit", args=[gift.pk]),
        },
    )
