"""The key safety property: a write never leaves a variation out, because ML deletes what is left out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercadolibre.client import VariationSet
from mercadolibre.errors import IncompleteVariations
from mercadolibre.resources import Item
from mercadolibre.variations import NewVariation, check_item_body, check_marketplace_body
from tests.mercadolibre.payloads import BLUE, GREEN, RED, a_variation, an_item, an_item_in_three_colours
from tests.mercadolibre.strategies import patient


@pytest.fixture
def item():
    return Item.from_json(an_item_in_three_colours(price=900, base_price=900))


@pytest.fixture
def plain():
    return Item.from_json(an_item(price=900, base_price=900))


def test_a_set_carries_every_id_and_sends_those_that_stay_with_their_id_alone(item):
    wanted = VariationSet.from_item(item).with_quantity(BLUE, 8)
    assert wanted.stock_body() == [{"id": RED}, {"id": BLUE, "available_quantity": 8}, {"id": GREEN}]


def test_a_price_goes_to_every_variation(item):
    assert VariationSet.from_item(item).price_body(Decimal("10.50")) == [
        {"id": one, "price": Decimal("10.50")} for one in (RED, BLUE, GREEN)
    ]


def test_setting_a_quantity_leaves_the_set_it_was_made_from_alone(item):
    before = VariationSet.from_item(item)
    before.with_quantity(RED, 1).with_quantity(BLUE, 2)
    assert before.quantities == {}
    with pytest.raises(TypeError):
        before.quantities[RED] = 1


def test_an_id_the_item_does_not_have_is_refused(item):
    with pytest.raises(ValueError, match="has no variation 5"):
        VariationSet.from_item(item).with_quantity(5, 1)


@pytest.mark.parametrize("quantity", [-1, 1.0, True, "1", None, 2**31])
def test_a_quantity_is_a_whole_number_of_units(item, quantity):
    with pytest.raises(ValueError, match="whole number"):
        VariationSet.from_item(item).with_quantity(RED, quantity)


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        (an_item(), ()),
        (an_item(variations=None), ()),
        (an_item_in_three_colours(), ("variations",)),
        (an_item(variations=[a_variation(RED), a_variation(RED)]), ()),
    ],
)
def test_no_set_is_made_of_an_item_whose_variations_are_not_all_known(body, missing):
    item = Item.from_json({**body, "price": 1, "base_price": 1}, missing=missing)
    with pytest.raises(IncompleteVariations):
        VariationSet.from_item(item)


@pytest.mark.parametrize(
    "body",
    [
        {"variations": [{"id": RED, "available_quantity": 1}]},
        {"variations": [{"id": RED}, {"id": BLUE}]},
        {"variations": [{"id": RED}, {"id": BLUE}, {"id": BLUE}]},
        {"variations": [{"id": RED}, {"id": BLUE}, {"id": 5}]},
        {"variations": [{"id": RED}, {"id": BLUE}, {"id": GREEN}, {"id": 5}]},
        {"variations": [{"id": RED}, {"id": BLUE}, {"available_quantity": 1}]},
        {"variations": []},
        {"available_quantity": 5},
        {"price": 5},
        {"available_quantity": 5, "variations": [{"id": RED}, {"id": BLUE}, {"id": GREEN}]},
    ],
)
def test_a_body_without_exactly_the_ids_read_is_never_sent(item, body):
    with pytest.raises(IncompleteVariations):
        check_item_body(item, body)


@pytest.mark.parametrize(
    "body",
    [
        {"available_quantity": 5, "price": 5},
        {"net_proceeds": 5, "price": 5},
        {"price": 5, "variations": [{"id": RED, "available_quantity": 1}]},
        {"variations": [{"id": RED, "available_quantity": 1, "price": 5}]},
        {"variations": [{"id": RED, "available_quantity": 1}, {"id": BLUE, "price": 5}]},
    ],
)
def test_stock_and_price_never_go_together(item, plain, body):
    for one in (item, plain):
        with pytest.raises(ValueError, match="same body"):
            check_item_body(one, body)


@pytest.mark.parametrize("body", [{"available_quantity": 5}, {"price": 5}, {"status": "paused"}])
def test_an_item_without_variations_takes_a_plain_body(plain, body):
    check_item_body(plain, body)


def test_an_item_without_variations_takes_no_variations(plain):
    with pytest.raises(IncompleteVariations):
        check_item_body(plain, {"variations": [{"id": RED}]})


def test_a_body_may_bring_a_new_variation_beside_all_that_were_read(item):
    new = NewVariation({"COLOR": "Blue"}, 5, "M-BLUE")
    body = VariationSet.from_item(item).with_new(new)
    check_item_body(item, {"variations": body})
    assert body == [
        *({"id": one} for one in (RED, BLUE, GREEN)),
        {
            "attribute_combinations": [{"id": "COLOR", "value_name": "Blue"}],
            "available_quantity": 5,
            "attributes": [{"id": "SELLER_SKU", "value_name": "M-BLUE"}],
        },
    ]
    with pytest.raises(IncompleteVariations):
        check_item_body(item, {"variations": body[1:]})


@pytest.mark.parametrize("stray", [{"available_quantity": 5}, {"id": None}, {"attribute_combinations": []}])
def test_an_entry_that_is_neither_known_nor_surely_new_is_not_sent(item, stray):
    with pytest.raises(IncompleteVariations):
        check_item_body(item, {"variations": [*({"id": one} for one in (RED, BLUE, GREEN)), stray]})


@pytest.mark.parametrize(("combination", "quantity"), [({}, 1), ({"COLOR": ""}, 1), ({"COLOR": "Blue"}, -1)])
def test_a_new_variation_differs_by_something_and_has_a_quantity(combination, quantity):
    with pytest.raises(ValueError, match=r"differs|quantity"):
        NewVariation(combination, quantity)


@pytest.mark.parametrize("body", [{"variations": [{"id": RED}]}, {"variations": []}, {"available_quantity": 5}])
def test_a_marketplaces_body_names_neither_variations_nor_stock(body):
    with pytest.raises(IncompleteVariations):
        check_marketplace_body({"site_id": "MLC", "logistic_type": "remote", **body})


@pytest.mark.parametrize("body", [{"price": 5}, {"net_proceeds": 5}, {"status": "paused"}])
def test_a_marketplaces_body_has_one_subject(body):
    check_marketplace_body(body)
    with pytest.raises(ValueError, match="same body"):
        check_marketplace_body({"price": 5, "net_proceeds": 5, **body})


def test_a_status_concerns_no_variation(item):
    check_item_body(item, {"status": "paused"})


@patient
@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=20, unique=True), st.data())
def test_whatever_is_set_the_body_holds_exactly_the_ids_read(ids, data):
    item = Item.from_json(an_item(price=1, base_price=1, variations=[{"id": one} for one in ids]))
    wanted = VariationSet.from_item(item)
    for one in data.draw(st.lists(st.sampled_from(ids))):
        wanted = wanted.with_quantity(one, data.draw(st.integers(0, 9999)))
    for entries in (wanted.stock_body(), wanted.price_body(Decimal(5))):
        assert [entry["id"] for entry in entries] == ids
        check_item_body(item, {"variations": entries})
