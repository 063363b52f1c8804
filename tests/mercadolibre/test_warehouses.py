"""A write of stock by warehouse never leaves a warehouse out; a new listing never carries a total."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercadolibre import errors
from mercadolibre.errors import Cause
from mercadolibre.publishing import NewListing
from mercadolibre.resources import StockLocation, UserProductStock
from mercadolibre.warehouses import WarehouseSet
from tests.mercadolibre.canned import World
from tests.mercadolibre.strategies import patient

CENTRO = {"type": "seller_warehouse", "store_id": "100", "network_node_id": "MXP1", "quantity": 15}
NORTE = {"type": "seller_warehouse", "store_id": "101", "network_node_id": "MXP2", "quantity": 25}
FULL = {"type": "meli_facility", "quantity": 7}


def stock_of(*locations, version=17):
    return UserProductStock.from_json({"id": "MLMU1", "locations": list(locations)}, version=version)


def test_every_warehouse_shown_or_managed_is_in_the_body_and_none_of_mls():
    places = WarehouseSet.from_stock(stock_of(CENTRO, FULL, NORTE), {"101": None, "102": "MXP3"})
    assert places.with_quantity("101", 4).body() == {
        "locations": [
            {"store_id": "100", "network_node_id": "MXP1", "quantity": 15},
            {"store_id": "101", "network_node_id": "MXP2", "quantity": 4},
            {"store_id": "102", "network_node_id": "MXP3", "quantity": 0},
        ]
    }


def test_the_node_of_the_sellers_list_wins_and_an_unknown_one_is_left_out():
    unknown = CENTRO | {"network_node_id": None}
    places = WarehouseSet.from_stock(stock_of(NORTE, unknown), {"101": "CLP9"})
    assert [place.network_node_id for place in places.places] == ["CLP9", None]
    assert "network_node_id" not in places.body()["locations"][1]


@pytest.mark.parametrize(("version", "sent"), [(17, 17), (None, 1)])
def test_the_set_carries_the_version_that_was_read(version, sent):
    assert WarehouseSet.from_stock(stock_of(CENTRO, version=version), {}).version == sent


def test_setting_a_quantity_leaves_the_set_it_was_made_from_alone():
    before = WarehouseSet.from_stock(stock_of(CENTRO, NORTE), {})
    after = before.with_quantity("100", 1).with_quantity("101", 2)
    assert (before.quantities, after.quantities) == ({"100": 15, "101": 25}, {"100": 1, "101": 2})


@pytest.mark.parametrize("locations", [(CENTRO | {"store_id": None},), (CENTRO, CENTRO), (), (FULL,)])
def test_no_set_is_made_of_warehouses_that_are_not_all_known(locations):
    with pytest.raises(ValueError, match=r"told apart|no warehouse"):
        WarehouseSet.from_stock(stock_of(*locations), {})


@pytest.mark.parametrize(("store_id", "quantity"), [("999", 1), ("100", -1), ("100", 1.0), ("100", True)])
def test_another_store_or_what_is_no_count_is_refused(store_id, quantity):
    with pytest.raises(ValueError, match=r"no warehouse 999|whole number"):
        WarehouseSet.from_stock(stock_of(CENTRO), {}).with_quantity(store_id, quantity)


@patient
@given(st.sets(st.integers(1, 99), max_size=6), st.sets(st.integers(1, 99), max_size=6), st.data())
def test_whatever_is_set_the_body_holds_exactly_the_warehouses_shown_and_managed(shown, managed, data):
    expected = sorted(map(str, shown | managed))
    if not expected:
        return
    read = stock_of(*[CENTRO | {"store_id": str(one)} for one in shown])
    places = WarehouseSet.from_stock(read, {str(one): None for one in managed})
    for store_id in data.draw(st.lists(st.sampled_from(expected))):
        places = places.with_quantity(store_id, data.draw(st.integers(0, 9999)))
    assert sorted(one["store_id"] for one in places.body()["locations"]) == expected


# --- publishing -------------------------------------------------------------------------------------------------------

IN_CENTRO = StockLocation("seller_warehouse", 10, "100", "MXP1")


def a_listing(**changes):
    named = {"title": "Lata de tomate", "category_id": "MLM455668", "price": Decimal("1000.004"), "currency_id": "MXN"}
    return NewListing(**{**named, "listing_type_id": "gold_special", "locations": [IN_CENTRO], **changes})


def test_a_listing_is_published_with_its_stock_and_its_user_product_is_kept(world):
    world.will_answer(
        {
            "id": "MLM2198",
            "site_id": "MLM",
            "title": "Lata de tomate",
            "user_product_id": "MLMU123",
            "price": 1000,
            "stock_locations": [{"store_id": "100", "quantity": 10, "network_node_id": "MXP1"}],
            "warnings": [{"code": "item.pictures", "message": "one picture is small"}],
        },
        status=201,
    )
    listing = a_listing(
        attributes={"SELLER_SKU": "0042"}, sale_terms={"WARRANTY_TIME": "90 días"}, pictures=["https://x/1.jpg"]
    )
    made = world.client.publish(listing)
    assert (made.item_id, made.user_product_id, made.price) == ("MLM2198", "MLMU123", Decimal(1000))
    assert [(place.store_id, place.quantity) for place in made.locations] == [("100", 10)]
    assert made.warnings == (Cause("item.pictures", "one picture is small"),)
    assert world.transport.last.name == "POST /items/multiwarehouse"
    assert world.transport.last.json == {
        "title": "Lata de tomate",
        "category_id": "MLM455668",
        "price": 1000,
        "currency_id": "MXN",
        "listing_type_id": "gold_special",
        "condition": "new",
        "buying_mode": "buy_it_now",
        "channels": ["marketplace"],
        "pictures": [{"source": "https://x/1.jpg"}],
        "attributes": [{"id": "SELLER_SKU", "value_name": "0042"}],
        "sale_terms": [{"id": "WARRANTY_TIME", "value_name": "90 días"}],
        "stock_locations": [{"store_id": "100", "network_node_id": "MXP1", "quantity": 10}],
    }


def test_a_family_replaces_the_title_and_a_catalog_product_is_named():
    body = a_listing(title="", family_name="Tomate", catalog_product_id="MLM77").body()
    assert "title" not in body
    assert (body["family_name"], body["catalog_product_id"], body["catalog_listing"]) == ("Tomate", "MLM77", True)


def test_a_listing_made_without_its_user_product_is_still_known(world):
    world.will_answer({"id": "MLM2198"}, status=201)
    assert world.client.publish(a_listing()).user_product_id is None


@pytest.mark.parametrize(
    "changes",
    [
        {"locations": []},
        {"locations": [IN_CENTRO, IN_CENTRO]},
        {"locations": [StockLocation("seller_warehouse", 1, None, None)]},
        {"title": ""},
        {"family_name": "Tomate"},
        {"price": Decimal(0)},
        {"currency_id": "XXX"},
    ],
)
def test_a_listing_ml_would_refuse_cannot_be_made(changes):
    with pytest.raises(ValueError, match=r"store|title|price|currency"):
        a_listing(**changes)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("The fields [stock_locations] are required for requested call", errors.StoreProblem),
        ("Store does not belong to seller: 000", errors.StoreProblem),
        ("Store not found: 000", errors.StoreProblem),
        ("The fields [available_quantity] are invalid for requested call", errors.StockNotModifiable),
    ],
)
def test_a_refused_listing_is_sent_once(world, message, kind):
    world.will_answer({"message": message, "status": 400, "cause": []}, status=400)
    with pytest.raises(kind):
        world.client.publish(a_listing())
    assert len(world.transport.asked) == 1


def test_an_answer_without_an_id_leaves_the_outcome_unknown(world):
    world.will_answer({}, status=201)
    with pytest.raises(errors.BadResponse) as caught:
        world.client.publish(a_listing())
    assert caught.value.outcome_unknown


def test_nothing_is_published_while_the_switch_is_off():
    world = World(may_write=False)
    with pytest.raises(errors.WritesDisabled):
        world.client.publish(a_listing())
    assert world.transport.asked == []
