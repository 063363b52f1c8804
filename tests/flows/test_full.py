"""Whose stock a sale takes is its parcel's matter, also when that is known later or changes."""

import pytest

from inventory.models import FullStock
from inventory.places import full
from orders.models import Order


@pytest.fixture
def both(world, shop, work_off):
    """The mug at CASA is in Full and leaves by Flex too: twelve there, ten here."""
    item = world.items[shop.mug_at_casa]
    world.receive_in_full(item.id, 12)
    item.shipping_tags = ["self_service_in"]
    world.drain_notifications()
    return item


def told(deliver, work_off):
    deliver()
    work_off()


def state(order):
    return Order.objects.get(order_id=order.id).stock_state


def test_a_parcel_that_full_sends_after_all_gives_our_units_back(world, shop, deliver, work_off):
    order = world.sell(shop.mug_at_casa, 2, logistic_type="cross_docking")
    told(deliver, work_off)
    assert (shop.level.reserved, state(order)) == (2, "reserved")

    world.receive_in_full(shop.mug_at_casa, 5)
    world.change_logistic_type(order.id, "fulfillment")
    told(deliver, work_off)

    assert (shop.level.on_hand, shop.level.reserved, state(order)) == (10, 0, "full")
    world.ship(order.id)
    told(deliver, work_off)
    assert (shop.level.on_hand, shop.level.reserved) == (10, 0)


def test_a_parcel_that_full_does_not_send_after_all_takes_our_units(world, shop, deliver, work_off):
    world.receive_in_full(shop.mug_at_casa, 5)
    order = world.sell(shop.mug_at_casa, 2, logistic_type="fulfillment")
    told(deliver, work_off)
    assert (shop.level.reserved, state(order)) == (0, "full")

    world.change_logistic_type(order.id, "cross_docking")
    told(deliver, work_off)
    assert (shop.level.reserved, state(order)) == (2, "reserved")

    world.ship(order.id)
    told(deliver, work_off)
    assert (shop.level.on_hand, shop.level.reserved) == (8, 0)


@pytest.mark.parametrize(
    ("logistic_type", "reserved", "becomes"), [("fulfillment", 0, "full"), ("drop_off", 2, "reserved")]
)
def test_logistics_that_are_known_later_decide_then(world, shop, deliver, work_off, logistic_type, reserved, becomes):
    world.logistic_type_known_after = 300
    order = world.sell(shop.mug_at_casa, 2, logistic_type=logistic_type)
    told(deliver, work_off)
    assert (shop.level.reserved, state(order)) == (2, "reserved")  # the listing is ours, so this is the guess

    world.clock.advance(seconds=301)
    world.run_due()
    told(deliver, work_off)

    assert (shop.level.reserved, state(order)) == (reserved, becomes)


def test_the_pool_in_full_follows_its_own_sales_and_ours_is_left_alone(world, shop, both, deliver, work_off):
    full_order = world.sell(both.id, 3, logistic_type="fulfillment")
    told(deliver, work_off)
    full.schedule()
    work_off()

    assert FullStock.objects.get().available == 9
    assert (shop.level.on_hand, shop.level.reserved, state(full_order)) == (10, 0, "full")
