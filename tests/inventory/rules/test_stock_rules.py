"""The tables that decide which buffer counts and which listing sells a product's last units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.rules.stock_rules import (
    Contender,
    ProductSays,
    RuleBook,
    Said,
    Scope,
    SellerSays,
    can_sell,
    keeper_of,
    most_specific,
)
from inventory.targets.allocation import Place
from inventory.targets.derivation import LastUnits, Subject, derive, derive_all
from inventory.targets.stock_targets import Facts, Reason, wanted_quantity
from inventory.targets.why_steps import added_up, steps

SHELF = [Place(1)]
WAREHOUSES = Facts(manages_warehouses=True, several_warehouses=True, user_product_id="MLAU1")


@pytest.mark.parametrize(
    ("seller", "product", "listing", "said"),
    [
        (None, None, None, Said(0, Scope.SELLER)),
        (2, None, None, Said(2, Scope.SELLER)),
        (2, 5, None, Said(5, Scope.PRODUCT)),
        (2, 0, None, Said(0, Scope.PRODUCT)),
        (2, 5, 1, Said(1, Scope.LISTING)),
        (2, 5, 0, Said(0, Scope.LISTING)),
        (2, None, 3, Said(3, Scope.LISTING)),
    ],
)
def test_the_most_specific_rule_wins(seller, product, listing, said):
    assert most_specific(seller=seller, product=product, listing=listing) == said


def test_a_listings_buffer_is_that_of_the_stock_it_shares_at_mercado_libre():
    rules = RuleBook({7: SellerSays(2)}, {}, {(7, "MLAU1"): 4})

    assert rules.buffer_of(account_id=7, product_id=1, key="MLAU1") == Said(4, Scope.LISTING)
    assert rules.buffer_of(account_id=7, product_id=1, key="MLA1") == Said(2, Scope.SELLER)
    assert rules.buffer_of(account_id=8, product_id=1, key="MLAU1") == Said(0, Scope.SELLER)


@pytest.mark.parametrize(
    ("status", "sub_status", "can"),
    [
        ("active", [], True),
        ("paused", ["out_of_stock"], True),
        ("paused", [], False),
        ("paused", ["waiting_for_patch"], False),
        ("closed", ["out_of_stock"], False),
    ],
)
def test_whether_buyers_can_buy_once_there_is_stock(status, sub_status, can):
    assert can_sell(status=status, sub_status=sub_status) is can


def contender(listing_id, **facts):
    return Contender(key=(7, f"MLA{listing_id}"), listing_id=listing_id, **({"quantity": 3} | facts))


@pytest.mark.parametrize(
    ("contenders", "preferred", "keeps"),
    [
        ([contender(1), contender(2)], None, 1),
        ([contender(2), contender(1)], None, 1),
        ([contender(1, sold=3), contender(2, sold=9)], None, 2),
        ([contender(1, sold=9, live=False), contender(2)], None, 2),
        ([contender(1, sold=9, able=False), contender(2)], None, 2),
        ([contender(1, sold=9, quantity=0), contender(2)], None, 2),
        ([contender(1), contender(2)], 2, 2),
        ([contender(1), contender(2, live=False)], 2, 2),
        ([contender(1), contender(2, able=False)], 2, 1),
        ([contender(1), contender(2, quantity=0)], 2, 1),
        ([contender(1), contender(2)], 99, 1),
        ([contender(1, able=False), contender(2, quantity=0)], None, None),
        ([], None, None),
    ],
)
def test_who_goes_on_selling_the_last_units(contenders, preferred, keeps):
    keeper = keeper_of(contenders, preferred=preferred)

    assert (keeper and keeper.listing_id) == keeps


def subject(pk, *, account_id=7, product_id=1, facts=None, **more):
    return Subject(pk, account_id, pk, f"MLA{pk}", facts or Facts(), product_id, **more)


def quantities(subjects, *, units, rules, places=None):
    places = places or {7: SHELF, 8: SHELF}
    found = derive_all(subjects, places=places, available={1: units, 2: {1: 50}}, rules=rules)
    return {pk: one.quantity for pk, one in found.items()}


@pytest.mark.parametrize(
    ("units", "rules", "shown"),
    [
        # nobody says anything
        ({1: 3}, RuleBook(), {1: 3, 2: 3, 3: 3}),
        # above the number of units, at it, and at zero
        ({1: 4}, RuleBook({}, {1: ProductSays(last_units=3)}), {1: 4, 2: 4, 3: 4}),
        ({1: 3}, RuleBook({}, {1: ProductSays(last_units=3)}), {1: 3, 2: 0, 3: 0}),
        ({1: 0}, RuleBook({}, {1: ProductSays(last_units=3)}), {1: 0, 2: 0, 3: 0}),
        # staff chose
        ({1: 3}, RuleBook({}, {1: ProductSays(last_units=3, preferred=3)}), {1: 0, 2: 0, 3: 3}),
        # a seller's rule is for the seller's listings: the other seller's go on
        ({1: 3}, RuleBook({7: SellerSays(0, 3)}), {1: 3, 2: 0, 3: 3}),
        ({1: 3}, RuleBook({8: SellerSays(0, 3)}), {1: 3, 2: 3, 3: 3}),
        # under two sellers' rules one listing of all keeps selling
        ({1: 3}, RuleBook({7: SellerSays(0, 3), 8: SellerSays(0, 5)}), {1: 3, 2: 0, 3: 0}),
        # a product's zero switches the seller's rule off
        ({1: 3}, RuleBook({7: SellerSays(0, 3)}, {1: ProductSays(last_units=0)}), {1: 3, 2: 3, 3: 3}),
        # the buffer comes first: with nothing left to sell the rule takes nothing from anybody
        ({1: 3}, RuleBook({7: SellerSays(2, 3), 8: SellerSays(9, 3)}), {1: 1, 2: 0, 3: 0}),
        ({1: 3}, RuleBook({7: SellerSays(9, 3), 8: SellerSays(0, 3)}), {1: 0, 2: 0, 3: 3}),
    ],
)
def test_what_three_listings_of_a_product_show(units, rules, shown):
    subjects = [subject(1), subject(2), subject(3, account_id=8)]

    assert quantities(subjects, units=units, rules=rules) == shown


def test_listings_that_share_their_stock_go_on_together():
    shared = Facts(user_product_id="MLAU1")
    subjects = [subject(1), subject(2, facts=shared, sold=9), subject(3, facts=shared)]

    shown = quantities(subjects, units={1: 2}, rules=RuleBook({}, {1: ProductSays(last_units=2)}))

    assert shown == {1: 0, 2: 2, 3: 2}


def test_each_product_has_its_own_last_units():
    subjects = [subject(1), subject(2), subject(3, product_id=2), subject(4, product_id=2)]

    shown = quantities(subjects, units={1: 2}, rules=RuleBook({7: SellerSays(0, 3)}))

    assert shown == {1: 2, 2: 0, 3: 50, 4: 50}


def test_what_is_not_written_or_not_linked_takes_no_part():
    subjects = [
        subject(1, facts=Facts(status="closed"), sold=99),
        subject(2, facts=Facts(logistic_type="fulfillment"), sold=99),
        subject(3, product_id=None, sold=99),
        subject(4),
    ]

    shown = quantities(subjects, units={1: 2}, rules=RuleBook({7: SellerSays(0, 3)}))

    assert shown == {1: None, 2: None, 3: None, 4: 2}


def test_a_listing_that_may_not_show_zero_is_left_as_it_is():
    rules = RuleBook({}, {1: ProductSays(last_units=3)})
    subjects = [subject(1), subject(2, zero_is_fine=False)]

    found = derive_all(subjects, places={7: SHELF}, available={1: {1: 3}}, rules=rules)

    assert found[2].quantity == 0
    assert found[2].choice.reason == Reason.ZERO_REFUSED


def test_stores_of_a_hidden_listing_show_zero():
    places = [Place(1, "s1"), Place(2, "s2"), Place(3)]
    hidden = LastUnits(Said(5), contender(9), keeps=False)

    found = derive(subject(1, facts=WAREHOUSES), places=places, there={1: 2, 2: 1}, rules=RuleBook(), last_units=hidden)

    assert (found.stores, found.quantity, found.last_units.without) == ({"s1": 0, "s2": 0}, 0, 3)


@given(
    st.integers(-30, 60),
    st.integers(0, 20),
    st.integers(1, 7),
    st.booleans(),
    st.integers(0, 3),
)
def test_the_steps_of_why_add_up_to_the_number(available, buffer, units, hidden, not_shown):
    whole = wanted_quantity({1: available}, buffer=buffer, units=units)
    without = max(0, whole - not_shown)
    wanted = 0 if hidden else without

    taken = list(steps(available=available, buffer=buffer, units=units, without_last_units=without, wanted=wanted))

    assert added_up(available, taken) == wanted
