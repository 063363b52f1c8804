"""While staff is asked whether listings shall be emptied: what buyers took is still sent, and nothing else."""

from datetime import timedelta

import pytest

from inventory import ledger
from inventory.effects import Demand
from inventory.models import MassZero, SellerWarehouse, StockTarget, Zeroing
from inventory.pushes import blast
from inventory.pushes.push_decisions import Fall, is_explained
from inventory.pushes.wants import NORMAL, SOLD, URGENT
from sellers import clock, points
from sellers.connection import accounts
from sellers.connection.clients import Switch
from sellers.models import SellerAccount, Work
from sellers.queue import work
from sellers.queue.outcomes import WritesHeld


@pytest.mark.parametrize(
    ("shown", "accepted", "wanted", "sold", "meanwhile", "explained"),
    [
        (5, 5, 3, 2, 2, True),
        (5, 5, 4, 2, 2, True),  # more was there than is shown
        (5, 5, 0, 5, 5, True),
        (5, 5, 2, 2, 2, False),  # something else took one
        (5, 5, 400, 2, 2, False),  # rises
        (5, 5, 5, 2, 2, False),
        (3, 5, 3, 2, 2, False),  # shown already
        (4, 5, 3, 2, 2, True),  # ML has taken one of them off by itself
        (4, 5, 2, 2, 2, False),  # and something else took one
        (10, 10, 4, 90, 2, False),  # sold long before: that was sent then
        (50, 5, 3, 2, 2, False),  # edited at ML
    ],
)
def test_what_buyers_explain(shown, accepted, wanted, sold, meanwhile, explained):
    assert is_explained(Fall(shown, accepted, wanted), sold=sold, sold_meanwhile=meanwhile) is explained


@pytest.fixture
def pair(shop, mug, plate, centro, work_off):
    """Two listings of the mug and one of the plate, all sent, at a seller that was paused by the guard."""
    for product in (mug, plate):
        ledger.receive(product=product, warehouse=centro, quantity=8, operation=f"in:{product.sku}")
    shop.open()
    items = [shop.item(link=product, available_quantity=3) for product in (mug, mug, plate)]
    work_off()
    assert [item.available_quantity for item in items] == [8, 8, 8]
    held(shop.account)
    shop.world.requests.clear()
    return items


def held(account):
    """Some other listings of the shop would be emptied: as the guard leaves it."""
    MassZero.objects.create(account=account, zeroed=60, listings=100, change="x")
    SellerAccount.objects.filter(pk=account.pk).update(pushes_paused=True, sales_go_on=True)


def sell(product, centro, quantity, order=2001):
    ledger.set_demand(owner=f"order:{order}:0", wanted={(product.pk, centro.pk): Demand(reserved=quantity)})


def shown(items):
    return [item.available_quantity for item in items]


def test_a_sale_takes_the_units_off_the_other_listings(shop, pair, mug, centro, work_off):
    sell(mug, centro, 3)

    work_off()

    assert shown(pair) == [5, 5, 8]
    sell(mug, centro, 5, order=2002)
    work_off()
    assert shown(pair) == [0, 0, 8]
    assert set(Work.objects.filter(kind="stock").values_list("state", flat=True)) == {"idle"}


def test_a_sale_during_a_push_holds_no_later_one_back(shop, pair, mug, centro, work_off):
    """What was sent was read before it; what was accepted is written after it."""
    sell(mug, centro, 3)

    with points.at("push.before_put", lambda: sell(mug, centro, 1, order=2002)):
        work_off()

    assert shown(pair) == [4, 4, 8]
    sell(mug, centro, 2, order=2003)
    work_off()
    assert shown(pair) == [2, 2, 8]


def test_a_sale_that_is_being_booked_when_the_push_begins_is_counted(shop, pair, mug, centro, work_off):
    """Its movement is dated before the claim, and not seen until it is committed."""
    begun = clock.now()
    StockTarget.objects.update(sales_from=begun, accepted_at=begun + timedelta(seconds=2))
    earlier = {(mug.pk, centro.pk): Demand(reserved=3)}
    ledger.set_demand(owner="order:2001:0", wanted=earlier, now=begun - timedelta(seconds=3))

    work_off()

    assert shown(pair) == [5, 5, 8]


def test_what_was_sold_well_before_the_push_explains_nothing(shop, pair, mug, centro, work_off):
    begun = clock.now()
    StockTarget.objects.update(sales_from=begun, accepted_at=begun + timedelta(seconds=2))
    earlier = {(mug.pk, centro.pk): Demand(reserved=3)}
    ledger.set_demand(owner="order:2001:0", wanted=earlier, now=begun - timedelta(seconds=20))

    work_off()

    assert shown(pair) == [8, 8, 8]


def test_by_store_too(shop, mug, centro, work_off):
    ledger.receive(product=mug, warehouse=centro, quantity=8, operation="in")
    shop.open(tags=("normal", "user_product_seller", "warehouse_management"))
    store = shop.seller.add_store("Centro")
    SellerWarehouse.objects.create(account=shop.account, warehouse=centro, store_id=store.id)
    item = shop.item(link=mug, available_quantity=3)
    work_off()
    assert shop.world.user_products[item.own.user_product_id].total == 8
    held(shop.account)

    sell(mug, centro, 3)
    work_off()

    assert shop.world.user_products[item.own.user_product_id].total == 5


@pytest.mark.parametrize("change", ["lower", "higher", "empty", "cancelled"])
def test_nothing_else_of_the_same_product_goes(shop, pair, mug, centro, work_off, change):
    if change == "cancelled":
        sell(mug, centro, 3)
        work_off()
        shop.world.requests.clear()
        sell(mug, centro, 0)
    else:
        counted = {"lower": 6, "higher": 400, "empty": 0}[change]
        ledger.count(product=mug, warehouse=centro, counted=counted, operation="the sheet")
    before = shown(pair)

    work_off()

    assert shown(pair) == before
    assert shop.puts() == []


@pytest.mark.parametrize("counted", [6, 400])
def test_a_sale_of_what_the_change_touched_waits_with_it(shop, pair, mug, centro, work_off, counted):
    ledger.count(product=mug, warehouse=centro, counted=counted, operation="the sheet")
    sell(mug, centro, 1)

    work_off()

    assert shown(pair) == [8, 8, 8]
    assert shop.puts() == []
    waiting = Work.objects.filter(kind="stock", state="ready")
    assert {row.priority for row in waiting} <= {URGENT, NORMAL}
    blast.go_on(MassZero.objects.get().pk, by=None)
    work_off()
    assert shown(pair) == [counted - 1, counted - 1, 8]


def test_a_listing_that_would_be_emptied_waits_even_where_buyers_took_as_many(shop, pair, mug, centro, work_off):
    ledger.count(product=mug, warehouse=centro, counted=0, operation="the sheet")
    assert Zeroing.objects.count() == 2
    sell(mug, centro, 8)

    work_off()

    assert shown(pair) == [8, 8, 8]


def test_every_sale_is_one_try_and_no_loop(shop, pair, mug, centro, work_off):
    ledger.count(product=mug, warehouse=centro, counted=6, operation="the sheet")
    sell(mug, centro, 1)

    work_off()
    gets = len(shop.world.requests)
    work_off()

    assert gets > 0
    assert len(shop.world.requests) == gets


def test_a_pause_by_staff_holds_sales_too(shop, pair, mug, centro, work_off, owner):
    accounts.pause(SellerAccount.objects.get(), by=owner, reason="holidays")
    sell(mug, centro, 3)

    work_off()

    assert shown(pair) == [8, 8, 8]


@pytest.mark.parametrize("where", ["push.after_get", "push.before_put"])
def test_a_pause_that_comes_right_before_the_write_is_seen(shop, pair, mug, centro, work_off, where, owner):
    sell(mug, centro, 3)

    with points.at(where, lambda: accounts.pause(SellerAccount.objects.get(), by=owner, reason="holidays")):
        work_off()

    assert shop.puts() == []


def test_the_switch_lets_sales_alone_through(shop, pair):
    assert Switch(shop.account.pk, sales_only=True)()
    with pytest.raises(WritesHeld):
        Switch(shop.account.pk)()
    SellerAccount.objects.update(sales_go_on=False)
    with pytest.raises(WritesHeld):
        Switch(shop.account.pk, sales_only=True)()


@pytest.mark.parametrize(
    ("kind", "priority", "claimed"),
    [("stock", SOLD, True), ("stock", URGENT, False), ("price", 0, False), ("marketplace", 0, False)],
)
def test_what_is_claimed_of_a_seller_that_the_guard_has_paused(shop, pair, kind, priority, claimed):
    Work.objects.all().delete()
    work.bump(account_id=shop.account.pk, kind=kind, key="MLA1", priority=priority)

    assert bool(work.claim(lane=1, who="test")) is claimed


def test_resuming_and_pausing_end_it(shop, pair, owner):
    blast.go_on(MassZero.objects.get().pk, by=owner)
    account = SellerAccount.objects.get()
    assert (account.pushes_paused, account.sales_go_on) == (False, False)

    held(account)
    accounts.pause(account, by=owner, reason="holidays")
    assert not SellerAccount.objects.get().writes_sales_only


def test_what_falls_by_a_sale_goes_before_what_falls_otherwise(shop, pair, mug, plate, centro):
    SellerAccount.objects.update(pushes_paused=False, sales_go_on=False)
    ledger.count(product=plate, warehouse=centro, counted=7, operation="count")
    sell(mug, centro, 3)

    rows = dict(Work.objects.filter(kind="stock", state="ready").values_list("key", "priority"))

    assert sorted(rows.values()) == [SOLD, SOLD, URGENT]
