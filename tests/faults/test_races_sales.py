"""Sales against whatever else happens at that moment.

news during the fetch                   here
sale imported, its lease long over      here
sale against count, relink, other sale  here
two polls at once                       here
link made while a sale is written       tests/orders/imports/test_together.py
cancelled before paid, stale, doubled   tests/orders/imports/test_disorder.py
orders and parcels of one cart          tests/orders/imports/test_many_workers.py
news between answer and writing         tests/orders/imports/test_together.py
rows that move while they are paged     tests/orders/runs/test_reconciliation.py
kit composed while it is sold           tests/inventory/targets/test_kit_races.py; changed before a cancellation: here
"""

import uuid

import pytest
from django.contrib.auth import get_user_model

from catalog import kits
from catalog.mapping import sku_mapping
from catalog.models import Product, SkuMapping
from inventory import ledger
from inventory.documents import counts
from orders.models import Order
from sellers.models import SyncCursor, Work
from sellers.queue import work
from tests.faults.racing import Beside, claim_of, claims_of, comes_right, held_at, lease_ends, meanwhile

ONE_BY_ONE = [work.run, lambda claimed: work.run_together([claimed])]


@pytest.fixture
def sold(stage):
    """Two mugs, paid; the order waits to be imported."""
    order = stage.world.sell(stage.shop.mug_at_casa, 2)
    stage.deliver()
    return order


def drain_orders(stage):
    stage.drain("orders")


@pytest.mark.parametrize("run", ONE_BY_ONE, ids=["alone", "together"])
def test_news_during_the_fetch_make_it_run_again(stage, sold, run):
    """The answer says paid; it is cancelled, and told, before the answer is written."""
    claimed = claim_of("order")

    def cancelled():
        stage.world.clock.advance(seconds=1)  # too soon after the answer to be seen as newer than it
        stage.world.cancel(sold.id)
        stage.deliver()

    with meanwhile("fetch.after_get", cancelled):
        run(claimed)

    row = Work.objects.get(pk=claimed.work_id)
    assert (row.state, row.want_seq > row.done_seq) == ("ready", True)
    assert stage.level() == (10, 2)
    comes_right(stage)
    assert (stage.level(), stage.shown()) == ((10, 0), (10, 10, 10))


def test_a_wish_at_the_last_moment_waits_for_the_commit_and_makes_it_run_again(stage, sold):
    def wish():
        work.bump(account_id=stage.shop.casa.pk, kind="order", key=str(sold.id))

    claimed = claim_of("order")

    with held_at("work.before_commit", lambda: work.run(claimed)):
        wishing = Beside(wish)
        assert wishing.waits
    wishing.join()

    assert Work.objects.get(kind="order", key=str(sold.id)).state == "ready"
    comes_right(stage)
    assert stage.level() == (10, 2)


@pytest.mark.parametrize("run", ONE_BY_ONE, ids=["alone", "together"])
@pytest.mark.parametrize("is_cancelled", [True, False], ids=["cancelled since", "nothing new"])
def test_a_worker_back_from_the_dead_writes_no_order(stage, sold, run, is_cancelled):
    """It has the paid order in its hands; another has done its work since."""
    claimed = claim_of("order")

    with held_at("fetch.after_get", lambda: run(claimed)):
        lease_ends()
        stage.world.clock.advance(seconds=5)
        if is_cancelled:
            stage.world.cancel(sold.id)
        stage.deliver()
        drain_orders(stage)
        before = list(Order.objects.values_list("status", "fetched_at"))
        row = Work.objects.values("state", "done_seq").get(pk=claimed.work_id)

    assert list(Order.objects.values_list("status", "fetched_at")) == before
    assert Work.objects.values("state", "done_seq").get(pk=claimed.work_id) == row
    comes_right(stage)
    assert stage.level() == ((10, 0) if is_cancelled else (10, 2))


def test_a_listing_that_is_linked_anew_during_its_sale_takes_the_new_product(stage, sold):
    jar = Product.objects.create(sku="JARRA", name="Jarra")
    ledger.receive(product=jar, warehouse=stage.main, quantity=4, operation="jars")
    unit = stage.unit(stage.shop.mug_at_casa)

    def linked_anew():
        sku_mapping.link(variation_ids=[unit.pk], product=jar, source=SkuMapping.Source.TYPED, by=None)

    with meanwhile("order.more_asked", linked_anew):
        drain_orders(stage)

    comes_right(stage)
    assert (stage.level(), stage.level(jar)) == ((10, 0), (4, 2))
    assert stage.shown() == (2, 10, 10)


def test_two_sales_of_one_product_at_once_go_one_after_the_other(stage):
    stage.world.sell(stage.shop.mug_at_casa, 1)
    stage.world.sell(stage.shop.mug_at_aurora, 1)
    stage.deliver()
    claims = {one.account_id: one for one in claims_of("order")}
    here, there = claims[stage.shop.casa.pk], claims[stage.shop.aurora.pk]

    with held_at("ledger.moved", lambda: work.run(here)):
        other = Beside(lambda: work.run(there))
        assert other.waits
    other.join()

    lease_ends()
    comes_right(stage)
    assert (stage.level(), stage.shown()) == ((10, 2), (8, 8, 8))


@pytest.fixture
def count(stage):
    """Eight of ten mugs were found; another is about to approve."""
    made, _new = counts.enter(warehouse=stage.main, counted={stage.shop.mug: 8}, operation=uuid.uuid4(), by=stage.owner)
    return made


@pytest.fixture
def another(owner):
    return get_user_model().objects.create_superuser("bea", "bea@example.com", "a-long-enough-password")


def test_a_sale_during_the_approval_of_a_count_waits_and_stays_sold(stage, sold, count, another):
    with held_at("count.booked", lambda: counts.approve(count=count, by=another)):
        sale = Beside(lambda: drain_orders(stage))
        assert sale.waits
    sale.join()

    comes_right(stage)
    assert (stage.level(), stage.shown()) == ((8, 2), (6, 6, 6))


def test_an_approval_during_a_sale_waits_and_takes_nothing_back(stage, sold, count, another):
    with held_at("ledger.moved", lambda: drain_orders(stage)):
        approval = Beside(lambda: counts.approve(count=count, by=another))
        assert approval.waits
    approval.join()

    comes_right(stage)
    assert (stage.level(), stage.shown()) == ((8, 2), (6, 6, 6))


def test_two_polls_at_once_find_everything_once(stage):
    """The usual one and the nightly one, over the same orders."""
    for _ in range(3):
        stage.world.sell(stage.shop.mug_at_casa, 1)
    stage.world.drain_notifications()
    for key in ("", "days:7"):
        work.bump(account_id=stage.shop.casa.pk, kind="order_poll", key=key)
    usual, nightly = claims_of("order_poll")

    with held_at("poll.asked", lambda: work.run(usual)):
        other = Beside(lambda: work.run(nightly))
        assert other.waits
    other.join()

    assert Work.objects.filter(kind="order_poll", state="idle", fails=0).count() == 2
    assert SyncCursor.objects.filter(account=stage.shop.casa, stream="orders").count() == 1
    comes_right(stage)
    assert stage.level() == (10, 3)


def test_a_composition_that_changes_between_sale_and_cancellation_gives_back_what_was_held(stage):
    """Two mugs make the set, then one; the import of the cancellation meets the change in the middle."""
    kit = Product.objects.create(sku="JUEGO", name="Juego")
    kits.compose({kit.pk: {stage.shop.mug.pk: 2}}, by=None)
    seller = stage.world.sellers[stage.shop.casa.ml_user_id]
    item = stage.publish_and_link(stage.shop.casa, seller, kit, title="Juego de tazas", available_quantity=5)
    comes_right(stage)
    order = stage.world.sell(item.id, 1)
    stage.deliver()
    stage.drain("orders")
    assert stage.level() == (10, 2)
    stage.world.clock.advance(seconds=5)
    stage.world.cancel(order.id)
    stage.deliver()

    with meanwhile("order.more_asked", lambda: kits.compose({kit.pk: {stage.shop.mug.pk: 1}}, by=None)):
        drain_orders(stage)

    comes_right(stage)
    assert (stage.level(), item.available_quantity) == ((10, 0), 10)
