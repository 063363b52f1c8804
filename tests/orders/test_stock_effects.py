"""The table of `orders.stock_effects`, as a table."""

from itertools import product

import pytest

from orders.stock_effects import (
    CALLED_OFF,
    GONE,
    HERE,
    ORDER_STATUSES,
    OURS,
    PARCEL_STATUSES,
    SOLD,
    WAITING,
    Effect,
    Parcel,
    Reason,
    Sale,
    effect_of,
)
from orders.wording import REASON


def verdict(status="paid", *tags, parcel=None, **facts):
    found = effect_of(Sale(status=status, tags=frozenset(tags), parcel=parcel, **facts))
    return found.effect.value, found.reason.value


def parcel(status, substatus="", logistic_type="cross_docking"):
    return Parcel(status, substatus, logistic_type)


def expected_of_ours(status, parcel_status):
    if parcel_status in GONE:
        return Effect.SHIP
    return Effect.RELEASE if status in CALLED_OFF else Effect.RESERVE


@pytest.mark.parametrize("parcel_status", sorted(PARCEL_STATUSES))
def test_every_documented_state_of_our_own_parcels(parcel_status):
    states = list(product(sorted(ORDER_STATUSES), sorted(OURS)))

    found = [effect_of(Sale(status=status, parcel=Parcel(parcel_status, "", way))).effect for status, way in states]

    assert found == [expected_of_ours(status, parcel_status) for status, _ in states]


@pytest.mark.parametrize("parcel_status", sorted(PARCEL_STATUSES | {"beamed"}))
def test_full_is_never_ours(parcel_status):
    parcel = Parcel(parcel_status, "", "fulfillment")

    found = {effect_of(Sale(status=status, parcel=parcel)).effect for status in ORDER_STATUSES | {"brand_new"}}

    assert found == {Effect.FULL}


@pytest.mark.parametrize("status", sorted(SOLD))
def test_a_sale_without_a_parcel_is_held(status):
    assert verdict(status)[0] == "reserve"


@pytest.mark.parametrize("status", sorted(WAITING))
def test_an_unpaid_sale_is_held_once_ml_took_the_units(status):
    assert verdict(status, taken=False) == ("none", "waiting_for_payment")
    assert verdict(status, taken=True) == ("reserve", "sold")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Sale(status="cancelled"), ("release", "cancelled")),
        (Sale(status="cancelled", cancel_code="pack_splitted"), ("release", "split")),
        (Sale(status="cancelled", parcel=parcel("cancelled", "pack_splitted"), cancel_code="pack_splitted"),
         ("release", "split")),
        (Sale(status="invalid"), ("release", "invalid")),
        (Sale(status="cancelled", parcel=parcel("shipped")), ("ship", "count_back")),
        (Sale(status="cancelled", left=True, parcel=parcel("cancelled")), ("ship", "count_back")),
        (Sale(status="cancelled", parcel=parcel("not_delivered", "returning_to_sender")), ("ship", "coming_back")),
        (Sale(status="cancelled", parcel=parcel("not_delivered", "returned")), ("ship", "came_back")),
        (Sale(status="cancelled", parcel=Parcel("handling", "", "new_way")), ("release", "cancelled")),
        (Sale(status="pending_cancel"), ("reserve", "being_cancelled")),
        (Sale(status="partially_refunded"), ("reserve", "partly_refunded")),
        (Sale(status="partially_refunded", parcel=parcel("delivered")), ("ship", "shipped")),
        (Sale(status="paid", parcel=parcel("cancelled")), ("reserve", "parcel_cancelled")),
        (Sale(status="paid", parcel=parcel("cancelled", "shipped_outside_me")), ("ship", "shipped")),
        (Sale(status="paid", parcel=parcel("ready_to_ship", "printed")), ("reserve", "sold")),
        (Sale(status="paid", parcel=parcel("ready_to_ship", "picked_up")), ("ship", "shipped")),
        (Sale(status="paid", parcel=parcel("ready_to_ship", "dropped_off")), ("ship", "shipped")),
        (Sale(status="paid", parcel=parcel("ready_to_ship", "in_hub")), ("ship", "shipped")),
        (Sale(status="paid", parcel=parcel("pending", "buffered")), ("reserve", "sold")),
        (Sale(status="paid", left=True, parcel=parcel("handling")), ("ship", "shipped")),
        (Sale(status="paid", tags=frozenset({"delivered", "no_shipping"})), ("ship", "shipped")),
        (Sale(status="paid", tags=frozenset({"fraud_risk_detected"})), ("reserve", "do_not_ship")),
        (Sale(status="cancelled", tags=frozenset({"fraud_risk_detected"})), ("release", "cancelled")),
        (Sale(status="paid", tags=frozenset({"unfulfilled"}), refunded=True), ("release", "refunded")),
        (Sale(status="paid", tags=frozenset({"unfulfilled"})), ("reserve", "sold")),
        (Sale(status="paid", listing_logistic_type="fulfillment"), ("full", "full_by_listing")),
        (Sale(status="paid", listing_logistic_type="fulfillment", parcel=parcel("pending", "", "self_service")),
         ("reserve", "sold")),
        (Sale(status="paid", listing_logistic_type="fulfillment", tags=frozenset({"no_shipping"})),
         ("reserve", "sold")),
        (Sale(status="brand_new"), ("unknown", "unknown_status")),
        (Sale(status="brand_new", parcel=parcel("shipped")), ("unknown", "unknown_status")),
        (Sale(status="paid", parcel=parcel("beamed")), ("reserve", "unknown_parcel")),
        (Sale(status="paid", parcel=Parcel("handling", "", "new_way")), ("reserve", "unknown_logistics")),
    ],
)  # fmt: skip
def test_the_table(given, expected):
    found = effect_of(given)

    assert (found.effect.value, found.reason.value) == expected


def test_no_parcel_status_is_both_here_and_gone():
    assert not HERE & GONE
    assert not SOLD & WAITING & CALLED_OFF


def test_every_reason_has_words_for_staff():
    assert set(REASON) == set(Reason)
