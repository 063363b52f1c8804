"""Global Selling in the catalog: items with their listings on the marketplaces, and which unit is which."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from catalog import moves, queries
from catalog.imports.storing import NotTheirs, save_item
from catalog.mapping import sku_mapping
from catalog.marketplaces.twins import twin_of
from catalog.models import Listing, Product, SkuMapping, Variation
from mercadolibre.resources.items import Item
from sandbox.faults import SERVER_ERROR, TRUNCATED_JSON
from sellers import marketplaces
from sellers.connection.clients import client_for
from sellers.models import Job, Work

MARKETS = (("MLM", "remote"), ("MLB", "remote"), ("MLM", "fulfillment"))


@pytest.fixture
def pacific(world):
    return world.add_global_seller("PACIFIC_TRADERS", marketplaces=MARKETS)


@pytest.fixture
def account(connect, pacific):
    return connect(pacific)


@pytest.fixture
def bottle(world, pacific):
    return world.add_global_item(pacific, title="Bottle", price=20, seller_sku="B-1", prices={"MLB": 25})


@pytest.fixture
def shirt(world, pacific):
    two = [{"combination": {"COLOR": name}, "available_quantity": 3, "seller_sku": f"S-{name}"} for name in ("R", "B")]
    return world.add_global_item(pacific, title="Shirt", price=12, variations=two, full={"MLM": 4})


def test_items_are_imported_with_their_marketplaces(world, account, bottle, shirt, run_import):
    job = run_import(account)

    assert (job.state, job.errors) == (Job.State.DONE, 0)
    there = world.children_of(bottle.id) | {f"shirt {site}": one for site, one in world.children_of(shirt.id).items()}
    assert Listing.objects.count() == 2 + len(there) == 7
    of_bottle = Listing.objects.get(item_id=bottle.id).marketplaces.order_by("price")
    assert list(of_bottle.values_list("item_id", "price", "net_proceeds")) == [
        (there["MLM"].id, Decimal(20), Decimal("11.70")),
        (there["MLB"].id, Decimal(25), Decimal("14.63")),
    ]
    assert {one.account for one in Listing.objects.all()} == {account}
    full = Listing.objects.get(item_id=there["shirt MLM fulfillment"].id)
    assert (full.parent_item_id, full.logistic_type, full.net_proceeds) == (shirt.id, "fulfillment", None)
    assert set(Variation.objects.filter(listing__item_id=shirt.id).values_list("variation_id", flat=True)) == {
        one.id for one in shirt.variations
    }


def test_importing_again_changes_nothing(account, bottle, shirt, run_import):
    run_import(account)

    job = run_import(account)

    assert (job.result["new"], job.result["changed"], job.result["missing"]) == (0, 0, 0)


@pytest.mark.parametrize(("fault", "times"), [(SERVER_ERROR, 3), (TRUNCATED_JSON, 1)])
def test_trouble_between_an_item_and_its_marketplaces_loses_none(
    world, account, bottle, shirt, run_import, fault, times
):
    world.faults.add(fault, path="/marketplace/items/.*", times=times)

    job = run_import(account)

    assert job.state == Job.State.DONE
    assert Listing.objects.filter(parent_item__isnull=False).count() == 5


def test_the_item_is_linked_and_its_marketplaces_follow(account, bottle, shirt, run_import):
    mug = Product.objects.create(sku="B-1", name="Bottle")
    run_import(account)

    (link,) = SkuMapping.objects.all()
    assert (link.variation.listing.item_id, link.product) == (bottle.id, mug)
    assert {unit.listing.item_id for unit in queries.to_map(queries.units())} == {shirt.id}


def test_a_marketplaces_listing_cannot_be_linked(world, account, bottle, mug, run_import):
    run_import(account)
    mexican = Variation.objects.get(listing__item_id=world.children_of(bottle.id)["MLM"].id)
    Work.objects.all().delete()

    with pytest.raises(sku_mapping.MappingRefused, match=bottle.id):
        sku_mapping.link(variation_ids=[mexican.pk], product=mug, source=SkuMapping.Source.TYPED, by=None)

    assert not SkuMapping.objects.exists()
    assert not Work.objects.exists()


def test_an_item_of_somebody_else_s_number_is_refused(account, django_assert_num_queries, run_import, bottle):
    run_import(account)
    stranger = Item.from_json({"id": "MLM777", "seller_id": 999, "cbt_item_id": bottle.id, "variations": []})

    with pytest.raises(NotTheirs):
        save_item(account, stranger, account.connected_at)


def test_what_is_named_and_not_known_is_asked_for(world, account, pacific, bottle, work_off):
    client = client_for(account)
    marketplaces.read(account, client)
    mexican = world.children_of(bottle.id)["MLM"].id

    save_item(account, client.item(mexican), account.connected_at)
    work_off()

    assert Listing.objects.get(item_id=mexican).parent_item.item_id == bottle.id
    assert Listing.objects.count() == 3  # the other marketplace too


def test_an_item_sold_in_another_country_since_is_completed(world, account, bottle, run_import, work_off):
    run_import(account)
    brazilian = world.children_of(bottle.id)["MLB"].id
    Listing.objects.filter(item_id=brazilian).delete()

    save_item(account, client_for(account).item(bottle.id), account.connected_at)
    work_off()

    assert Listing.objects.filter(item_id=brazilian).exists()


def test_links_of_a_closed_item_do_not_move_to_its_marketplaces(world, account, shirt, mug, run_import):
    run_import(account)
    red = Variation.objects.get(listing__item_id=shirt.id, variation_id=shirt.variations[0].id)
    sku_mapping.link(variation_ids=[red.pk], product=mug, source=SkuMapping.Source.TYPED, by=None)

    Listing.objects.filter(item_id=shirt.id).update(status="closed")

    assert Variation.objects.filter(seller_sku="S-R", mapping=None).exists()
    assert moves.proposals() == []


def unit(variation_id=0, product="", sku="", text=""):
    return SimpleNamespace(
        variation_id=variation_id, user_product_id=product, seller_sku=sku, attributes_text=text, name=product or sku
    )


WHOLE = unit(0, sku="A")
RED, BLUE = unit(1, "U1", "R", "Color: Red"), unit(2, "U2", "B", "Color: Blue")
NO_SKU = [unit(1, text="Color: Red"), unit(2, text="Color: Blue")]
TWICE = [unit(1, sku="R"), unit(2, sku="R")]


@pytest.mark.parametrize(
    ("of_marketplace", "of_parent", "twin"),
    [
        (unit(0, sku="other"), [WHOLE], WHOLE),
        (unit(0), [], None),
        (unit(0), [RED, BLUE], None),
        (unit(91, "U2", "R"), [RED, BLUE], BLUE),  # the user product before the SKU
        (unit(91, "", "R"), [RED, BLUE], RED),
        (unit(91, "", "", "Color: Blue"), NO_SKU, NO_SKU[1]),
        (unit(91, "", "X", "Color: Blue"), [RED, BLUE], BLUE),
        (unit(91, "", "R"), TWICE, None),
        (unit(91), [RED, BLUE], None),
        (unit(91, "", "A"), [WHOLE], WHOLE),
    ],
)
def test_which_unit_of_the_item_a_marketplace_sells(of_marketplace, of_parent, twin):
    assert twin_of(of_marketplace, of_parent) is twin
