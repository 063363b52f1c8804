"""Mercado Libre switches a topic off: silence is noticed, orders come in without it, staff is told which it is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Order, Run
from orders.runs import watching
from sellers.models import HeardHour, Hearing, SellerAccount
from sellers.notifications import hearing


@pytest.fixture
def usual(shop):
    """For ten days orders of both sellers were announced every few minutes; the last three hours ago."""
    now = timezone.now()
    SellerAccount.objects.update(connected_at=now - timedelta(days=20))
    hours = [now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=back) for back in range(3, 250)]
    for account in SellerAccount.objects.all():
        HeardHour.objects.bulk_create(
            HeardHour(account=account, topic="orders_v2", hour=hour, minutes=15, last_at=hour) for hour in hours
        )
        Hearing.objects.create(account=account, topic="orders_v2", last_at=hours[0])


def test_a_topic_that_is_off_is_noticed_named_and_read_around(
    shown, world, shop, usual, deliver, work_off, client, owner
):
    world.mailbox.disabled_topics.add("orders_v2")
    sold = world.sell(shop.mug_at_casa, 3)
    deliver()

    watching.watch()
    work_off()

    assert Order.objects.get().pk == sold.id
    assert shown() == (7, 7, 7)
    found = Run.objects.get(account=shop.casa, kind="orders", reason="silence")
    assert (found.state, found.recovered) == ("complete", 1)
    client.force_login(owner)
    body = client.get("/").content.decode()
    assert "CASA_DEL_SUR: notifications stay away longer than chance explains" in body
    assert "Orders (orders_v2)" in body


def test_when_the_topic_is_on_again_nothing_is_said(world, shop, usual, deliver, work_off):
    watching.watch()
    assert len(hearing.silent_topics()) == 2

    for item_id in (shop.mug_at_casa, shop.mug_at_aurora):
        world.sell(item_id)
    deliver()
    work_off()
    watching.watch()

    assert hearing.silent_topics() == {}
