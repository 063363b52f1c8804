"""Today: facts become sentences; nothing wrong is said too; the page refreshes its own part."""

from datetime import timedelta

import pytest

from dashboard import today, wording
from dashboard.attention_rules import Kind
from dashboard.queries import pulse
from inventory.models import SellerWarehouse, Warehouse
from sellers.models import Hearing, Heartbeat, SellerAccount, SyncCursor
from sellers.queue.failures import group_of
from tests.dashboard.shop import busy, quiet


def kinds(shop):
    return [item.kind for item in today.look(shop.now).items]


def test_a_quiet_shop_needs_nobody(viewer, shop):
    quiet(shop)

    body = viewer.get("/").content.decode()

    assert kinds(shop) == []
    assert "Nothing needs you." in body
    assert "Checked at" in body


def test_a_busy_shop_shows_every_trouble_once_worst_first(shop):
    busy(shop)

    found = kinds(shop)

    assert found[:4] == [Kind.PROCESS, Kind.RECONNECT, Kind.OVERSOLD, Kind.ORDERS_FAILED]
    assert sorted(found) == sorted(
        [
            Kind.PROCESS,
            Kind.RECONNECT,
            Kind.OVERSOLD,
            Kind.ORDERS_FAILED,
            Kind.UNKNOWN_STATUS,
            Kind.UNLINKED_ORDERS,
            Kind.SILENCE,
            Kind.PUSHES_REFUSED,
            Kind.PAUSED,
            Kind.DRIFT,
            Kind.PUSHES_LATE,
            Kind.JOB_FAILED,
        ]
    )


def test_equal_failures_are_one_line_with_one_retry(operator, shop):
    account = quiet(shop)
    for number in range(40):
        shop.dead(account, "price", f"MLA{900000 + number}", f"item.price.invalid for MLA{900000 + number}")

    (item,) = today.look(shop.now).items
    body = operator.get("/").content.decode()

    assert item.sentence.startswith("40 pushes were refused")
    assert item.retry == {"group": group_of("price", "ValidationRefused", "item.price.invalid for …")}
    assert body.count('action="/work/retry/"') == 1


def test_a_seller_to_reconnect_leads_to_its_page(viewer, shop):
    quiet(shop)
    lost = shop.seller("OUTLET", status="needs_reconnect", status_reason="invalid_grant")

    body = viewer.get("/").content.decode()

    assert "OUTLET must be connected again" in body
    assert f'href="/sellers/{lost.pk}/"' in body
    assert "invalid_grant" in body


def test_a_token_that_ends_unrenewed_is_told_before_it_ends(shop):
    account = quiet(shop)
    account.grants.update(expires_at=shop.now + timedelta(minutes=8))

    (item,) = today.look(shop.now).items

    assert item.kind is Kind.TOKEN
    assert item.harm_in == timedelta(minutes=8)


def test_prices_below_their_floor_are_counted(shop):
    account = quiet(shop)
    listing = account.listings.get()
    listing.price_target.state = "below_floor"
    listing.price_target.save()

    assert kinds(shop) == [Kind.BELOW_FLOOR]


def test_work_of_sellers_that_wait_is_not_late(shop):
    quiet(shop)
    waiting = shop.seller("OUTLET", status="disconnected")
    shop.work(waiting, "order", "2001", age=600)

    assert kinds(shop) == []


def test_an_order_that_waits_for_minutes_is_told(shop):
    account = quiet(shop)
    shop.work(account, "order", "2001", age=1)
    assert kinds(shop) == []

    shop.work(account, "order", "2002", age=7)
    assert kinds(shop) == [Kind.ORDERS_LATE]


def test_only_its_own_part_is_answered_to_a_refresh(viewer, shop):
    quiet(shop)

    part = viewer.get("/", headers={"HX-Request": "true", "HX-Target": "today"}).content.decode()

    assert part.strip().startswith('<div id="today"')
    assert "<html" not in part


def test_the_sellers_tile_says_why_it_is_red_and_leads_there(shop):
    quiet(shop)
    shop.seller("OUTLET", status="needs_reconnect")

    tile = next(tile for tile in today.look(shop.now).tiles if str(tile.label) == "Sellers live")

    assert (tile.tone, tile.note, tile.href) == ("bad", "1 must be connected again", "/sellers/")


def test_tiles_measure_lags_against_the_goal(shop):
    quiet(shop)

    tiles = {str(tile.label): tile for tile in today.look(shop.now).tiles}

    assert (tiles["Order lag"].value, tiles["Order lag"].tone) == ("1.1 s", "ok")
    assert (tiles["Push lag"].value, tiles["Push lag"].tone) == ("1.4 s", "ok")
    assert tiles["Backlog"].value == "0"
    assert (tiles["Sellers live"].value, tiles["Sellers live"].note) == ("1", "0 observe")
    assert tiles["Listings linked"].value == "100 %"


def test_a_slow_day_is_red(shop):
    account = quiet(shop)
    account.orders.update(announced_at=shop.ago(minutes=30), first_seen_at=shop.ago(minutes=10))

    tiles = {str(tile.label): tile for tile in today.look(shop.now).tiles}

    assert (tiles["Order lag"].value, tiles["Order lag"].tone) == ("20 min", "bad")


def test_pushes_are_counted_by_hour_and_outcome(shop):
    account = shop.seller()
    for outcome in ("verified", "unchanged", "failed", "rejected"):
        shop.push(account, "MLA1", age=120, outcome=outcome)

    hours = pulse.pushes_per_hour(shop.now)
    again = pulse.pushes_per_hour(shop.now)

    assert len(hours) == 24
    assert [(hour.done, hour.again, hour.refused) for hour in hours if hour.done] == [(2, 1, 1)]
    assert again == hours


def test_numbers_are_by_seller_and_leave_out_what_is_gone(shop):
    first, second = shop.seller("A"), shop.seller("B")
    shop.listing(first, variations=3)
    shop.listing(first, status="closed")
    shop.listing(first, missing_since=shop.now)
    linked = shop.listing(second, seen_at=shop.ago(hours=1))
    shop.link(linked, shop.product("SKU"), state="drift", observed=1)

    found = pulse.numbers_by_seller()

    assert (found[first.pk].listings, found[first.pk].units, found[first.pk].unlinked) == (1, 3, 3)
    assert (found[second.pk].listings, found[second.pk].unlinked, found[second.pk].drift) == (1, 0, 1)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.04, "40 ms"), (1, "1 s"), (1.84, "1.8 s"), (12.4, "12 s"), (90, "2 min"), (7300, "2 h"), (200_000, "2 d")],
)
def test_a_length_is_told_in_one_unit(seconds, told):
    assert wording.length(timedelta(seconds=seconds)) == told


def test_paused_sellers_and_dead_processes_are_named(viewer, shop):
    account = quiet(shop)
    SellerAccount.objects.filter(pk=account.pk).update(pushes_paused=True)
    Heartbeat.objects.filter(name="pump").delete()

    body = viewer.get("/").content.decode()

    assert "A process is not running: Dispatcher." in body
    assert "Pushes of TIENDA_SUR are paused" in body


def test_a_seller_by_warehouse_without_a_linked_store_is_told_with_the_page(viewer, shop):
    account = shop.seller("DEPOSITOS", tags=["warehouse_management"])
    page = viewer.get("/").content.decode()
    assert "now keeps the stock of DEPOSITOS by warehouse" in page
    assert f"/warehouses/sellers/{account.pk}/" in page

    SellerWarehouse.objects.create(account=account, warehouse=Warehouse.objects.get(), store_id="100")

    assert "by warehouse" not in viewer.get("/").content.decode()


def test_silent_topics_are_named_with_what_to_do(viewer, shop):
    account = quiet(shop)
    for topic in ("orders_v2", "shipments"):
        Hearing.objects.create(account=account, topic=topic, last_at=shop.ago(hours=2), silent_since=shop.ago(hours=2))
    Hearing.objects.create(account=account, topic="items", last_at=shop.ago(hours=9))

    (item,) = today.look(shop.now).items
    body = viewer.get("/").content.decode()

    assert (item.kind, item.since) == (Kind.SILENCE, shop.ago(hours=2))
    assert item.words == "Orders (orders_v2), Shipments (shipments)"
    assert "developer panel" in body
    assert f"/notifications/runs/?seller={account.ml_user_id}" in body


def test_silence_of_a_seller_who_is_not_connected_is_no_news(shop):
    account = quiet(shop)
    Hearing.objects.create(account=account, topic="orders_v2", last_at=shop.ago(hours=2), silent_since=shop.now)
    SellerAccount.objects.filter(pk=account.pk).update(status="disconnected")

    assert kinds(shop) == []


@pytest.mark.parametrize(("lost", "told"), [(2, []), (3, [Kind.SILENCE])])
def test_orders_that_came_without_a_notification_are_told(shop, lost, told):
    account = quiet(shop)
    SellerAccount.objects.filter(pk=account.pk).update(connected_at=shop.ago(days=3))
    SyncCursor.objects.update(full_pass_at=shop.now)
    for number in range(lost):
        shop.order(account, age=0.5 + number / 10, announced_at=None)

    items = today.look(shop.now).items

    assert [item.kind for item in items] == told
    assert [item.words for item in items] == [f"{lost} orders of 3 hours without a notification"] * len(told)


def test_orders_not_read_to_the_end_for_long_are_told(shop):
    account = quiet(shop)
    SellerAccount.objects.filter(pk=account.pk).update(connected_at=shop.ago(days=3))
    SyncCursor.objects.update(full_pass_at=shop.ago(minutes=14))
    assert kinds(shop) == []

    SyncCursor.objects.update(full_pass_at=shop.ago(minutes=16))

    (item,) = today.look(shop.now).items
    assert (item.kind, item.since) == (Kind.ORDERS_UNREAD, shop.ago(minutes=16))
