"""Workers of the lane of orders on a machine whose clock is an hour off."""

from datetime import timedelta

import pytest
from django.db import transaction

from mercadolibre.resources.shipments import Shipment as WireShipment
from orders.imports.incoming import save_shipments
from orders.models import Order, Run
from sellers import clock
from sellers.models import SyncCursor, Work
from sellers.queue import work
from tests.wrong_clock import another_hour

BOTH_WAYS = pytest.mark.parametrize("hours", [1, -1])


def test_a_poll_whose_clock_is_behind_finds_the_sale_of_this_minute(world, account, item_id, work_off):
    sold = world.sell(item_id, 1)
    work.bump(account_id=account.pk, kind="order_poll", key="")

    with another_hour(-1, world=world):
        work_off()

    assert list(Order.objects.values_list("pk", flat=True)) == [sold.id]


def test_a_lagging_replica_is_not_believed_by_a_clock_that_is_ahead(world, account, item_id, mug, look, shelf):
    sold = world.sell(item_id, 2)
    look(sold.id)
    world.clock.advance(seconds=60)
    world.cancel(sold.id)
    look(sold.id)
    world.faults.add("STALE_READ", path=f"/orders/{sold.id}", times=2)
    work.bump(account_id=account.pk, kind="order", key=str(sold.id))

    with another_hour(1, world=world):
        work.drain(0, who="test", seconds=1, batch=1)

    assert Work.objects.get(kind="order").state == "ready"


@BOTH_WAYS
def test_the_times_of_a_run_are_the_database_s(world, account, item_id, work_off, hours):
    world.sell(item_id, 1)
    work.bump(account_id=account.pk, kind="order_poll", key="")

    with another_hour(hours, world=world):
        work_off()

    run, cursor = Run.objects.get(), SyncCursor.objects.get(stream="orders")
    times = [run.until, run.began_at, run.read_at, cursor.full_pass_at]
    assert max(abs(at - clock.now()) for at in times) < timedelta(minutes=1)


@BOTH_WAYS
def test_a_parcel_of_which_nobody_says_when_it_left_has_left_now_by_the_database(account, hours):
    fetched = WireShipment.from_json({"id": 7, "status": "shipped"})

    with another_hour(hours), transaction.atomic():
        stored = save_shipments(account, [fetched], asked_at=clock.now())

    assert abs(stored[7].left_at - clock.now()) < timedelta(minutes=1)


@BOTH_WAYS
def test_when_an_order_was_asked_for_is_told_by_the_database(world, item_id, look, hours):
    """Notifications that came after it are told from those that came before, by the same clock."""
    sold = world.sell(item_id, 1)

    with another_hour(hours, world=world):
        look(sold.id)

    assert abs(Order.objects.get().fetched_at - clock.now()) < timedelta(minutes=1)
