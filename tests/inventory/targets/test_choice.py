"""Which call writes a quantity: every combination of the facts that matter, against the rule told another way."""

from collections import Counter
from itertools import product

import pytest

from inventory.targets.stock_targets import (
    Choice,
    Dialect,
    Facts,
    Reason,
    at_most,
    choose,
    most_units,
    of_stores,
    unit_key,
)
from inventory.targets.words import REASONS

FACTS = {
    "site_id": ["MLA", "MLC", "MLB", "MLM"],
    "manages_warehouses": [False, True],
    "status": ["active", "paused", "closed", "under_review", "inactive", "payment_required", "not_yet_active"],
    "sub_status": [(), ("out_of_stock",), ("paused_by_seller",)],
    "variation_id": [0, 11],
    "user_product_id": ["", "MLAU1"],
    "inventory_id": ["", "ABCD12345"],
    "logistic_type": ["", "cross_docking", "fulfillment"],
    "shipping_tags": [(), ("self_service_in",)],
    "is_kit": [False, True],
    "is_gone": [False, True],
    "is_migrated": [False, True],
}
# Of a Global Selling seller: an item, or a listing of it on a marketplace.
GLOBAL = FACTS | {"site_id": ["CBT"], "is_of_marketplace": [False, True]}
EVERYTHING = [
    Facts(**dict(zip(facts, values, strict=True))) for facts in (FACTS, GLOBAL) for values in product(*facts.values())
]
EVERYTHING += [facts._replace(is_frozen=True) for facts in EVERYTHING if facts.site_id in ("MLA", "CBT")]

# What each call is for, in the words of Mercado Libre's pages. A listing that may be written fits exactly one line.
CALLS = {
    Dialect.GLOBAL: lambda f: f.site_id == "CBT" and f.logistic_type != "fulfillment",
    Dialect.SELLER_WAREHOUSE: lambda f: local(f) and f.manages_warehouses and f.user_product_id and sends_itself(f),
    Dialect.SELLING_ADDRESS: lambda f: (
        not f.manages_warehouses and in_full(f) and flex(f) and f.user_product_id and f.site_id in ("MLA", "MLC")
    ),
    Dialect.ITEM_VARIATIONS: lambda f: local(f) and not f.manages_warehouses and not in_full(f) and f.variation_id,
    Dialect.USER_PRODUCT: lambda f: (
        local(f) and not f.manages_warehouses and not in_full(f) and not f.variation_id and f.user_product_id
    ),
    Dialect.ITEM: lambda f: (
        local(f) and not f.manages_warehouses and not in_full(f) and not f.variation_id and not f.user_product_id
    ),
}


def local(facts):
    return facts.site_id != "CBT"


def in_full(facts):
    return facts.inventory_id != "" or facts.logistic_type == "fulfillment"


def flex(facts):
    return "self_service_in" in facts.shipping_tags


def sends_itself(facts):
    """The seller ships at least some of the sales: not all of them leave from Full."""
    return flex(facts) or facts.logistic_type != "fulfillment"


def is_open(facts):
    """Nothing about the listing itself forbids a quantity."""
    theirs = facts.is_gone or facts.is_kit or facts.is_migrated or facts.is_of_marketplace or facts.is_frozen
    by_hand = facts.status == "paused" and "paused_by_seller" in facts.sub_status
    return not theirs and not by_hand and facts.status in ("active", "paused", "not_yet_active")


def test_every_combination_is_written_by_the_one_call_that_is_for_it_or_not_at_all():
    written = Counter()
    for facts in EVERYTHING:
        fitting = [call for call, is_for in CALLS.items() if is_open(facts) and is_for(facts)]
        chosen = choose(facts)
        assert len(fitting) <= 1
        assert [chosen.dialect] == fitting or (not fitting and not chosen.dialect.is_written), facts
        written[chosen.dialect] += 1
    assert set(written) == set(Dialect)  # no call is only on paper
    assert sum(written.values()) == 64512 + 32256 + 16128 + 32256  # and frozen, at one site and everywhere


def test_full_is_never_written_whatever_else_is_true():
    for facts in EVERYTHING:
        if facts.logistic_type == "fulfillment" and (not flex(facts) or facts.site_id == "CBT"):
            assert not choose(facts).dialect.is_written


def test_what_is_blocked_is_never_blamed_on_full_and_the_other_way_round():
    for facts in EVERYTHING:
        chosen = choose(facts)
        assert (chosen.dialect is Dialect.FULL) == (chosen.reason in (Reason.IN_FULL, Reason.FLEX_NOT_APART))
        if chosen.dialect is Dialect.FULL:
            assert is_open(facts)
            assert in_full(facts)


def test_listings_that_share_a_user_product_share_the_key_where_stock_is_by_place():
    for facts in EVERYTHING:
        key = unit_key(facts, item_id="MLA1")
        by_place = choose(facts).dialect in (Dialect.SELLER_WAREHOUSE, Dialect.SELLING_ADDRESS)
        if by_place:
            assert key == facts.user_product_id
        if not facts.user_product_id:
            assert key == "MLA1"


def test_every_reason_has_words_and_is_given_for_something():
    given = {choose(facts).reason for facts in EVERYTHING}
    by_stores = {Reason.NO_LINKED_STORE, Reason.SEVERAL_STORES}

    assert given | by_stores | {Reason.ZERO_REFUSED, Reason.MIXED_PRODUCTS} == set(Reason) == set(REASONS)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (Facts(status="closed"), Reason.CLOSED),
        (Facts(status="closed", is_migrated=True), Reason.MOVED),
        (Facts(is_migrated=True), Reason.MOVING),
        (Facts(is_frozen=True), Reason.SHAPE_CHANGED),
        (Facts(is_frozen=True, manages_warehouses=True, user_product_id="MLAU1"), Reason.SHAPE_CHANGED),
        (Facts(status="under_review", sub_status=("held",)), Reason.UNDER_REVIEW),
        (Facts(status="under_review", sub_status=("waiting_for_patch",)), Reason.UNDER_REVIEW),
        (Facts(status="inactive"), Reason.INACTIVE),
        (Facts(status="payment_required"), Reason.PAYMENT_REQUIRED),
        (Facts(status="paused", sub_status=("paused_by_seller",)), Reason.PAUSED_BY_SELLER),
        (Facts(status="paused", sub_status=("paused_by_seller",), manages_warehouses=True), Reason.PAUSED_BY_SELLER),
        (Facts(status="paused", sub_status=("out_of_stock",)), Reason.PLAIN_ITEM),
        (Facts(status="paused", sub_status=("picture_downloading_pending",)), Reason.PLAIN_ITEM),
        (Facts(status="paused"), Reason.PLAIN_ITEM),
        (Facts(status="active", sub_status=("warning",)), Reason.PLAIN_ITEM),
    ],
)
def test_a_listing_that_is_not_touched_says_why(facts, reason):
    assert choose(facts).reason is reason


def test_a_global_item_is_written_as_one_whatever_its_user_products_are():
    shared = {"site_id": "CBT", "user_product_id": "CBTU1"}

    assert choose(Facts(**shared)) == choose(Facts(**shared, variation_id=11)) == (Dialect.GLOBAL, Reason.GLOBAL_ITEM)
    assert unit_key(Facts(**shared), item_id="CBT1") == unit_key(Facts(**shared, variation_id=11), item_id="CBT1")
    assert unit_key(Facts(**shared), item_id="CBT1") == "CBT1"
    assert choose(Facts(**shared, is_of_marketplace=True)) == (Dialect.BLOCKED, Reason.OF_MARKETPLACE)
    assert choose(Facts(**shared, logistic_type="fulfillment")) == (Dialect.FULL, Reason.IN_FULL)


@pytest.mark.parametrize(
    ("several", "linked", "chosen"),
    [
        (False, 0, Choice(Dialect.BLOCKED, Reason.NO_LINKED_STORE)),
        (True, 0, Choice(Dialect.BLOCKED, Reason.NO_LINKED_STORE)),
        (False, 1, Choice(Dialect.SELLER_WAREHOUSE, Reason.WAREHOUSE_SELLER)),
        (True, 1, Choice(Dialect.SELLER_WAREHOUSE, Reason.WAREHOUSE_SELLER)),
        (False, 2, Choice(Dialect.BLOCKED, Reason.SEVERAL_STORES)),
        (True, 2, Choice(Dialect.SELLER_WAREHOUSE, Reason.WAREHOUSE_SELLER)),
    ],
)
def test_stores_that_can_be_written(several, linked, chosen):
    facts = Facts(manages_warehouses=True, several_warehouses=several, user_product_id="MLAU1")

    assert of_stores(choose(facts), facts, linked) == chosen


@pytest.mark.parametrize(
    ("condition", "category_id", "most"),
    [
        ("used", "MLA1322", 1),
        ("used", "MLC440714", 1),
        ("used", "MPE455528", 1),
        ("used", "MLM438426", 1),
        ("used", "MLA1577", None),
        ("used", "MLB1322", None),
        ("new", "MLA1322", None),
        ("", "MLA1322", None),
    ],
)
def test_used_things_are_sold_one_at_a_time_in_some_categories(condition, category_id, most):
    assert most_units(condition=condition, category_id=category_id) == most


def test_where_one_may_be_shown_the_most_preferred_store_shows_it():
    assert at_most({"a": 0, "b": 4, "c": 5}, 1) == {"a": 0, "b": 1, "c": 0}
    assert at_most({"a": 4, "b": 4}, 1) == {"a": 1, "b": 0}
