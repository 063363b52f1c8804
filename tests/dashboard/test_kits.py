"""Kits on a listing's page: why its number is what it is, its components' ledger, and Mercado Libre's own kits."""

import pytest

from catalog import kits
from catalog.models import SkuMapping
from inventory import ledger
from inventory.models import Warehouse
from tests.dashboard.shop import quiet


@pytest.fixture
def listing(shop):
    return quiet(shop).listings.get()


@pytest.fixture
def gift(shop, listing):
    """The listing sells a gift: a cup and two plates. MAIN has seven of each, AWAY four cups."""
    gift, cup, plate = shop.product("GIFT"), shop.product("CUP"), shop.product("PLATE")
    main, away = Warehouse.objects.get(code="MAIN"), Warehouse.objects.create(code="AWAY", name="Away")
    for number, (product, place, units) in enumerate([(cup, main, 7), (plate, main, 7), (cup, away, 4)]):
        ledger.count(product=product, warehouse=place, counted=units, operation=f"kit:{number}")
    ledger.count(product=gift, warehouse=main, counted=0, operation="kit:none")
    kits.compose({gift.pk: {cup.pk: 1, plate.pk: 2}}, by=None)
    SkuMapping.objects.filter(variation__listing=listing).update(product=gift)
    return gift


def why(client, listing):
    return client.get(f"/listings/{listing.item_id}/why/{listing.variations.get().pk}/")


def test_why_names_each_component_and_the_one_that_limits(viewer, gift, listing):
    page = why(viewer, listing)

    lines = [(line.sign, str(line.label), line.value, str(line.note)) for line in page.context["why"].lines]
    assert lines[:8] == [
        ("+", "Kits in AWAY", "0", "limited by PLATE"),
        ("", "CUP", "", "4 available ÷ 1 per kit = 4"),
        ("", "PLATE", "", "0 available ÷ 2 per kit = 0"),
        ("+", "Kits in MAIN", "3", "limited by PLATE"),
        ("", "CUP", "", "7 available ÷ 1 per kit = 7"),
        ("", "PLATE", "", "7 available ÷ 2 per kit = 3"),
        ("−", "Buffer of the seller", "0", ""),
        ("=", "Wanted at Mercado Libre", "3", ""),
    ]


def test_a_listing_of_a_kit_shows_the_ledger_of_its_components(viewer, gift, listing):
    page = viewer.get(f"/listings/{listing.item_id}/")

    assert {one.level.product.sku for one in page.context["movements"]} == {"GIFT", "CUP", "PLATE"}


def test_a_kit_made_at_ml_says_so_linked_or_not(viewer, listing):
    told = "A kit made at Mercado Libre: its stock comes from its parts and is not sent."
    assert told not in viewer.get(f"/listings/{listing.item_id}/").content.decode()
    listing.raw["bundle"] = {"id": "MLABUNDLE1"}
    listing.save()

    assert told in viewer.get(f"/listings/{listing.item_id}/").content.decode()
    assert told in why(viewer, listing).content.decode()
    SkuMapping.objects.all().delete()
    assert told in why(viewer, listing).content.decode()
