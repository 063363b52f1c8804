"""Pushes by a worker whose clock is an hour off: which sales Mercado Libre's number knew is told by the database."""

from datetime import timedelta

import pytest

from inventory import ledger
from inventory.effects import Demand
from sellers import clock
from sellers.models import Work
from sellers.queue import work
from tests.wrong_clock import another_hour


@pytest.fixture
def stocked(mug, centro):
    def receive(quantity):
        ledger.receive(product=mug, warehouse=centro, quantity=quantity, operation=f"in-{quantity}")

    return receive


@pytest.fixture
def sold(mug, centro):
    """Two mugs, by an order that is in the ledger."""
    return lambda: ledger.set_demand(owner="order:1:0", wanted={(mug.pk, centro.pk): Demand(reserved=2)})


def push_once():
    for claim in work.claim(lane=1, who="test", limit=10):
        work.run(claim)
    return Work.objects.get(kind="stock")


def test_a_clock_that_is_behind_does_not_take_an_old_order_for_the_one_that_is_missing(shop, mug, stocked, sold):
    """It would write over the number that Mercado Libre has just taken a sale from: sold twice."""
    item = shop.open().item(link=mug, available_quantity=8)
    stocked(10)
    sold()
    with another_hour(-1, world=shop.world):
        push_once()
    shop.world.sell(item.id, quantity=2)
    stocked(1)

    row = push_once()

    assert (row.state, row.last_error_class) == ("ready", "TryLater")
    assert item.available_quantity == 6


def test_a_clock_that_is_ahead_waits_for_no_order_that_is_there(shop, mug, stocked, sold):
    item = shop.open().item(link=mug, available_quantity=8)
    stocked(8)
    with another_hour(1, world=shop.world):
        push_once()
    shop.world.sell(item.id, quantity=2)
    sold()
    stocked(1)

    push_once()

    assert item.available_quantity == 7
    assert shop.target(item).settle_rounds == 0


@pytest.mark.parametrize("hours", [1, -1])
def test_the_times_of_the_lamps_and_of_the_listing_are_the_database_s(shop, mug, stocked, hours):
    item = shop.open().item(link=mug, available_quantity=3)
    with another_hour(hours, world=shop.world):
        stocked(8)
        push_once()

    target = shop.target(item)
    times = [target.wanted_at, target.accepted_at, target.observed_at, target.variation.listing.seen_at]
    assert max(abs(at - clock.now()) for at in times) < timedelta(minutes=1)
