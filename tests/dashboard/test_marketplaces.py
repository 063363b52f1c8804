"""Global Selling on the pages of listings: an item and its marketplaces stand together."""

from uuid import uuid4

import pytest

from catalog.imports import importing
from catalog.models import Listing, MarketplaceChange
from sellers.models import Work

LIST_PAGE = 7  # session, user, sellers, count, rows, units, marketplaces
MARKETS = (("MLM", "remote"), ("MLB", "remote"), ("MLM", "fulfillment"))


@pytest.fixture
def pacific(world):
    return world.add_global_seller("PACIFIC_TRADERS", marketplaces=MARKETS)


@pytest.fixture
def bottle(world, pacific, connect, work_off):
    item = world.add_global_item(pacific, title="Bottle", price=20, seller_sku="B-1", full={"MLM": 4})
    importing.start(account=connect(pacific))
    work_off()
    return item


@pytest.fixture
def desk(client, owner):
    client.force_login(owner)
    return client


def test_the_list_shows_the_item_with_its_countries(desk, bottle, world):
    page = desk.get("/listings/").content.decode()

    assert page.count(f"<code>{bottle.id}</code>") == 1
    assert "MLB, MLM" in page
    assert world.children_of(bottle.id)["MLM"].id not in page


@pytest.mark.parametrize("linked", ["yes", "no"])
def test_only_the_item_is_to_be_linked(desk, bottle, world, linked):
    rows = desk.get(f"/listings/?linked={linked}").content.decode()

    assert (f"<code>{bottle.id}</code>" in rows) == (linked == "no")


def test_a_marketplaces_id_finds_the_item(desk, bottle, world):
    page = desk.get(f"/listings/?q={world.children_of(bottle.id)['MLB'].id}").content.decode()

    assert page.count(f"<code>{bottle.id}</code>") == 1


@pytest.mark.parametrize("words", ["botella de acero", "BOTTLE"])
def test_the_title_in_one_country_finds_the_item_once(desk, bottle, world, words):
    Listing.objects.filter(item_id=world.children_of(bottle.id)["MLM"].id).update(title="Botella de acero")

    page = desk.get("/listings/", {"q": words}).content.decode()

    assert page.count(f"<code>{bottle.id}</code>") == 1
    assert f"<code>{bottle.id}</code>" not in desk.get("/listings/", {"q": "garrafa"}).content.decode()


def test_a_search_by_title_costs_the_same_with_more_marketplaces(
    desk, bottle, world, pacific, work_off, django_assert_num_queries
):
    def count():
        with django_assert_num_queries(LIST_PAGE + 2):  # and the two that look for a SKU
            desk.get("/listings/?q=bottle")

    desk.get("/listings/")
    count()
    for number in range(5):
        world.add_global_item(pacific, title=f"Bottle {number}")
    importing.start(account=Listing.objects.first().account)
    work_off()
    count()


def test_the_page_of_an_item_leads_to_what_can_be_changed_of_it(desk, bottle):
    page = desk.get(f"/listings/{bottle.id}/").content.decode()

    assert f'href="/prices/{Listing.objects.get(item_id=bottle.id).pk}/marketplace/"' in page


def test_a_refused_change_stands_on_the_page_until_a_newer_one_of_the_same(desk, bottle, world):
    listing = Listing.objects.get(item_id=world.children_of(bottle.id)["MLM"].id)
    asked = {"listing": listing, "field": "title", "new": "Botella", "state": "refused", "explanation": "Too long."}
    MarketplaceChange.objects.create(operation=uuid4(), **asked)

    def pages():
        return [desk.get(f"/listings/{item_id}/").content.decode() for item_id in (bottle.id, listing.item_id)]

    assert ["Refused by ML. Too long." in page for page in pages()] == [True, True]
    MarketplaceChange.objects.create(operation=uuid4(), **{**asked, "state": "done"})
    assert ["Refused by ML" in page for page in pages()] == [False, False]


def test_the_page_of_an_item_shows_each_marketplace(desk, bottle, world):
    page = desk.get(f"/listings/{bottle.id}/").content.decode()

    for one in world.children_of(bottle.id).values():
        assert f"<code>{one.id}</code>" in page
    assert "Mexico" in page
    assert "Brazil" in page
    assert "Shipped by the seller" in page
    assert "11.70" in page  # what is left of 20 dollars


def test_the_page_of_a_marketplaces_listing_leads_to_the_item(desk, bottle, world):
    page = desk.get(f"/listings/{world.children_of(bottle.id)['MLM'].id}/").content.decode()

    assert f'href="/listings/{bottle.id}/"' in page
    assert "not linked: link it to a SKU" not in page


def test_a_page_costs_the_same_with_more_marketplaces(
    desk, bottle, world, pacific, work_off, django_assert_num_queries
):
    def count():
        with django_assert_num_queries(LIST_PAGE):
            desk.get("/listings/")

    desk.get("/listings/")
    count()
    for number in range(5):
        world.add_global_item(pacific, title=f"Cup {number}")
    importing.start(account=Listing.objects.first().account)
    work_off()
    assert Listing.objects.count() == 4 + 5 * 3
    count()


def test_looking_again_looks_at_the_whole_group(desk, bottle, world):
    Work.objects.all().delete()

    desk.post(f"/listings/{bottle.id}/again/look/")

    there = {one.id for one in world.children_of(bottle.id).values()}
    assert set(Work.objects.filter(kind="item").values_list("key", flat=True)) == {bottle.id, *there}


def test_the_seller_s_page_names_its_marketplaces(desk, bottle, world):
    page = desk.get(f"/sellers/{Listing.objects.first().account_id}/").content.decode()

    assert f"{world.seller('PACIFIC_TRADERS_MLB_REMOTE').user_id}" in page
