"""The nets below the notifications, against the simulated marketplace."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from orders.models import Order
from orders.runs import missed, reconciliation
from orders.runs.windows import changed_orders, window_start
from sellers.connection.clients import client_for
from sellers.models import SyncCursor, Work
from sellers.queue import work


@pytest.fixture
def poll(account, work_off):
    def polled(key=""):
        work.bump(account_id=account.pk, kind="order_poll", key=key)
        work_off()

    return polled


def gets_of(world, path):
    return sum(1 for request in world.requests if request.path == path)


def cursor_of(account):
    return SyncCursor.objects.get(account=account, stream="orders")


def test_a_poll_finds_what_no_notification_announced(world, item_id, mug, poll, shelf):
    sold = [world.sell(item_id, 1).id for _ in range(3)]

    poll()

    assert sorted(Order.objects.values_list("pk", flat=True)) == sorted(sold)
    assert shelf(mug) == (10, 3)
    assert set(Order.objects.values_list("announced_at", flat=True)) == {None}


def test_a_second_poll_changes_nothing_and_fetches_nothing(world, item_id, poll):
    sold = world.sell(item_id, 1)
    world.clock.advance(seconds=-3600)
    world.orders[sold.id].indexed_at = world.now()
    world.clock.advance(seconds=3600)
    poll()
    poll()
    before = gets_of(world, f"/orders/{sold.id}")

    poll()

    assert gets_of(world, f"/orders/{sold.id}") == before == 2


def test_a_poll_fetches_what_changed_although_last_updated_did_not(world, item_id, mug, poll, shelf):
    world.clock.advance(seconds=-600)
    sold = world.sell(item_id, 2)
    poll()
    last_updated = Order.objects.get().ml_last_updated
    world.clock.advance(seconds=600)
    world.ship(sold.id)

    poll()

    order = Order.objects.get()
    assert order.ml_last_updated == last_updated
    assert (order.stock_state, shelf(mug)) == ("shipped", (8, 0))


def test_the_first_pass_reads_as_many_days_as_the_setting_says(world, item_id, poll, settings):
    settings.ORDERS_FIRST_PASS_DAYS = 2
    old, young = world.sell(item_id, 1), world.sell(item_id, 1)
    world.orders[old.id].indexed_at -= timedelta(days=3)
    world.orders[young.id].indexed_at -= timedelta(days=1)

    poll()

    assert Order.objects.get().pk == young.id


def test_a_sweep_reads_days_again_and_leaves_the_cursor(world, account, item_id, poll):
    world.sell(item_id, 1)
    poll()
    at = cursor_of(account).high_water
    late = world.sell(item_id, 1)
    world.orders[late.id].indexed_at -= timedelta(days=5)

    poll("night:7")

    assert Order.objects.filter(pk=late.id).exists()
    assert cursor_of(account).high_water == at


def test_the_window_begins_at_a_whole_hour_two_hours_back():
    assert window_start(datetime(2026, 5, 3, 10, 59, 59, tzinfo=UTC)) == datetime(2026, 5, 3, 8, tzinfo=UTC)


def test_an_order_of_the_same_hour_is_found_although_minutes_are_dropped(world, account, item_id, poll):
    world.sell(item_id, 1)
    poll()
    again = world.sell(item_id, 1)

    poll()

    assert Order.objects.filter(pk=again.id).exists()


def test_the_cursor_is_the_newest_change_seen(world, account, item_id, poll):
    sold = world.sell(item_id, 1)

    poll()

    assert cursor_of(account).high_water == world.orders[sold.id].indexed_at.replace(microsecond=0)


def test_the_cursor_never_runs_ahead_of_our_clock(world, account, item_id, poll):
    sold = world.sell(item_id, 1)
    world.orders[sold.id].indexed_at += timedelta(minutes=30)

    poll()

    assert cursor_of(account).high_water <= timezone.now()


def test_a_poll_killed_between_pages_moves_nothing(world, account, item_id, monkeypatch):
    for _ in range(3):
        world.sell(item_id, 1)
    world.faults.add("TIMEOUT", path="/orders/search", times=None)
    world.faults.clear()
    monkeypatch.setattr("orders.runs.windows.PAGE", 2)
    world.hooks.after("GET", "/orders/search", lambda: world.faults.add("TIMEOUT", path="/orders/search"), times=2)
    work.bump(account_id=account.pk, kind="order_poll", key="")

    work.drain(0, who="test", seconds=1, batch=1)

    assert not SyncCursor.objects.filter(stream="orders").exists()
    assert not Work.objects.filter(kind="order").exists()
    assert Work.objects.get(kind="order_poll").state == "ready"


def test_a_worker_that_lost_its_lease_writes_nothing(world, account, item_id):
    world.sell(item_id, 1)
    work.bump(account_id=account.pk, kind="order_poll", key="")
    (claim,) = work.claim(lane=0, who="slow")
    Work.objects.filter(state="leased").update(lease_until=timezone.now() - timedelta(seconds=1))
    work.reap()

    with pytest.raises(work.LeaseLost):
        reconciliation.poll(claim)

    assert not SyncCursor.objects.filter(stream="orders").exists()
    assert not Work.objects.filter(kind="order").exists()


def test_a_crowded_window_is_halved_and_nothing_is_missed(world, seller, account, monkeypatch):
    monkeypatch.setattr("orders.runs.windows.MOST", 4)
    item = seller.add_item(title="Taza", price=10, available_quantity=50)
    sold = [world.sell(item.id, 1) for _ in range(12)]
    for hours, order in enumerate(sold):
        world.orders[order.id].indexed_at -= timedelta(hours=hours)
    end = world.now()

    found = changed_orders(
        client_for(account), seller.user_id, end - timedelta(hours=14), end, between=lambda seen: None
    )

    assert found.complete
    assert set(found.orders) == {order.id for order in sold}


def test_rows_that_move_while_they_are_paged_are_read_again(world, seller, account, monkeypatch):
    monkeypatch.setattr("orders.runs.windows.PAGE", 2)
    item = seller.add_item(title="Taza", price=10, available_quantity=50)
    sold = [world.sell(item.id, 1) for _ in range(6)]
    end = world.now() - timedelta(hours=3)
    for order in sold:
        world.orders[order.id].indexed_at = end - timedelta(minutes=30)

    def first_leaves() -> None:
        world.orders[sold[0].id].indexed_at = world.now()

    world.hooks.after("GET", "/orders/search", first_leaves, times=2)

    found = changed_orders(
        client_for(account), seller.user_id, end - timedelta(hours=2), end, between=lambda seen: None
    )

    assert {order.id for order in sold[1:]} <= set(found.orders)


def test_one_that_slips_past_when_another_that_was_seen_leaves_is_read_after_all(world, seller, account, monkeypatch):
    monkeypatch.setattr("orders.runs.windows.PAGE", 2)
    item = seller.add_item(title="Taza", price=10, available_quantity=50)
    sold = [world.sell(item.id, 1) for _ in range(6)]
    end = world.now() - timedelta(hours=3)
    for order in sold:
        world.orders[order.id].indexed_at = end - timedelta(minutes=30)

    def first_leaves(seen: int) -> None:
        world.orders[sold[0].id].indexed_at = world.now()

    found = changed_orders(client_for(account), seller.user_id, end - timedelta(hours=2), end, between=first_leaves)

    assert (found.complete, set(found.orders)) == (True, {order.id for order in sold})


def test_an_order_whose_parcel_is_late_is_looked_at_by_the_poll(world, account, item_id, poll):
    sold = world.sell(item_id, 1)
    poll()
    Order.objects.update(shipping_id=None, shipment=None, search_last_updated=sold.indexed_at)

    poll()

    assert Order.objects.get().shipping_id == sold.shipment_id


# --- missed feeds -----------------------------------------------------------------------------------------------------


@pytest.fixture
def recover(account, work_off):
    def recovered():
        work.bump(account_id=account.pk, kind="missed_feeds", key="")
        work_off()

    return recovered


def test_missed_notifications_are_recovered_to_the_null_at_the_end(world, item_id, recover):
    world.drop_notifications(1000)
    sold = [world.sell(item_id, 1).id for _ in range(3)]

    recover()

    assert sorted(Order.objects.values_list("pk", flat=True)) == sorted(sold)


def test_no_missed_notifications_is_no_error(world, account, recover):
    recover()

    assert Work.objects.get(kind="missed_feeds").state == "idle"
    assert SyncCursor.objects.get(stream="missed_feeds").account == account


def test_what_was_done_since_is_not_done_again(world, account, item_id, recover):
    world.drop_notifications(1000)
    sold = world.sell(item_id, 1)
    world.clock.advance(seconds=-7200)
    for one in world.mailbox.missed:
        one.notification.received_at = world.now()
    world.clock.advance(seconds=7200)
    recover()
    before = gets_of(world, f"/orders/{sold.id}")

    recover()

    assert gets_of(world, f"/orders/{sold.id}") == before


def test_a_seller_who_does_not_own_the_application_is_passed_over(world, account, connect, work_off):
    other = connect(world.add_seller("OTRA"))
    missed.schedule()
    work_off()

    refused = Work.objects.get(account=other, kind="missed_feeds")
    assert (refused.state, refused.last_error) == ("idle", "")
    assert SyncCursor.objects.get(stream="missed_feeds").account == account
    Work.objects.all().delete()
    missed.schedule()
    assert Work.objects.get(kind="missed_feeds").account == account


def test_every_connected_seller_is_polled_and_nobody_else(account, connect, world):
    connect(world.add_seller("FUERA"), status="needs_reconnect")

    reconciliation.schedule_polls()

    assert Work.objects.get(kind="order_poll").account == account


def test_the_polls_of_many_sellers_are_spread_over_a_minute(account, connect, world):
    """After an outage they would otherwise all be read at one moment."""
    for number in range(9):
        connect(world.add_seller(f"VENDEDOR_{number}"))
    before = timezone.now()

    reconciliation.schedule_polls()

    due = sorted(Work.objects.filter(kind="order_poll").values_list("due_at", flat=True))
    assert len(set(due)) == 10
    assert due[-1] - due[0] > timedelta(seconds=20)
    assert due[-1] < before + timedelta(seconds=65)


# --- carts of Global Selling ------------------------------------------------------------------------------------------


@pytest.fixture
def carts(world, connect):
    """A global seller with three carts of two orders each in Mexico, an hour ago."""
    seller = world.add_global_seller("PACIFIC", marketplaces=[("MLM", "remote")])
    account = connect(seller)
    item = world.add_global_item(seller, title="Bottle", price=20, available_quantity=90)
    child = world.children_of(item.id)["MLM"].id
    packs = [world.sell_pack([(child, 1), (child, 1)]) for _ in range(3)]
    return account, packs


def test_a_cart_that_slips_between_pages_is_read_again(world, carts, monkeypatch):
    monkeypatch.setattr("orders.runs.windows.PAGE", 1)
    account, packs = carts
    first = packs[0].order_ids
    away = {}

    def first_is_hidden() -> None:
        for order_id in first:
            away[order_id] = world.orders[order_id].indexed_at
            world.orders[order_id].indexed_at = world.now() + timedelta(days=1)

    def first_is_back() -> None:
        for order_id, at in away.items():
            world.orders[order_id].indexed_at = at

    world.hooks.after("GET", "/marketplace/orders/search", first_is_hidden, times=1)
    end = world.now()
    pages = []

    def between(seen: int) -> None:
        pages.append(seen)
        if len(pages) == 2:
            first_is_back()

    found = changed_orders(client_for(account), account.ml_user_id, end - timedelta(hours=2), end, between=between)

    assert found.complete
    assert sorted(found.orders) == sorted(order_id for pack in packs for order_id in pack.order_ids)


def test_a_window_of_carts_is_complete_when_every_cart_was_seen_not_every_order(world, carts):
    account, _packs = carts
    end = world.now()

    found = changed_orders(
        client_for(account), account.ml_user_id, end - timedelta(hours=2), end, between=lambda seen: None
    )

    assert (found.complete, len(found.orders), found.timeless) == (True, 6, True)


def test_the_search_that_tells_no_times_moves_the_cursor_and_is_not_fetched_each_time(world, carts, work_off):
    account, _packs = carts

    def polled():
        work.bump(account_id=account.pk, kind="order_poll", key="")
        work_off()

    polled()
    fetched = len([one for one in world.requests if one.path.startswith("/marketplace/orders/")])
    assert Order.objects.count() == 6
    assert timezone.now() - cursor_of(account).high_water < timedelta(minutes=5)

    polled()
    searches = 2  # how many orders there are, and the page
    assert len([one for one in world.requests if one.path.startswith("/marketplace/orders/")]) - fetched == searches

    Order.objects.update(fetched_at=timezone.now() - timedelta(minutes=31))
    polled()
    assert len([one for one in world.requests if one.path.startswith("/marketplace/orders/")]) == fetched + 4 + 6
