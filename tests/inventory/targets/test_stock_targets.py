"""The tables that decide how a quantity is written and how large it is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.targets.allocation import Place, allocate
from inventory.targets.stock_targets import (
    Dialect,
    Facts,
    Lamp,
    Reason,
    choose,
    lamp_of,
    missing_sales,
    unit_key,
    wanted_by_store,
    wanted_quantity,
)

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("facts", "dialect", "reason"),
    [
        (Facts(), Dialect.ITEM, Reason.PLAIN_ITEM),
        (Facts(variation_id=11), Dialect.ITEM_VARIATIONS, Reason.HAS_VARIATIONS),
        (Facts(variation_id=11, user_product_id="MLAU1"), Dialect.ITEM_VARIATIONS, Reason.HAS_VARIATIONS),
        (Facts(user_product_id="MLAU1"), Dialect.USER_PRODUCT, Reason.USER_PRODUCT),
        (Facts(status="paused"), Dialect.ITEM, Reason.PLAIN_ITEM),
        (Facts(status="closed"), Dialect.BLOCKED, Reason.CLOSED),
        (Facts(status="under_review"), Dialect.BLOCKED, Reason.UNDER_REVIEW),
        (Facts(status="inactive"), Dialect.BLOCKED, Reason.INACTIVE),
        (Facts(status="payment_required"), Dialect.BLOCKED, Reason.PAYMENT_REQUIRED),
        (Facts(is_gone=True), Dialect.BLOCKED, Reason.GONE),
        (Facts(is_kit=True), Dialect.BLOCKED, Reason.KIT),
        (Facts(logistic_type="fulfillment"), Dialect.FULL, Reason.IN_FULL),
        (Facts(inventory_id="ABCD12345"), Dialect.FULL, Reason.IN_FULL),
        (
            Facts(inventory_id="A1", user_product_id="MLAU1", shipping_tags=("self_service_in",)),
            Dialect.SELLING_ADDRESS,
            Reason.FULL_AND_FLEX,
        ),
        (
            Facts(site_id="MLB", inventory_id="A1", user_product_id="MLBU1", shipping_tags=("self_service_in",)),
            Dialect.FULL,
            Reason.FLEX_NOT_APART,
        ),
        (
            Facts(manages_warehouses=True, user_product_id="MLAU1"),
            Dialect.SELLER_WAREHOUSE,
            Reason.WAREHOUSE_SELLER,
        ),
        (
            Facts(manages_warehouses=True, user_product_id="MLAU1", variation_id=11),
            Dialect.SELLER_WAREHOUSE,
            Reason.WAREHOUSE_SELLER,
        ),
        (Facts(manages_warehouses=True), Dialect.BLOCKED, Reason.NO_USER_PRODUCT),
        (
            Facts(manages_warehouses=True, user_product_id="MLAU1", logistic_type="fulfillment"),
            Dialect.FULL,
            Reason.IN_FULL,
        ),
        (
            Facts(manages_warehouses=True, user_product_id="MLAU1", inventory_id="A1"),
            Dialect.SELLER_WAREHOUSE,
            Reason.BESIDE_FULL,
        ),
    ],
)
def test_the_call_that_writes_a_quantity(facts, dialect, reason):
    chosen = choose(facts)

    assert (chosen.dialect, chosen.reason) == (dialect, reason)


@pytest.mark.parametrize(
    ("facts", "key"),
    [
        (Facts(), "MLA1"),
        (Facts(variation_id=11, user_product_id="MLAU1"), "MLA1"),
        (Facts(user_product_id="MLAU1"), "MLAU1"),
        (Facts(manages_warehouses=True, variation_id=11, user_product_id="MLAU1"), "MLAU1"),
        (Facts(manages_warehouses=True), "MLA1"),
        (Facts(status="closed", user_product_id="MLAU1"), "MLAU1"),
    ],
)
def test_what_one_push_writes(facts, key):
    assert unit_key(facts, item_id="MLA1") == key


@pytest.mark.parametrize(
    ("available", "buffer", "units", "wanted"),
    [
        ({}, 0, 1, 0),
        ({1: 5}, 0, 1, 5),
        ({1: 5, 2: 3}, 0, 1, 8),
        ({1: 5, 2: -3}, 0, 1, 2),
        ({1: -5}, 0, 1, 0),
        ({1: 5}, 2, 1, 3),
        ({1: 5}, 9, 1, 0),
        ({1: 11}, 0, 6, 1),
        ({1: 13}, 2, 6, 1),
        ({1: 5}, 0, 6, 0),
    ],
)
def test_how_many_sales_the_units_are_good_for(available, buffer, units, wanted):
    assert wanted_quantity(available, buffer=buffer, units=units) == wanted


@pytest.mark.parametrize(
    ("available", "buffer", "units", "wanted"),
    [
        ([("a", 5), ("b", 3)], 0, 1, {"a": 5, "b": 3}),
        ([("a", 5), ("b", 3)], 2, 1, {"a": 5, "b": 1}),
        ([("a", 5), ("b", 3)], 4, 1, {"a": 4, "b": 0}),
        ([("a", 5), ("b", -2)], 0, 1, {"a": 3, "b": 0}),
        ([("a", -2), ("b", 3)], 0, 1, {"a": 0, "b": 1}),
        ([("a", 5), ("b", 3)], 0, 2, {"a": 2, "b": 1}),
        ([("a", -9), ("b", 3)], 0, 1, {"a": 0, "b": 0}),
    ],
)
def test_how_many_sales_each_store_is_good_for(available, buffer, units, wanted):
    assert wanted_by_store(available, buffer=buffer, units=units) == wanted


@given(
    st.lists(st.integers(-20, 50), max_size=5),
    st.integers(0, 30),
    st.integers(1, 7),
)
def test_stores_never_show_more_than_there_is(units_there, buffer, units):
    available = [(str(number), there) for number, there in enumerate(units_there)]

    by_store = wanted_by_store(available, buffer=buffer, units=units)

    whole = wanted_quantity(dict(enumerate(units_there)), buffer=buffer, units=units)
    assert all(quantity >= 0 for quantity in by_store.values())
    assert sum(by_store.values()) <= whole


@pytest.mark.parametrize(
    ("baseline", "shown", "known_units", "units", "missing"),
    [
        (5, 5, 0, 1, 0),
        (5, 3, 0, 1, 2),
        (5, 3, 2, 1, 0),
        (5, 3, 1, 1, 1),
        (5, 7, 0, 1, 0),
        (5, 4, 6, 6, 0),
        (5, 4, -3, 1, 1),
    ],
)
def test_sales_that_no_order_explains(baseline, shown, known_units, units, missing):
    assert missing_sales(baseline=baseline, shown=shown, known_units=known_units, units=units) == missing


@pytest.mark.parametrize(
    ("wanted", "accepted", "accepted_ago", "observed", "lamp"),
    [
        (5, 5, 10, 5, Lamp.EQUAL),
        (5, None, None, 5, Lamp.EQUAL),
        (5, None, None, 3, Lamp.WAITING),
        (5, 4, 10, 4, Lamp.WAITING),
        (5, 5, 10, 3, Lamp.ACCEPTED),
        (5, 5, 10, None, Lamp.ACCEPTED),
        (5, 5, 1000, 3, Lamp.DRIFT),
    ],
)
def test_how_the_three_numbers_stand(wanted, accepted, accepted_ago, observed, lamp):
    accepted_at = None if accepted_ago is None else NOW - timedelta(seconds=accepted_ago)

    found = lamp_of(wanted=wanted, accepted=accepted, accepted_at=accepted_at, observed=observed, now=NOW)

    assert found == lamp


CENTRO, NORTE = Place(1, "s1", "n1"), Place(2, "s2", "n2")


@pytest.mark.parametrize(
    ("options", "taken_from"),
    [
        ({"available": {1: 5, 2: 5}}, 1),
        ({"available": {1: 2, 2: 5}}, 2),
        ({"available": {1: 2, 2: 1}}, 1),
        ({"available": {1: 1, 2: 2}}, 2),
        ({"available": {}}, 1),
        ({"available": {1: -4, 2: -1}}, 2),
        ({"available": {1: 5, 2: 0}, "store_id": "s2"}, 2),
        ({"available": {1: 5, 2: 0}, "node_id": "n2"}, 2),
        ({"available": {1: 5, 2: 0}, "store_id": "unknown"}, 1),
        ({"available": {1: 5, 2: 5}, "already": [2]}, 2),
        ({"available": {1: 5, 2: 5}, "already": [2], "store_id": "s1"}, 2),
        ({"available": {1: 5}, "already": [9]}, 9),
    ],
)
def test_the_warehouse_a_sale_takes_from(options, taken_from):
    assert allocate(quantity=3, places=[CENTRO, NORTE], **options) == {taken_from: 3}


SUR = Place(3, "s3", "n3")


@pytest.mark.parametrize(
    ("places", "available", "taken_from"),
    [
        # the seller's order decides between warehouses that have it all, whatever their numbers are
        ([CENTRO, NORTE, SUR], {1: 3, 2: 9, 3: 9}, 1),
        ([SUR, NORTE, CENTRO], {1: 3, 2: 9, 3: 9}, 3),
        ([NORTE, SUR, CENTRO], {1: 9, 2: 2, 3: 3}, 3),
        # where none has it all: the one that has most, of equals the most preferred
        ([CENTRO, NORTE, SUR], {1: 1, 2: 2, 3: 2}, 2),
        ([CENTRO, SUR, NORTE], {1: 1, 2: 2, 3: 2}, 3),
        ([CENTRO, NORTE, SUR], {1: -1, 2: -1, 3: -1}, 1),
        # what the seller does not sell from is never taken, however much is there
        ([NORTE], {1: 99, 2: 0}, 2),
        ([NORTE, SUR], {1: 99, 2: 1, 3: 2}, 3),
    ],
)
def test_priority_and_exclusion_decide_where_a_sale_takes_from(places, available, taken_from):
    assert allocate(quantity=3, places=places, available=available) == {taken_from: 3}


@given(
    st.integers(1, 20),
    st.lists(st.integers(1, 9), min_size=1, max_size=6, unique=True),
    st.dictionaries(st.integers(1, 9), st.integers(-5, 30)),
)
def test_a_sale_takes_all_its_units_from_one_of_the_sellers_warehouses(quantity, ids, available):
    places = [Place(one) for one in ids]

    taken = allocate(quantity=quantity, places=places, available=available)

    ((warehouse_id, units),) = taken.items()
    assert (units, warehouse_id in ids) == (quantity, True)
    if any(available.get(one, 0) >= quantity for one in ids):
        assert available[warehouse_id] >= quantity
    assert taken == allocate(quantity=quantity, places=list(places), available=dict(available))


@pytest.mark.parametrize(("quantity", "places"), [(0, [CENTRO]), (3, [])])
def test_nothing_is_taken_from_nowhere(quantity, places):
    assert allocate(quantity=quantity, places=places, available={1: 5}) == {}
