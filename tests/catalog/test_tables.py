"""The pure decisions of the catalog, as tables."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from catalog import lifecycle, listing_rows
from catalog.mapping.suggestions import Candidate, Reason, Suggestion, best, judge, normalised
from catalog.mapping.suggestions import Unit as Wanted
from catalog.prices import pricing
from catalog.prices.pricing import Step, Unit
from mercadolibre.resources.items import Item

D = Decimal


@pytest.mark.parametrize(
    ("own", "product", "units", "decimals", "wanted"),
    [
        (None, None, 1, 2, None),
        (None, D("10.00"), 1, 2, D("10.00")),
        (None, D("10.00"), 3, 2, D("30.00")),
        (D("25.50"), D("10.00"), 3, 2, D("25.50")),
        (D("25.50"), None, 1, 2, D("25.50")),
        (None, D("999.50"), 1, 0, D("1000")),
        (None, D("999.49"), 1, 0, D("999")),
        (D("1990.5"), None, 1, 0, D("1991")),
    ],
)
def test_wanted_price(own, product, units, decimals, wanted):
    assert pricing.wanted_price(own, product, units, decimals) == wanted


@pytest.mark.parametrize(
    ("own", "linked", "price", "floor"),
    [
        (None, [], None, None),
        (None, [Unit(None, None, 1)], None, None),
        (None, [Unit(D(10), D(8), 1), Unit(D(12), D(5), 1)], D(12), D(8)),
        (None, [Unit(D(10), D(8), 2), Unit(D(12), None, 1)], D(20), D(16)),
        (D(99), [Unit(D(10), D(8), 1)], D(99), D(8)),
    ],
)
def test_one_price_and_one_floor_for_all_variations(own, linked, price, floor):
    assert pricing.listing_price(own, linked, 2) == price
    assert pricing.listing_floor(linked) == floor


@pytest.mark.parametrize(
    ("wanted", "floor", "price", "flags", "step"),
    [
        (D(10), None, D(9), {}, Step.SEND),
        (D(10), D(10), D(9), {}, Step.SEND),
        (D(10), None, D(10), {}, Step.UNCHANGED),
        (D(10), None, None, {}, Step.SEND),
        (D(10), D(11), D(10), {}, Step.BELOW_FLOOR),
        (D(10), D(11), D(9), {"frozen": True}, Step.BELOW_FLOOR),
        (D(10), None, D(9), {"frozen": True, "automated": True}, Step.BLOCKED),
        (D(10), None, D(9), {"automated": True, "in_promotion": True}, Step.AUTOMATED),
        (D(10), None, D(9), {"in_promotion": True}, Step.PROMOTION),
    ],
)
def test_decide(wanted, floor, price, flags, step):
    facts = {"frozen": False, "automated": False, "in_promotion": False} | flags
    assert pricing.decide(wanted=wanted, floor=floor, price=price, **facts) == step


@pytest.mark.parametrize(
    ("code", "plain"),
    [("al-5278-neg", "AL5278NEG"), (" AL 5278.NEG ", "AL5278NEG"), ("00012", "00012"), ("--", ""), ("Ñ-1", "1")],
)
def test_normalised(code, plain):
    assert normalised(code) == plain


MUG = {"product_id": 1, "sku": "MUG-350", "name": "Taza de cerámica 350 ml", "gtin": "7790000000017"}


@pytest.mark.parametrize(
    ("seller_sku", "gtin", "title", "sibling", "score", "reason"),
    [
        ("MUG-350", "", "x", False, 100, Reason.EXACT_SKU),
        ("mug 350", "", "x", False, 95, Reason.NORMALISED_SKU),
        ("mug 350", "7790000000017", "x", True, 95, Reason.NORMALISED_SKU),
        ("", "7790000000017", "x", False, 90, Reason.GTIN),
        ("OTHER", "7790000000017", "x", True, 90, Reason.GTIN),
        ("", "", "x", True, 85, Reason.SIBLING),
        ("", "", "Taza de cerámica 350 ml", False, 79, Reason.TITLE),
        ("", "", "TAZA cerámica", False, 79, Reason.TITLE),
    ],
)
def test_a_candidate_is_judged_by_its_strongest_reason(seller_sku, gtin, title, sibling, score, reason):
    found = judge(Wanted(7, seller_sku, gtin, title), Candidate(**MUG, is_sibling=sibling))
    assert (found.score, found.reason) == (score, reason)


def test_nothing_in_common_is_no_suggestion():
    assert judge(Wanted(7, "", "", "Zzz"), Candidate(**MUG)) is None


def test_a_title_alone_never_reaches_bulk():
    found = judge(Wanted(7, "", "", MUG["name"]), Candidate(**MUG))
    assert found.score < 80
    assert not found.for_bulk


def test_products_that_fit_equally_well_are_all_named_and_not_for_bulk():
    twins = [Candidate(1, "AB-1", "One", ""), Candidate(2, "A-B1", "Two", "")]
    found = best(Wanted(7, "ab1", "", "x"), twins)
    assert found == Suggestion(2, "A-B1", "Two", 95, Reason.NORMALISED_SKU, ("AB-1",))
    assert not found.for_bulk


def test_the_exact_sku_wins_over_a_twin_in_spelling():
    twins = [Candidate(1, "AB-1", "One", ""), Candidate(2, "A-B1", "Two", "")]
    found = best(Wanted(7, "AB-1", "", "x"), twins)
    assert (found.product_id, found.score, found.others) == (1, 100, ())
    assert found.for_bulk


@pytest.mark.parametrize(
    ("variation", "item", "effective"),
    [
        ({"SELLER_SKU": "V1", "seller_custom_field": "V2"}, {"SELLER_SKU": "I1", "seller_custom_field": "I2"}, "V1"),
        ({"seller_custom_field": "V2"}, {"SELLER_SKU": "I1", "seller_custom_field": "I2"}, "V2"),
        ({}, {"SELLER_SKU": "I1", "seller_custom_field": "I2"}, "I1"),
        ({}, {"seller_custom_field": "I2"}, "I2"),
        ({}, {}, ""),
        ({"SELLER_SKU": " 007 "}, {}, "007"),
    ],
)
def test_the_order_in_which_ml_looks_for_a_sku(variation, item, effective):
    read = Item.from_json({"id": "MLA1", **holding(item), "variations": [{"id": 5, **holding(variation)}]})
    (row,) = listing_rows.variation_rows(read)
    assert row["seller_sku"] == effective


def holding(skus):
    attributes = [{"id": "SELLER_SKU", "value_name": skus["SELLER_SKU"]}] if "SELLER_SKU" in skus else []
    return {"attributes": attributes, "seller_custom_field": skus.get("seller_custom_field")}


@pytest.mark.parametrize(
    ("status", "sub_status", "price"),
    [
        ("active", [], True),
        ("active", ["warning"], True),
        ("paused", ["out_of_stock"], True),
        ("paused", ["paused_by_seller"], True),
        ("under_review", ["held"], False),
        ("closed", [], False),
        ("inactive", [], False),
        ("payment_required", [], False),
        ("programmed", [], True),
    ],
)
def test_which_price_may_be_written(status, sub_status, price):
    listing = SimpleNamespace(status=status, sub_status=sub_status, missing_since=None, frozen_by="")
    assert bool(lifecycle.may_push_price(listing)) is price
    assert price or lifecycle.may_push_price(listing).reason


@pytest.mark.parametrize(
    ("status", "sub_status", "meaning", "has_todo"),
    [
        ("active", [], "For sale", False),
        ("paused", ["out_of_stock"], "Paused: no stock", True),
        ("paused", ["something_new"], "Paused", True),
        ("brand_new_status", [], "Brand new status", False),
    ],
)
def test_words_of_a_status(status, sub_status, meaning, has_todo):
    words = lifecycle.words_for(status, sub_status)
    assert (str(words.meaning), bool(words.todo)) == (meaning, has_todo)
