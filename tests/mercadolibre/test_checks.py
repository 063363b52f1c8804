import json
from decimal import Decimal

import pytest
from hypothesis import given

from mercadolibre.checks import (
    Package,
    attributes_of_package,
    check_full,
    check_package,
    check_values,
    package_of,
)
from mercadolibre.checks.full import ADDING, CLOSING, COMBINING, REMOVING
from mercadolibre.checks.values import RULES
from mercadolibre.encoding import parse_json
from mercadolibre.resources import Item
from tests.mercadolibre.global_payloads import a_listing, a_parent
from tests.mercadolibre.payloads import BLUE, RED, a_variation, an_item
from tests.mercadolibre.strategies import json_values, patient


def item_of(body):
    return Item.from_json(parse_json(json.dumps(body).encode()))


def package(width="10", height="10", length="10", weight="500"):
    measures = (None if one is None else Decimal(one) for one in (width, height, length, weight))
    return Package(*measures)


def fields_of(refusals):
    return [refusal.field for refusal in refusals]


@pytest.mark.parametrize(
    ("measures", "fields"),
    [
        ({}, []),
        ({"width": "3", "height": "3", "length": "12"}, []),
        ({"width": "2.99"}, ["PACKAGE_WIDTH"]),
        ({"height": "2.99", "length": "2"}, ["PACKAGE_HEIGHT", "PACKAGE_LENGTH", "PACKAGE_VOLUME"]),
        ({"height": "0"}, ["PACKAGE_HEIGHT", "PACKAGE_VOLUME"]),
        ({"weight": "50"}, []),
        ({"weight": "49.9"}, ["PACKAGE_WEIGHT"]),
        ({"width": "4", "height": "5", "length": "5"}, ["PACKAGE_VOLUME"]),  # 100 / 5000 is 0.02: not above it
        ({"width": "4", "height": "5", "length": "5.01"}, []),
        ({"width": None}, ["PACKAGE_WIDTH"]),
        (dict.fromkeys(("width", "height", "length", "weight")), [
            "PACKAGE_WIDTH", "PACKAGE_HEIGHT", "PACKAGE_LENGTH", "PACKAGE_WEIGHT",
        ]),
    ],
)  # fmt: skip
def test_a_package_has_measures_ml_can_ship(measures, fields):
    assert fields_of(check_package(package(**measures))) == fields


def test_a_package_is_written_as_it_is_read():
    written = package(width="10.5", weight="500")
    assert attributes_of_package(written)[0] == {"id": "PACKAGE_WIDTH", "value_name": "10.5 cm"}
    assert package_of(attributes_of_package(written)) == written


def test_a_package_with_a_measure_missing_is_not_written():
    with pytest.raises(ValueError, match="four measures"):
        attributes_of_package(package(weight=None))


def struct(number, unit):
    return {"number": number, "unit": unit}


@pytest.mark.parametrize(
    ("attribute", "grams"),
    [
        ({"value_name": "500 g"}, "500"),
        ({"value_name": "0.7 lb"}, "317.514659"),
        ({"value_name": "1,5 kg"}, "1500"),
        ({"value_struct": struct(2, "kg"), "value_name": "junk"}, "2000"),
        ({"value_struct": None, "values": [{"name": "3 kg", "struct": struct(Decimal("0.5"), "kg")}]}, "500"),
        ({"value_struct": struct(0.5, "kg")}, "500"),  # as a database gives it back
        ({"value_struct": struct(float("nan"), "kg")}, None),
        ({"value_struct": None, "values": [{"name": "60 g", "struct": None}]}, "60"),
        ({"value_name": "5 stones"}, None),
        ({"value_name": "5"}, None),
        ({"value_id": "-1", "value_name": None}, None),
    ],
)
def test_a_measure_is_read_with_its_unit(attribute, grams):
    found = package_of([{"id": "PACKAGE_WEIGHT", **attribute}, {"id": "COLOR", "value_name": "5 g"}, None])
    assert found == Package(weight=None if grams is None else Decimal(grams))


def test_all_four_measures_are_read():
    attributes = [
        {"id": "PACKAGE_WIDTH", "value_name": "20 cm"},
        {"id": "PACKAGE_HEIGHT", "value_name": "50 mm"},
        {"id": "PACKAGE_LENGTH", "value_name": '10 "'},
        {"id": "PACKAGE_WEIGHT", "value_name": "900 g"},
    ]
    assert package_of(attributes) == package("20", "5.0", "25.4", "900")
    assert package_of(attributes).volume == Decimal("0.508")


@patient
@given(json_values)
def test_no_attributes_break_the_reading_of_a_package(attributes):
    assert isinstance(package_of(attributes), Package)


def combination(value):
    return [{"id": "COLOR", "name": "Color", "value_name": value}]


@pytest.fixture
def in_two_colours():
    red, blue = (
        a_variation(one, attribute_combinations=combination(name)) for one, name in ((RED, "Rojo"), (BLUE, "Azul"))
    )
    return item_of(a_parent(variations=[red, blue]))


@pytest.fixture
def plain():
    return item_of(a_parent())


BOTH = [{"id": RED, "available_quantity": 5}, {"id": BLUE}]


@pytest.mark.parametrize(
    ("body", "refusals"),
    [
        ({"status": "closed"}, (CLOSING,)),
        ({"status": "deleted"}, (CLOSING,)),
        ({"status": "paused"}, ()),
        ({"price": 5}, ()),
        ({"variations": BOTH}, ()),
        ({"variations": [{"id": RED}]}, (REMOVING,)),
        ({"variations": []}, (REMOVING,)),
        ({"variations": [*BOTH, {"attribute_combinations": combination("Verde")}]}, ()),
        ({"variations": [{"id": RED, "attribute_combinations": combination("Rojo")}, {"id": BLUE}]}, ()),
        ({"variations": [{"id": RED, "attribute_combinations": combination("Verde")}, {"id": BLUE}]}, (COMBINING,)),
        ({"variations": [{"id": RED, "attribute_combinations": []}, {"id": BLUE}]}, (COMBINING,)),
        (
            {"variations": [{"id": RED, "attribute_combinations": [*combination("Rojo"), *combination("XL")]}]},
            (REMOVING, COMBINING),
        ),
    ],
)
def test_units_in_full_lock_variations_and_closing(in_two_colours, body, refusals):
    assert check_full(in_two_colours, body, has_units=True) == refusals
    assert check_full(in_two_colours, body, has_units=False) == ()


@pytest.mark.parametrize(
    ("body", "refusals"),
    [
        ({"variations": [{"attribute_combinations": combination("Verde")}]}, (ADDING,)),
        ({"variations": []}, ()),
        ({"status": "closed"}, (CLOSING,)),
    ],
)
def test_an_item_in_full_without_variations_gets_none(plain, body, refusals):
    assert check_full(plain, body, has_units=True) == refusals


LOCAL, USED = an_item(), an_item(condition="used", category_id="MLA3114")
FULL = {"shipping": {"logistic_type": "fulfillment"}}


@pytest.mark.parametrize(
    ("body", "values", "fields"),
    [
        (LOCAL, {"title": "x", "condition": "new", "buying_mode": "x"}, ["title", "condition", "buying_mode"]),
        (an_item(sold_quantity=0), {"title": "x", "condition": "new", "buying_mode": "x"}, []),
        (LOCAL, {"status": "closed"}, []),
        (LOCAL, {"status": "deleted"}, ["status", "status"]),
        (a_parent(), {"status": "active"}, []),
        (a_parent(), {"status": "closed"}, ["status"]),
        (a_listing(), {"status": "closed"}, ["status"]),
        (a_listing(), {"status": "deleted"}, ["status"]),
        (a_listing(status="paused"), {"status": "deleted"}, []),
        (a_listing(status="closed"), {"status": "deleted"}, []),
        (LOCAL, {"price": Decimal("0.01")}, []),
        (LOCAL, {"price": 0}, ["price"]),
        (LOCAL, {"price": Decimal(-5)}, ["price"]),
        (LOCAL, {"price": Decimal("NaN")}, ["price"]),
        (LOCAL, {"price": "5"}, ["price"]),
        (LOCAL, {"price": 9_999_999_999}, ["price"]),
        (a_listing(), {"net_proceeds": 45}, []),
        (a_listing(), {"net_proceeds": 0}, ["net_proceeds"]),
        (a_listing(**FULL), {"net_proceeds": 45}, ["net_proceeds"]),
        (LOCAL, {"available_quantity": 0}, []),
        (LOCAL, {"available_quantity": -1}, ["available_quantity"]),
        (LOCAL, {"available_quantity": Decimal("1.5")}, ["available_quantity"]),
        (LOCAL, {"available_quantity": True}, ["available_quantity"]),
        (an_item(listing_type_id="free"), {"available_quantity": 0}, ["available_quantity"]),
        (USED, {"available_quantity": 0}, ["available_quantity"]),
        (USED, {"available_quantity": 1}, []),
        (USED, {"available_quantity": 2}, ["available_quantity"]),
        (USED | {"category_id": "MLA1"}, {"available_quantity": 2}, []),
        (USED | {"condition": "new"}, {"available_quantity": 2}, []),
        (a_listing(), {"available_quantity": 5}, ["available_quantity"]),
        (a_parent(), {"available_quantity": 5}, []),
        (a_parent(), {"site_id": "MLC", "logistic_type": "remote"}, []),
        (a_parent(), {"site_id": "INVALID", "logistic_type": "flex"}, ["site_id", "logistic_type"]),
        (an_item(shipping={}), {"MANUFACTURING_TIME": 45, "PURCHASE_MAX_QUANTITY": 1}, []),
        (an_item(shipping={}), {"MANUFACTURING_TIME": 46}, ["MANUFACTURING_TIME"]),
        (an_item(shipping={}), {"MANUFACTURING_TIME": 0}, ["MANUFACTURING_TIME"]),
        (LOCAL, {"MANUFACTURING_TIME": 20}, ["MANUFACTURING_TIME"]),  # it offers Flex
        (LOCAL, {"MANUFACTURING_TIME": None}, []),
        (an_item(**FULL), {"MANUFACTURING_TIME": 20}, ["MANUFACTURING_TIME"]),
        (LOCAL, {"PURCHASE_MAX_QUANTITY": 0}, ["PURCHASE_MAX_QUANTITY"]),
        (LOCAL, {"something_else": None}, []),
    ],
)
def test_a_value_ml_would_refuse_is_named(body, values, fields):
    refusals = check_values(item_of(body), values)
    assert fields_of(refusals) == fields
    assert all(refusal.reason.endswith(".") for refusal in refusals)


@patient
@given(json_values)
def test_no_value_breaks_a_check(value):
    item = item_of(a_listing())
    for field, _, _ in RULES:
        check_values(item, {field: value})
