"""Looking back at Mercado Libre, and what a look leads to."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Listing, SalesSpeed
from inventory import ledger
from inventory.effects import Demand
from inventory.models import SellerWarehouse, StockTarget
from inventory.patrol import looking, looks_together, patrol, patrol_choice
from inventory.patrol.plan import Plan
from inventory.pushes import stock_push
from inventory.targets import why
from inventory.targets.stock_targets import Dialect
from mercadolibre import errors
from sellers.connection.clients import client_for
from sellers.models import PushAttempt, SellerAccount, Work
from sellers.queue import work
from ui.stored import told


@pytest.fixture
def pushed(shop, mug, centro, work_off):
    """A live listing that shows our eight mugs."""
    ledger.receive(product=mug, warehouse=centro, quantity=8, operation="in")
    item = shop.open().item(link=mug, available_quantity=3)
    work_off()
    shop.world.drain_notifications()
    shop.world.requests.clear()
    return item


def long_ago(**fields):
    """Make the last look and the last push old."""
    past = timezone.now() - timedelta(hours=2)
    Listing.objects.update(seen_at=past)
    for listing in Listing.objects.all():
        for variation in listing.variations.all():
            if hasattr(variation, "stock_target"):
                target = variation.stock_target
                target.accepted_at = target.observed_at = past
                target.save()


def test_a_hand_edit_is_seen_and_put_back(shop, pushed, deliver, work_off):
    long_ago()
    shop.world.edit_stock(pushed.id, 50)

    deliver()
    work_off()

    assert pushed.available_quantity == 8
    assert shop.target(pushed).state == "equal"


def test_a_hand_edit_waits_for_an_answer_where_the_seller_wants_that(shop, pushed, deliver, work_off):
    SellerAccount.objects.update(drift_policy="ask")
    long_ago()
    shop.world.edit_stock(pushed.id, 50)

    deliver()
    work_off()

    assert pushed.available_quantity == 50
    target = shop.target(pushed)
    assert (target.state, target.wanted, target.observed) == ("drift", 8, 50)

    stock_push.overwrite([target.variation_id])
    work_off()

    assert pushed.available_quantity == 8
    assert shop.target(pushed).state == "equal"


def test_our_own_push_costs_one_look_however_often_ml_tells(shop, pushed, deliver, mug, centro, work_off):
    ledger.receive(product=mug, warehouse=centro, quantity=1, operation="more")
    work_off()
    told = shop.world.drain_notifications()
    items = [body for body in told if body["topic"] == "items"]
    shop.world.requests.clear()

    deliver(items * 5)
    work_off()

    assert [(entry.method, entry.path) for entry in shop.world.requests] == [("GET", "/items/bulk")]


def test_the_patrol_finds_what_no_notification_told(shop, pushed, work_off):
    long_ago()
    shop.world.edit_stock(pushed.id, 2)
    shop.world.drain_notifications()

    patrol.schedule()
    work_off()

    assert pushed.available_quantity == 8


def test_the_patrol_reads_twenty_at_a_time_what_sells_first(shop, mug, work_off):
    shop.open(mode="observe")
    for _ in range(25):
        shop.item(available_quantity=50)
    popular = shop.item(available_quantity=1)
    Listing.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    SalesSpeed.objects.create(listing=Listing.objects.get(item_id=popular.id), per_day=2)
    shop.world.requests.clear()

    patrol.schedule()
    work_off()

    bulks = shop.world.requests.to("/items/bulk")
    assert len(bulks) == 2
    assert bulks[0].query.startswith(f"ids={popular.id}")
    assert patrol_choice.chosen(shop.account, Plan(100, 100, 100), timezone.now()) == []


def test_an_unreadable_listing_does_not_keep_the_patrol_from_the_others(shop, mug, work_off):
    shop.open(mode="observe")
    items = [shop.item(variations=[{"combination": {"SIZE": "M"}, "available_quantity": 1}]) for _ in range(3)]
    then = timezone.now() - timedelta(hours=1)
    Listing.objects.update(seen_at=then)
    items[1].variations[0].id = "not a number"

    patrol.schedule()
    work_off()

    assert list(Listing.objects.filter(seen_at=then).values_list("item_id", flat=True)) == [items[1].id]
    assert not Work.objects.filter(kind="patrol", state="dead").exists()


def test_one_answer_of_a_server_in_trouble_does_not_keep_the_patrol_from_the_others(shop, mug, work_off):
    shop.open(mode="observe")
    for _ in range(3):
        shop.item(available_quantity=1)
    then = timezone.now() - timedelta(hours=1)
    Listing.objects.update(seen_at=then)
    shop.world.faults.add("SERVER_ERROR", path="/items/bulk", times=2)  # all together, then the first alone

    patrol.patrol(patrol_claim(shop))

    assert Listing.objects.filter(seen_at=then).count() == 1


def test_a_server_that_answers_nothing_is_asked_again_later(shop, mug):
    shop.open(mode="observe").item(available_quantity=1)
    Listing.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    shop.world.faults.add("SERVER_ERROR", path="/items/bulk", times=None)

    with pytest.raises(errors.ServerError):
        patrol.patrol(patrol_claim(shop))


def patrol_claim(shop):
    Work.objects.all().delete()
    work.bump(account_id=shop.account.pk, kind="patrol", key="")
    return next(one for lane in range(3) for one in work.claim(lane=lane, who="test"))


def test_a_listing_that_went_to_another_seller_is_gone_and_the_others_are_taken_in(shop, mug):
    shop.open(mode="observe")
    ids = [shop.item(available_quantity=1).id for _ in range(2)]
    then = timezone.now() - timedelta(hours=1)
    Listing.objects.update(seen_at=then)
    theirs, ours = (client_for(shop.account).item(item_id) for item_id in ids)

    looking.take_in_now(shop.account, {ids[0]: replace(theirs, seller_id=999), ids[1]: ours})

    assert Listing.objects.get(item_id=ids[0]).missing_since is not None
    assert Listing.objects.get(item_id=ids[1]).seen_at > then


def test_a_listing_that_vanished_is_marked_and_comes_back(shop, pushed, work_off):
    kept = shop.world.items.pop(pushed.id)
    work.bump(account_id=shop.account.pk, kind="item", key=pushed.id)
    work_off()
    assert Listing.objects.get().missing_since is not None
    assert shop.target(pushed).state == "blocked"

    shop.world.items[pushed.id] = kept
    work.bump(account_id=shop.account.pk, kind="item", key=pushed.id)
    work_off()

    assert Listing.objects.get().missing_since is None
    assert shop.target(pushed).state == "equal"


@pytest.mark.parametrize(("act", "searches"), [("pause", 0), ("close", 1)])
def test_who_took_a_place_is_looked_for_where_a_listing_ended_not_at_every_status(shop, pushed, act, searches):
    getattr(shop.world, act)(pushed.id)

    with CaptureQueriesContext(connection) as made:
        looking.take_in(shop.account, {pushed.id: client_for(shop.account).item(pushed.id)})

    assert sum("only_one" in one["sql"] for one in made) == searches


def test_a_listing_released_from_review_gets_its_quantity(shop, pushed, mug, centro, work_off):
    shop.world.set_under_review(pushed.id)
    ledger.receive(product=mug, warehouse=centro, quantity=1, operation="more")
    work_off()
    assert pushed.available_quantity == 8

    shop.world.activate(pushed.id)
    work.bump(account_id=shop.account.pk, kind="item", key=pushed.id)
    work_off()

    assert pushed.available_quantity == 9


def test_places_are_read_where_stock_lies_in_places(shop, mug, centro, work_off):
    shop.open(tags=("normal", "user_product_seller", "warehouse_management"))
    store = shop.seller.add_store("Centro")
    SellerWarehouse.objects.create(account=shop.account, warehouse=centro, store_id=store.id)
    ledger.receive(product=mug, warehouse=centro, quantity=8, operation="in")
    item = shop.item(link=mug, available_quantity=3)
    work_off()
    long_ago()
    shop.world.edit_stock(item.id, 1, store_id=store.id)

    work.bump(account_id=shop.account.pk, kind="user_product_stock", key=item.own.user_product_id)
    work_off()

    assert shop.world.user_products[item.own.user_product_id].total == 8
    assert timezone.now() - shop.target(item).places_at < timedelta(minutes=1)


def test_only_a_look_place_by_place_counts_as_one(shop, mug, centro, work_off):
    shop.open(tags=("normal", "user_product_seller", "warehouse_management"))
    store = shop.seller.add_store("Centro")
    SellerWarehouse.objects.create(account=shop.account, warehouse=centro, store_id=store.id)
    item = shop.item(link=mug, available_quantity=3)
    work_off()
    then = timezone.now() - timedelta(hours=1)
    StockTarget.objects.update(places_at=then, observed_at=then)

    work.bump(account_id=shop.account.pk, kind="item", key=item.id)
    work_off()
    assert (shop.target(item).places_at, shop.target(item).observed_at > then) == (then, True)
    patrol.schedule()
    work_off()

    assert shop.target(item).places_at > then


@pytest.mark.parametrize("look", [patrol.look, lambda claim: looks_together.look_at_user_products([claim])])
def test_a_user_product_that_is_not_written_by_place_has_its_turn_too(shop, mug, look):
    shop.open(mode="observe", tags=("normal", "user_product_seller", "warehouse_management"))
    item = shop.item(link=mug, full_quantity=3)
    Work.objects.all().delete()
    assert patrol_choice.places(shop.account, timezone.now()) == [item.own.user_product_id]
    work.bump(account_id=shop.account.pk, kind="user_product_stock", key=item.own.user_product_id)
    (claim,) = [one for lane in range(3) for one in work.claim(lane=lane, who="test")]

    look(claim)

    assert shop.target(item).state == "full"
    assert timezone.now() - shop.target(item).places_at < timedelta(minutes=1)


def test_why_this_number(shop, pushed, mug, centro, norte, work_off, django_assert_num_queries):
    SellerAccount.objects.update(buffer=2)
    ledger.set_demand(owner="order:2001:0", wanted={(mug.pk, centro.pk): Demand(reserved=3)})
    work_off()

    variation = shop.target(pushed).variation

    with django_assert_num_queries(8):
        told = why.why(variation)

    assert [(one.warehouse, one.on_hand, one.reserved, one.counts) for one in told.shelves] == [("MAIN", 8, 3, True)]
    assert [(one.order_id, one.units) for one in told.reservations] == [("2001", 3)]
    assert (told.available, told.buffer, told.after_buffer, told.units, told.wanted) == (5, 2, 3, 1, 3)
    assert told.dialect == Dialect.USER_PRODUCT
    assert (told.target.accepted, told.target.observed) == (3, 3)
    assert told.last_push.outcome == PushAttempt.Outcome.VERIFIED


def test_one_change_that_empties_the_shop_pauses_pushes(shop, mug, centro, work_off, settings):
    ledger.receive(product=mug, warehouse=centro, quantity=8, operation="in")
    shop.open()
    items = [shop.item(link=mug, available_quantity=8) for _ in range(50)]
    work_off()
    shop.world.requests.clear()

    ledger.count(product=mug, warehouse=centro, counted=0, operation="an empty column")
    work_off()

    account = SellerAccount.objects.get()
    assert account.pushes_paused is True
    assert "50 of 50" in told(account.status_reason)
    assert shop.puts() == []
    assert all(item.available_quantity == 8 for item in items)

    SellerAccount.objects.update(pushes_paused=False)
    work_off()

    assert all(item.available_quantity == 0 for item in items)


def test_unlinking_forgets_what_was_wanted(shop, pushed, work_off):
    target = shop.target(pushed)
    target.variation.mapping.delete()

    stock_push.want_variations([target.variation_id])
    work_off()

    target.refresh_from_db()
    assert (target.wanted, target.state) == (None, "unlinked")
    assert Work.objects.filter(kind="stock", state="ready").count() == 0
