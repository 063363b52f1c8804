"""Pushes against the simulated marketplace, with what goes wrong there."""

import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from catalog.models import Listing
from inventory import ledger
from inventory.effects import Demand
from inventory.models import SellerWarehouse, StockLevel, StockTarget
from inventory.targets.stock_targets import REPLICATION
from sandbox import faults
from sandbox.listing import make_variation
from sellers import points
from sellers.brakes import breakers
from sellers.models import PushAttempt, SellerAccount, Work
from sellers.queue import work

Outcome = PushAttempt.Outcome


@pytest.fixture
def stocked(mug, centro):
    """Receive mugs; each call is an operation of its own."""
    calls = iter(range(1000))

    def receive(quantity, warehouse=centro, product=mug):
        ledger.receive(product=product, warehouse=warehouse, quantity=quantity, operation=f"in-{next(calls)}")

    return receive


def outcomes():
    return list(PushAttempt.objects.order_by("id").values_list("outcome", flat=True))


def test_a_quantity_is_sent_and_verified_by_reading_back(shop, mug, stocked, work_off):
    item = shop.open().item(link=mug, available_quantity=3)
    stocked(8)

    work_off()

    assert item.available_quantity == 8
    target = shop.target(item)
    assert (target.wanted, target.accepted, target.observed, target.state) == (8, 8, 8, "equal")
    attempt = PushAttempt.objects.get(outcome=Outcome.VERIFIED)
    assert attempt.changes == [{"variation_id": 0, "old": "3", "new": "8"}]
    assert (attempt.item_id, attempt.http_status, attempt.tries) == (item.id, 200, 1)
    assert attempt.duration_ms is not None


def test_an_equal_quantity_is_not_sent(shop, mug, stocked, work_off):
    shop.open().item(link=mug, available_quantity=8)
    stocked(8)

    work_off()

    assert shop.puts() == []
    assert outcomes() == [Outcome.UNCHANGED]


def test_ten_changes_make_one_call(shop, mug, stocked, work_off):
    shop.open().item(link=mug, available_quantity=3)
    for _ in range(10):
        stocked(1)

    work_off()

    assert [entry.body for entry in shop.puts()] == [{"available_quantity": 10}]


def test_observe_mode_computes_and_sends_nothing(shop, mug, stocked, work_off):
    item = shop.open(mode="observe").item(link=mug, available_quantity=3)
    stocked(8)

    work_off()

    assert shop.puts() == []
    target = shop.target(item)
    assert (target.wanted, target.accepted, target.state) == (8, None, "waiting")
    assert "observe mode" in target.explanation


def test_every_variation_is_in_the_body_and_the_unlinked_ones_keep_theirs(shop, mug, plate, centro, stocked, work_off):
    item = shop.open().item(
        variations=[
            {"id": 11, "combination": {"COLOR": "Rojo"}, "available_quantity": 1},
            {"id": 12, "combination": {"COLOR": "Azul"}, "available_quantity": 2},
            {"id": 13, "combination": {"COLOR": "Verde"}, "available_quantity": 3},
        ],
        link={11: mug, 12: plate},
    )
    stocked(5)
    stocked(6, product=plate)

    work_off()

    assert [one.available_quantity for one in item.variations] == [5, 6, 3]
    assert shop.puts()[-1].body == {
        "variations": [{"id": 11, "available_quantity": 5}, {"id": 12, "available_quantity": 6}, {"id": 13}]
    }
    assert shop.world.counters["variations_deleted"] == 0


def test_a_variation_added_at_ml_meanwhile_is_not_deleted(shop, mug, stocked, work_off):
    item = shop.open().item(
        variations=[{"id": 11, "combination": {"COLOR": "Rojo"}, "available_quantity": 1}], link={11: mug}
    )
    item.variations.append(
        make_variation(shop.seller, item, {"id": 12, "combination": {"COLOR": "Azul"}, "available_quantity": 4})
    )
    stocked(5)

    work_off()

    assert [(one.id, one.available_quantity) for one in item.variations] == [(11, 5), (12, 4)]


def test_applied_and_then_no_answer_is_found_out_by_looking(shop, mug, stocked, work_off):
    item = shop.open().item(link=mug, available_quantity=3)
    stocked(8)
    shop.world.faults.add(faults.APPLIED_THEN_TIMEOUT, method="PUT")

    work_off()

    assert len(shop.puts()) == 1
    assert outcomes() == [Outcome.UNKNOWN, Outcome.UNCHANGED]
    assert shop.target(item).state == "equal"


def test_no_answer_and_nothing_done_is_sent_again(shop, mug, stocked, work_off):
    item = shop.open().item(link=mug, available_quantity=3)
    stocked(8)
    shop.world.faults.add(faults.TIMEOUT, method="PUT")

    work_off()

    assert item.available_quantity == 8
    assert outcomes() == [Outcome.UNKNOWN, Outcome.VERIFIED]


def test_a_conflict_reads_and_decides_again(shop, mug, stocked, work_off):
    item = shop.open().item(link=mug, available_quantity=3)
    stocked(8)
    shop.world.faults.add(faults.CONFLICT_409, method="PUT", times=2)

    work_off()

    assert item.available_quantity == 8
    assert outcomes() == [Outcome.CONFLICT, Outcome.CONFLICT, Outcome.VERIFIED]


def test_too_many_requests_slow_the_seller_down(shop, mug, stocked, work_off):
    item = shop.open().item(link=mug, available_quantity=3)
    stocked(8)
    shop.world.faults.add(faults.RATE_LIMITED, method="PUT")

    work_off()

    assert item.available_quantity == 8
    assert SellerAccount.objects.get().rate_factor < 1
    assert outcomes() == [Outcome.FAILED, Outcome.VERIFIED]


def test_a_call_that_is_held_back_right_before_the_write_was_never_sent(shop, mug, stocked):
    item = shop.open().item(link=mug, available_quantity=3)
    stocked(8)

    with points.at("push.before_put", lambda: breakers.hold(shop.account.pk)):
        claimed = _try_stock_once()

    assert (item.available_quantity, claimed.state, claimed.last_error_class) == (3, "ready", "Unavailable")
    assert outcomes() == []


def test_a_write_without_effect_is_told_and_not_repeated_for_ever(shop, mug, stocked, work_off):
    item = shop.open().item(link=mug, available_quantity=3)
    stocked(8)
    shop.world.faults.add(faults.IGNORED_WRITE, method="PUT", times=None)

    work_off()

    target = shop.target(item)
    assert (target.accepted, target.observed, target.state) == (8, 3, "rejected")
    assert "changes nothing" in target.explanation
    assert outcomes() == [Outcome.IGNORED, Outcome.IGNORED]
    assert Work.objects.get(kind="stock").state == "idle"


def test_a_sale_unknown_to_us_is_waited_for_before_anything_is_written(shop, mug, stocked, work_off):
    item = shop.open().item(link=mug, available_quantity=3)
    stocked(8)
    work_off()
    polls = Work.objects.filter(kind="order_poll").count()
    shop.world.sell(item.id, quantity=2)
    stocked(1)

    claimed = _try_stock_once()

    assert item.available_quantity == 6
    assert claimed.state == "ready"
    assert claimed.last_error_class == "TryLater"
    assert Work.objects.filter(kind="order_poll").count() == polls + 1
    assert shop.target(item).settle_rounds == 1


def test_while_orders_wait_to_be_imported_no_round_is_counted_and_no_poll_asked_for(shop, mug, stocked, work_off):
    item = shop.open().item(link=mug, available_quantity=3)
    stocked(8)
    work_off()
    polls = Work.objects.filter(kind="order_poll").count()
    sold = shop.world.sell(item.id, quantity=2)
    stocked(1)
    work.bump(account_id=shop.account.pk, kind="order", key=str(sold.id))

    for _ in range(4):
        _try_stock_once()

    assert item.available_quantity == 6
    assert shop.target(item).settle_rounds == 0
    assert Work.objects.filter(kind="order_poll").count() == polls
    work_off()
    assert item.available_quantity == 7


def test_a_sale_whose_order_is_in_the_ledger_needs_no_waiting(shop, mug, centro, stocked):
    item = shop.open().item(link=mug, available_quantity=8)
    stocked(8)
    _try_stock_once()
    shop.world.sell(item.id, quantity=2)
    ledger.set_demand(owner="order:1:0", wanted={(mug.pk, centro.pk): Demand(reserved=2)})
    stocked(1)

    _try_stock_once()

    assert item.available_quantity == 7
    assert shop.target(item).settle_rounds == 0


def test_after_two_rounds_without_an_order_our_number_counts(shop, mug, stocked):
    item = shop.open().item(link=mug, available_quantity=8)
    stocked(8)
    _try_stock_once()
    shop.world.edit_stock(item.id, 5)
    stocked(1)

    for _ in range(3):
        _try_stock_once()

    assert item.available_quantity == 9
    assert shop.target(item).settle_rounds == 0


def test_a_sale_between_reading_and_writing_is_made_good_by_its_order(shop, mug, centro, stocked):
    item = shop.open().item(link=mug, available_quantity=3)
    stocked(8)

    shop.world.hooks.before("PUT", f"/items/{item.id}", lambda: shop.world.sell(item.id, quantity=1))
    _try_stock_once()
    ledger.set_demand(owner="order:1:0", wanted={(mug.pk, centro.pk): Demand(reserved=1)})
    _try_stock_once()

    assert item.available_quantity == 7


FROZEN = [
    (lambda world, item: world.set_under_review(item.id), "reviewing"),
    (lambda world, item: world.set_under_review(item.id, "held"), "reviewing"),
    (lambda world, item: world.close(item.id), "closed"),
    (lambda world, item: world.pause(item.id), "seller paused"),
    (lambda world, item: world.set_status(item.id, "inactive"), "switched the listing off"),
    (lambda world, item: world.set_status(item.id, "payment_required"), "owes"),
]


@pytest.mark.parametrize(("happens", "words"), FROZEN)
def test_frozen_listings_are_never_written_and_say_why(shop, mug, stocked, work_off, happens, words):
    item = shop.open().item(link=mug, available_quantity=3)
    happens(shop.world, item)
    status = (item.status, list(item.sub_status))
    stocked(8)

    work_off()

    assert shop.puts() == []
    assert (item.status, item.sub_status) == status
    target = shop.target(item)
    assert target.state == "blocked"
    assert words in target.explanation


def test_a_listing_the_seller_activates_again_gets_its_quantity(shop, mug, stocked, work_off, deliver):
    item = shop.open().item(link=mug, available_quantity=3)
    shop.world.pause(item.id)
    stocked(8)
    work_off()
    shop.world.activate(item.id)
    deliver()
    work_off()

    assert (item.available_quantity, item.status, item.sub_status) == (8, "active", [])
    assert shop.target(item).state == "equal"


def test_zero_pauses_a_listing_and_restock_brings_back_only_that(shop, mug, centro, stocked, work_off):
    stocked(2)
    item = shop.open().item(link=mug, available_quantity=2)
    ledger.adjust(product=mug, warehouse=centro, delta=-2, operation="sold", reason="sold")
    work_off()
    assert (item.available_quantity, item.status, item.sub_status) == (0, "paused", ["out_of_stock"])

    stocked(5)
    work_off()
    assert (item.available_quantity, item.status, item.sub_status) == (5, "active", [])

    shop.world.set_status(item.id, "paused", "picture_downloading_pending")
    stocked(1)
    work_off()
    assert (item.available_quantity, item.status) == (6, "paused")
    assert all("status" not in entry.body for entry in shop.puts())


@pytest.mark.parametrize(("condition", "listing_type_id"), [("used", "gold_special"), ("new", "free")])
def test_zero_is_not_sent_where_it_cannot_pause(shop, mug, work_off, condition, listing_type_id):
    item = shop.open().item(link=mug, available_quantity=3, condition=condition, listing_type_id=listing_type_id)

    work_off()

    assert shop.puts() == []
    assert "does not accept zero" in shop.target(item).explanation


def test_a_used_thing_shows_one_however_many_there_are(shop, mug, stocked, work_off):
    stocked(8)
    item = shop.open().item(link=mug, available_quantity=0, condition="used", category_id="MLA1322", status="paused")
    work_off()

    assert item.available_quantity == 1
    target = shop.target(item)
    assert (target.wanted, target.state) == (1, "equal")


def test_full_is_never_written(shop, mug, stocked, work_off):
    item = shop.open().item(link=mug, full_quantity=20)
    stocked(8)

    work_off()

    assert shop.puts() == []
    assert shop.target(item).state == "full"


def test_beside_full_the_sellers_own_address_is_written(shop, mug, stocked, work_off):
    item = shop.open().item(link=mug, full_quantity=20, flex_quantity=1, logistic_type="self_service")
    stocked(8)

    work_off()

    product = shop.world.user_products[item.own.user_product_id]
    assert {place.type: place.quantity for place in product.locations} == {"selling_address": 8, "meli_facility": 20}
    assert shop.target(item).state == "equal"


def test_listings_of_one_user_product_are_written_once(shop, mug, stocked, work_off):
    shop.open(tags=("normal", "user_product_seller"))
    first = shop.item(link=mug, available_quantity=3)
    second = shop.item(link=mug, user_product_id=first.own.user_product_id)
    stocked(8)

    work_off()

    assert len(shop.puts()) == 1
    assert (first.available_quantity, second.available_quantity) == (8, 8)
    assert (shop.target(first).state, shop.target(second).state) == ("equal", "equal")


def test_a_slow_copy_to_the_other_listing_is_not_called_drift(shop, mug, stocked):
    shop.open(tags=("normal", "user_product_seller"))
    first = shop.item(link=mug, available_quantity=3)
    second = shop.item(link=mug, user_product_id=first.own.user_product_id)
    shop.world.replication_delay = 30
    stocked(8)

    _try_stock_once()

    states = {shop.target(one).state for one in (first, second)}
    assert states == {"equal", "accepted"}
    assert Work.objects.filter(kind="item", state="ready").count() == 1


def test_a_copy_that_never_comes_is_found_by_a_look_of_its_own(shop, mug, stocked):
    """A look while ML may still be copying asks for another one, when it must be there."""
    shop.open(tags=("normal", "user_product_seller"))
    first = shop.item(link=mug, available_quantity=3)
    second = shop.item(link=mug, user_product_id=first.own.user_product_id)
    shop.world.replication_delay = 3600
    stocked(8)
    _try_stock_once()
    Work.objects.filter(kind="item").update(due_at="2000-01-01T00:00:00Z")

    work.drain(settings.LANES["bulk"], who="test")

    again = Work.objects.get(kind="item", state="ready")
    assert again.due_at > timezone.now() + REPLICATION - timedelta(minutes=1)
    StockTarget.objects.update(accepted_at=timezone.now() - REPLICATION)
    Work.objects.filter(kind="item").update(due_at="2000-01-01T00:00:00Z")
    work.drain(settings.LANES["bulk"], who="test")
    assert {shop.target(one).state for one in (first, second)} == {"equal", "drift"}


def test_listings_of_one_user_product_linked_to_two_skus_are_not_written(shop, mug, plate, stocked, work_off):
    shop.open(tags=("normal", "user_product_seller"))
    first = shop.item(link=mug, available_quantity=3)
    shop.item(link=plate, user_product_id=first.own.user_product_id)
    stocked(8)

    work_off()

    assert shop.puts() == []
    assert "different SKUs" in shop.target(first).explanation


@pytest.fixture
def warehouses(shop, centro, norte):
    """A seller who keeps stock by warehouse, with two stores linked to ours."""
    shop.open(tags=("normal", "user_product_seller", "warehouse_management", "multiwarehouse"))
    for position, warehouse in enumerate((centro, norte)):
        store = shop.seller.add_store(warehouse.name)
        SellerWarehouse.objects.create(
            account=shop.account,
            warehouse=warehouse,
            priority=position,
            store_id=store.id,
            network_node_id=store.network_node_id,
        )
    return shop


def quantities_at(shop, item):
    product = shop.world.user_products[item.own.user_product_id]
    return [place.quantity for place in product.locations]


def test_stock_by_warehouse_is_written_store_by_store(warehouses, mug, centro, norte, stocked, work_off):
    item = warehouses.item(link=mug, available_quantity=3)
    stocked(5)
    stocked(7, warehouse=norte)

    work_off()

    assert quantities_at(warehouses, item) == [5, 7]
    assert [entry.path for entry in warehouses.puts()] == [
        f"/user-products/{item.own.user_product_id}/stock/type/seller_warehouse"
    ]
    target = warehouses.target(item)
    assert (target.observed, target.state) == (12, "equal")
    assert target.version == warehouses.world.user_products[item.own.user_product_id].version


def test_a_version_that_moved_is_read_and_decided_again(warehouses, mug, centro, stocked):
    item = warehouses.item(link=mug, available_quantity=3)
    stocked(5)
    path = "/user-products/[^/]+/stock/type/seller_warehouse"
    store_id = warehouses.seller.stores[0].id
    warehouses.world.hooks.before("PUT", path, lambda: warehouses.world.edit_stock(item.id, 4, store_id=store_id))

    _try_stock_once()

    assert quantities_at(warehouses, item) == [5, 0]
    assert outcomes() == [Outcome.CONFLICT, Outcome.VERIFIED]


def test_stock_that_was_never_set_is_set(warehouses, mug, stocked, work_off):
    item = warehouses.item(link=mug, available_quantity=0, stock_initialised=False)
    stocked(5)

    work_off()

    assert quantities_at(warehouses, item) == [5, 0]
    assert warehouses.target(item).state == "equal"


def test_a_push_that_was_cut_off_is_closed_by_the_next_look(shop, mug, stocked, work_off):
    item = shop.open().item(link=mug, available_quantity=8)
    key = item.own.user_product_id
    cut_off = PushAttempt.objects.create(account=shop.account, kind="stock", key=key, item_id=item.id)
    stocked(8)

    work_off()

    cut_off.refresh_from_db()
    assert cut_off.outcome == Outcome.UNKNOWN
    assert outcomes() == [Outcome.UNKNOWN, Outcome.UNCHANGED]


def test_a_push_that_was_cut_off_is_closed_where_nothing_may_be_written_any_more(shop, mug, stocked, work_off):
    item = shop.open().item(link=mug, available_quantity=3)
    key = item.own.user_product_id
    cut_off = PushAttempt.objects.create(account=shop.account, kind="stock", key=key, item_id=item.id)
    stocked(8)
    Listing.objects.update(status="closed")

    work_off()

    cut_off.refresh_from_db()
    assert outcomes() == [Outcome.UNKNOWN]


def test_a_worker_that_lost_its_lease_writes_nothing(shop, mug, stocked):
    item = shop.open().item(link=mug, available_quantity=3)
    stocked(8)
    steal = lambda: Work.objects.filter(kind="stock").update(lease_token=uuid.uuid4())  # noqa: E731
    shop.world.hooks.after("PUT", f"/items/{item.id}", steal)

    _try_stock_once()

    assert item.available_quantity == 8
    assert shop.target(item).accepted is None
    assert Work.objects.get(kind="stock").state == "leased"


def test_a_seller_of_one_warehouse_with_two_links_is_told_to_keep_one(warehouses, mug, stocked, work_off):
    SellerAccount.objects.update(tags=["user_product_seller", "warehouse_management"])
    item = warehouses.item(link=mug, available_quantity=3)
    stocked(5)

    work_off()

    assert warehouses.puts() == []
    assert "one warehouse only" in warehouses.target(item).explanation


def test_stock_sent_for_two_warehouses_of_a_seller_of_one_has_the_tags_read_again(warehouses, mug, stocked, work_off):
    warehouses.seller.tags.remove("multiwarehouse")
    item = warehouses.item(link=mug, available_quantity=3)
    stocked(5)

    work_off()

    (attempt,) = PushAttempt.objects.all()
    assert "seller with a single warehouse" in attempt.ml_words
    assert "one warehouse at Mercado Libre" in attempt.meaning
    assert "one warehouse only" in warehouses.target(item).explanation  # no longer refused, but not sent
    assert Work.objects.get(kind="stock").state == "idle"


def test_a_sale_between_reading_and_writing_by_store_is_not_lost(warehouses, mug, centro, norte, stocked, work_off):
    item = warehouses.item(link=mug, available_quantity=3)
    stocked(5)
    stocked(7, warehouse=norte)
    work_off()
    path = "/user-products/[^/]+/stock/type/seller_warehouse"
    store_id = warehouses.seller.stores[1].id
    warehouses.world.hooks.before("PUT", path, lambda: warehouses.world.sell(item.id, 2, store_id=store_id))
    stocked(10)
    _try_stock_once()

    # Refused as the version moved, read again; what is gone has no order here yet, so nothing is written over it.
    assert quantities_at(warehouses, item) == [5, 5]
    assert outcomes()[-1] == Outcome.CONFLICT

    work_off()  # the poll finds the order
    assert quantities_at(warehouses, item) == [15, 5]
    level = StockLevel.objects.get(product=mug, warehouse=norte)
    assert (level.on_hand, level.reserved) == (7, 2)


def test_stores_that_are_not_linked_are_explained_and_not_written(warehouses, mug, stocked, work_off):
    SellerWarehouse.objects.update(store_id="")
    item = warehouses.item(link=mug, available_quantity=3)
    stocked(5)

    work_off()

    assert warehouses.puts() == []
    target = warehouses.target(item)
    assert target.state == "blocked"
    assert "linked to a warehouse" in target.explanation


STORE_REFUSALS = [
    ("gone", "does not know this warehouse any more", "Store not found"),
    ("of another seller", "belongs to another seller", "Store does not belong to seller"),
    ("not for stock", "not switched this warehouse on", "Store is not configured to be a stock location"),
]


@pytest.mark.parametrize(("which", "meaning", "words"), STORE_REFUSALS)
def test_a_refused_store_is_shown_with_its_meaning(warehouses, mug, stocked, work_off, which, meaning, words):
    item = warehouses.item(link=mug, available_quantity=3)
    store, others = warehouses.seller.stores[1], warehouses.world.add_seller("OTRA").stores
    if which != "not for stock":
        warehouses.seller.stores.remove(store)
    if which == "of another seller":
        others.append(store)
    store.is_stock_location = False
    stocked(5)

    work_off()

    target = warehouses.target(item)
    assert target.state == "rejected"
    assert meaning in target.explanation
    attempt = PushAttempt.objects.get()
    assert (attempt.outcome, attempt.http_status) == (Outcome.REJECTED, 400)
    assert words in attempt.ml_words
    assert meaning in attempt.meaning
    assert attempt.todo
    assert Work.objects.get(kind="stock").state == "dead"


def test_a_listing_that_ml_no_longer_has_is_marked_gone(shop, mug, stocked, work_off):
    item = shop.open().item(link=mug, available_quantity=3)
    del shop.world.items[item.id]
    stocked(8)

    work_off()

    target = shop.target(item)
    assert target.state == "blocked"
    assert target.variation.listing.missing_since is not None


def test_falling_quantities_go_first(shop, mug, plate, stocked):
    stocked(8)
    rising = shop.open().item(link=mug, available_quantity=3)
    falling = shop.item(link=plate, available_quantity=3)

    priorities = dict(Work.objects.filter(kind="stock").values_list("key", "priority"))

    assert priorities == {rising.own.user_product_id: 50, falling.own.user_product_id: 40}


def test_a_hand_edit_is_asked_about_where_the_seller_wants_that(shop, mug, stocked):
    item = shop.open(drift_policy="ask").item(link=mug, available_quantity=8)
    stocked(8)
    _try_stock_once()
    shop.world.edit_stock(item.id, 50)
    Work.objects.filter(kind="stock").update(state="ready", want_seq=99)

    _try_stock_once()

    assert item.available_quantity == 50
    assert PushAttempt.objects.exclude(outcome=Outcome.UNCHANGED).count() == 0


def _try_stock_once():
    """Try the one stock row once, due or not."""
    Work.objects.filter(kind="stock", state="ready").update(due_at="2000-01-01T00:00:00Z")
    for claimed in work.claim(lane=settings.LANES["pushes"], who="test", limit=1):
        work.run(claimed)
    return Work.objects.filter(kind="stock").first()
