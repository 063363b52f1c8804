from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from orders import queries
from orders.models import Order
from orders.timeline import lag_words, step, told
from sellers import work
from sellers.models import Notification, Work

NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)


def announce(account, *, minutes_ago):
    Notification.objects.create(
        received_at=NOW - timedelta(minutes=minutes_ago),
        ml_user_id=account.ml_user_id,
        topic="orders_v2",
        body=b"",
        verdict="accepted",
    )


def test_a_pause_much_longer_than_usual_is_silence(account):
    for number in range(30):
        announce(account, minutes_ago=60 + 6 * (30 - number))

    heard = queries.silence(account, NOW)

    assert heard.usual_gap == timedelta(minutes=6)
    assert heard.silent_for == timedelta(minutes=66)
    assert heard.is_unusual


def test_a_usual_pause_is_no_silence(account):
    for number in range(30):
        announce(account, minutes_ago=6 * (30 - number))

    assert not queries.silence(account, NOW).is_unusual


def test_too_few_notifications_tell_nothing(account):
    announce(account, minutes_ago=600)

    assert not queries.silence(account, NOW).is_unusual


def test_orders_that_only_the_poll_found_are_counted(world, account, item_id, look, deliver, work_off):
    world.drop_notifications(3)
    lost = world.sell(item_id, 1)
    world.drain_notifications()
    look(lost.id)
    world.drop_notifications(0)
    world.sell(item_id, 1)
    deliver()
    work_off()
    Order.objects.update(date_created=timezone.now())

    assert queries.silence(account).unannounced == 1


def test_unlinked_with_the_age_of_the_oldest(world, publish, look):
    listed = publish(seller_sku="OTHER")
    first, _second = (look(world.sell(listed.listing.item_id, 1).id) for _ in range(2))

    found = queries.unlinked()

    assert (found.orders, found.oldest) == (2, first.date_created)
    assert queries.unlinked([0]).orders == 0


def test_the_lag_is_that_of_the_oldest_order_that_waits(account):
    work.bump(account_id=account.pk, kind="order", key="1")
    work.bump(account_id=account.pk, kind="shipment", key="2")
    Work.objects.filter(kind="order").update(wanted_since=NOW - timedelta(minutes=3), due_at=NOW - timedelta(minutes=1))

    assert queries.order_lag(NOW) == {account.pk: 180.0}


@pytest.mark.parametrize(
    ("lag", "words"),
    [
        (timedelta(seconds=-3), "0 s"),
        (timedelta(seconds=47), "47 s"),
        (timedelta(minutes=3), "3 min"),
        (timedelta(minutes=3, seconds=5), "3 min 5 s"),
        (timedelta(hours=2, seconds=5), "2 h"),
        (timedelta(days=4, hours=3, minutes=9), "4 d 3 h"),
    ],
)
def test_lags_in_words(lag, words):
    assert lag_words(lag) == words


def test_steps_are_told_in_order_with_their_lags_and_without_what_did_not_happen():
    steps = told([step(NOW + timedelta(seconds=9), "fetched"), step(None, "announced"), step(NOW, "sold")])

    assert [(one.what, one.note) for one in steps] == [("sold", ""), ("fetched", "9 s later")]
