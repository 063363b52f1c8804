"""Forged hints: what is not ours or not there is asked for a few times, let go and counted; it is no failure."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Order
from sellers import queries
from sellers.models import Notification, Work
from sellers.queue import work


def forge(account, order_id, kind="order"):
    """What anybody can send: a notification that names an order."""
    work.bump(account_id=account.pk, kind=kind, key=str(order_id))
    Notification.objects.create(
        ml_user_id=account.ml_user_id,
        topic="orders_v2",
        resource=f"/{kind}s/{order_id}",
        body=b"{}",
        verdict="accepted",
        work_kind=kind,
        work_key=str(order_id),
    )


def gets_of(world, path):
    return sum(1 for request in world.requests if request.path == path)


@pytest.fixture
def theirs(world, connect):
    """A sale of somebody who did not connect to us."""
    stranger = world.add_seller("OTRA")
    return world.sell(stranger.add_item(title="Plato", price=10, available_quantity=5).id, 1)


@pytest.fixture
def desk(client, owner):
    client.force_login(owner)
    return client


def test_an_order_of_another_seller_is_asked_for_a_few_times_and_let_go(world, account, item_id, theirs, work_off):
    forge(account, theirs.id)

    work_off()

    row = Work.objects.get(kind="order")
    assert (row.state, row.last_error_class) == ("idle", "NotOurs")
    assert "not_owned_order" in row.last_error
    assert gets_of(world, f"/orders/{theirs.id}") == 6
    assert Order.objects.count() == 0


def test_many_at_once_are_let_go_too(world, account, item_id, work_off):
    for number in range(12):
        forge(account, 900000 + number)
    forge(account, 777, kind="shipment")

    work_off()

    assert queries.tab_counts() == {"failed": 0, "retrying": 0, "let_go": 13}


def test_they_do_not_hide_an_order_of_ours_in_the_same_batch(world, account, item_id, theirs, work_off):
    ours = world.sell(item_id, 1)
    for order_id in (theirs.id, ours.id, 900001):
        forge(account, order_id)

    work_off()

    assert Order.objects.get().pk == ours.id
    assert queries.tab_counts()["failed"] == 0


def test_an_order_of_ours_that_is_refused_is_a_failure_to_look_at(world, account, item_id, look, work_off):
    known = look(world.sell(item_id, 1).id)
    world.faults.add("SCOPES_403", path=f"/orders/{known.pk}", times=None)

    forge(account, known.pk)
    work_off()

    assert queries.tab_counts() == {"failed": 1, "retrying": 0, "let_go": 0}


def test_a_sale_of_ours_whose_parcel_is_refused_is_taken_and_the_refusal_is_shown(
    world, account, item_id, mug, look, shelf
):
    sold = world.sell(item_id, 2)
    world.faults.add("SCOPES_403", path=f"/shipments/{sold.shipment_id}", times=None)

    order = look(sold.id)

    assert (order.stock_state, shelf(mug)) == ("reserved", (10, 2))
    assert queries.tab_counts() == {"failed": 1, "retrying": 0, "let_go": 0}


def test_a_missing_permission_is_not_mistaken_for_a_forged_hint(world, account, item_id):
    world.faults.add("POLICY_403", path="/orders/900001", times=None)
    work.drain(0, who="test", seconds=5)
    forge(account, 900001)

    work.drain(0, who="test", seconds=5)

    account.refresh_from_db()
    assert account.status == "needs_reconnect"


def test_what_was_let_go_has_a_tab_of_its_own(world, account, item_id, theirs, work_off, desk):
    forge(account, theirs.id)
    forge(account, 900001)
    work_off()

    page = desk.get("/notifications/?tab=let_go")

    assert [row.record.work_key for row in page.context["table"].rows] == ["900001", str(theirs.id)]
    assert "anybody can send a notification" in page.content.decode()
    assert [row.record.pk for row in desk.get("/notifications/?tab=failed").context["table"].rows] == []


def test_the_tab_costs_the_same_with_many(world, account, item_id, desk):
    def row(number):
        forge(account, number)
        Work.objects.filter(key=str(number)).update(state="idle", last_error_class="NotFound", last_error="404")

    def cost():
        with CaptureQueriesContext(connection) as made:
            assert desk.get("/notifications/?tab=let_go").status_code == 200
        return len(made)

    row(1)
    desk.get("/notifications/?tab=let_go")
    few = cost()
    for number in range(2, 30):
        row(number)

    assert few == cost()
