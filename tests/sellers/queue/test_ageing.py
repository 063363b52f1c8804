"""What waits for long gets its turn, and what is fresh keeps its order."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.db.models.functions import Now

from inventory.pushes.wants import NORMAL, URGENT
from sellers.models import SellerAccount, Work
from sellers.queue import ageing, work

pytestmark = pytest.mark.django_db

ORDERS, PUSHES, BULK = settings.LANES.values()


@pytest.fixture
def seller():
    return SellerAccount.objects.create(ml_user_id=1, nickname="CASA", site_id="MLA", mode="live")


@pytest.fixture
def wait(seller):
    """Ask for something that has been due for so many minutes."""

    def make(kind, minutes, *, key="", priority=None):
        work.bump(account_id=seller.pk, kind=kind, key=key or f"{kind}-{minutes}", priority=priority)
        row = Work.objects.get(kind=kind, key=key or f"{kind}-{minutes}")
        Work.objects.filter(pk=row.pk).update(due_at=Now() - timedelta(minutes=minutes, seconds=5))
        return row

    return make


def claimed(lane):
    """Keys in the order in which one worker comes to them."""
    found = []
    while claims := work.claim(lane=lane, who="one"):
        found += [claim.key for claim in claims]
    return found


def priority_of(row):
    return Work.objects.values_list("priority", flat=True).get(pk=row.pk)


@pytest.mark.parametrize(
    ("lane", "waiting", "order"),
    [
        (
            ORDERS,
            [("order", 0), ("order", 1), ("order_poll", 3), ("missed_feeds", 2.5), ("order", 4), ("shipment", 1)],
            ["order-4", "order_poll-3", "missed_feeds-2.5", "order-1", "order-0", "shipment-1"],
        ),
        (
            PUSHES,
            [("stock", 0), ("stock", 5), ("user_product_stock", 3), ("price", 4), ("price", 1), ("went_live", 0)],
            ["went_live-0", "stock-5", "price-4", "user_product_stock-3", "stock-0", "price-1"],
        ),
        (
            BULK,
            [("job", 0), ("job", 5), ("patrol", 9), ("item", 3), ("item", 1), ("full_stock", 4)],
            ["patrol-9", "job-5", "full_stock-4", "item-3", "job-0", "item-1"],
        ),
    ],
    ids=["orders", "pushes", "bulk"],
)
def test_what_waited_for_long_stands_in_line_by_the_time_it_was_due(wait, lane, waiting, order):
    for kind, minutes in waiting:
        wait(kind, minutes)

    ageing.age()

    assert claimed(lane) == order


def test_a_quantity_that_falls_goes_first_however_long_the_others_waited(wait):
    wait("user_product_stock", 60)
    wait("stock", 50, key="rises", priority=NORMAL)
    wait("stock", 0, key="falls", priority=URGENT)

    ageing.age()

    assert claimed(PUSHES)[0] == "falls"


def test_what_is_fresh_keeps_its_order(wait):
    for at, kind in enumerate(["order_poll", "order", "missed_feeds", "shipment", "connected"]):
        wait(kind, 1.8 - at / 10)

    assert ageing.age() == 0

    assert [key.split("-")[0] for key in claimed(ORDERS)] == [
        "order",
        "shipment",
        "connected",
        "order_poll",
        "missed_feeds",
    ]


@pytest.mark.parametrize("state", ["idle", "dead", "due later"])
def test_what_does_not_wait_is_left_alone(wait, state):
    row = wait("order_poll", -5 if state == "due later" else 5)
    if state != "due later":
        Work.objects.update(state=state)

    assert ageing.age() == 0
    assert priority_of(row) == settings.WORK_KINDS["order_poll"]["priority"]


def test_what_is_more_urgent_already_is_left_alone(wait):
    row = wait("order_poll", 5, priority=0)

    ageing.age()

    assert priority_of(row) == 0


def test_asking_for_it_again_does_not_lose_the_place_and_doing_it_does(wait):
    row = wait("order_poll", 5)
    ageing.age()
    work.bump(account_id=row.account_id, kind=row.kind, key=row.key)
    assert priority_of(row) == settings.AGED_PRIORITY["orders"]

    [claim] = work.claim(lane=ORDERS, who="one")
    with work.completing(claim):
        pass
    work.bump(account_id=row.account_id, kind=row.kind, key=row.key)

    assert priority_of(row) == settings.WORK_KINDS["order_poll"]["priority"]


def test_ten_thousand_that_wait_are_one_statement_and_only_the_oldest_of_each_kind_come_first(
    seller, wait, django_assert_num_queries
):
    """A fresh sale is not behind thousands of old orders that are read again; a poll is not behind them either."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into sellers_work (account_id, kind, key, lane, priority, state, due_at, want_seq, done_seq, fails,"
            " claims, leased_by, last_error, last_error_class) select %s, 'order', n, 0, 80, 'ready',"
            " now() - interval '1 hour' + n * interval '0.1 s', 1, 0, 0, 0, '', '', ''"
            " from generate_series(1, 10000) n",
            [seller.pk],
        )
    poll = wait("order_poll", 3)

    with django_assert_num_queries(1):
        assert ageing.age() == ageing.MOST + 1

    aged = Work.objects.filter(priority=settings.AGED_PRIORITY["orders"])
    oldest = {str(number) for number in range(1, ageing.MOST + 1)}
    assert set(aged.values_list("key", flat=True)) == oldest | {poll.key}


@pytest.mark.parametrize("waits_for", [{"pushes_paused": True}, {"status": "needs_reconnect"}])
def test_what_cannot_be_done_now_takes_no_turn(wait, seller, waits_for):
    price = wait("price", 5)
    SellerAccount.objects.update(**waits_for)

    assert ageing.age() == 0
    assert priority_of(price) == 60


@pytest.mark.django_db(transaction=True)
def test_rows_that_another_process_holds_are_passed_over(wait):
    held, free = wait("order_poll", 5), wait("missed_feeds", 5)
    other = connections.create_connection("default")
    try:
        with transaction.atomic():
            Work.objects.select_for_update().get(pk=held.pk)
            with other.cursor() as cursor:
                aged = {
                    "lanes": [ORDERS],
                    "priorities": [10],
                    "long": ageing.LONG,
                    "most": ageing.MOST,
                    "push_kinds": [],
                }
                cursor.execute("set lock_timeout = '1s'")
                cursor.execute(ageing.AGE, aged)
                assert cursor.rowcount == 1
    finally:
        other.close()

    assert (priority_of(held), priority_of(free)) == (40, 10)


def test_every_lane_has_a_place_for_what_is_old_and_no_falling_quantity_is_passed():
    assert settings.AGED_PRIORITY.keys() == settings.LANES.keys()
    assert settings.AGED_PRIORITY["pushes"] > URGENT
    assert settings.SCHEDULE["ageing"] == (10, "sellers.queue.ageing.age")
