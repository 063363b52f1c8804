"""Sales of the simulated marketplace, taken in and taken from stock."""

import pytest

from inventory.models import StockMovement
from orders.models import Order, OrderLine, Shipment
from sellers.models import Work
from sellers.queue import work
from tests.orders.conftest import link

State = Order.StockState


def test_a_sale_reserves(world, item_id, mug, look, shelf):
    order = look(world.sell(item_id, 3).id)

    assert shelf(mug) == (10, 3)
    assert (order.stock_state, order.stock_reason) == (State.RESERVED, "sold")
    assert order.lines.get().product == mug


def test_the_same_order_many_times_reserves_once(world, item_id, mug, look, shelf):
    sold = world.sell(item_id, 3, order_id=2001)

    for _ in range(3):
        look(sold.id)

    assert shelf(mug) == (10, 3)
    assert StockMovement.objects.filter(owner="order:2001:0").count() == 1


def test_a_sale_of_a_set_takes_its_units(world, publish, mug, count, look, shelf):
    count(mug, 10)
    box = publish(seller_sku="BOX")
    link(box, mug, units=6)

    look(world.sell(box.listing.item_id, 1).id)

    assert shelf(mug) == (10, 6)


def test_a_shipped_parcel_takes_the_units_off_the_shelf(world, item_id, mug, look, shelf):
    sold = world.sell(item_id, 2)
    look(sold.id)
    world.ship(sold.id)

    order = look(sold.id)

    assert shelf(mug) == (8, 0)
    assert order.stock_state == State.SHIPPED
    assert order.shipment.left_at is not None


def test_a_cancelled_sale_gives_the_units_back(world, item_id, mug, look, shelf):
    sold = world.sell(item_id, 2)
    look(sold.id)
    world.cancel(sold.id)

    order = look(sold.id)

    assert shelf(mug) == (10, 0)
    assert (order.stock_state, order.stock_reason) == (State.RELEASED, "cancelled")
    assert (order.cancel_group, order.cancel_code) == ("buyer", "buyer_cancel_express")


def test_what_was_shipped_and_then_cancelled_waits_to_be_counted(world, item_id, mug, look, shelf):
    sold = world.sell(item_id, 2)
    look(sold.id)
    world.ship(sold.id)
    look(sold.id)
    world.cancel(sold.id)

    order = look(sold.id)

    assert shelf(mug) == (8, 0)
    assert (order.stock_state, order.stock_reason) == (State.SHIPPED, "count_back")


def test_a_full_sale_takes_nothing_of_ours(world, publish, mug, count, look, shelf):
    count(mug, 10)
    listed = publish(seller_sku="MUG-1", full_quantity=5)

    order = look(world.sell(listed.listing.item_id, 2).id)

    assert shelf(mug) == (10, 0)
    assert (order.stock_state, order.stock_reason) == (State.FULL, "full")


def test_a_flex_sale_of_a_full_listing_takes_ours(world, publish, mug, count, look, shelf):
    count(mug, 10)
    listed = publish(seller_sku="MUG-1", full_quantity=5, flex_quantity=5)

    order = look(world.sell(listed.listing.item_id, 2, logistic_type="self_service").id)

    assert shelf(mug) == (10, 2)
    assert order.stock_state == State.RESERVED


def test_the_listing_is_a_guess_until_the_parcel_is_known(world, publish, mug, count, look, shelf):
    world.shipping_visible_after = 60
    count(mug, 10)
    listed = publish(seller_sku="MUG-1", full_quantity=5, flex_quantity=5)
    sold = world.sell(listed.listing.item_id, 2, logistic_type="self_service")
    guessed = look(sold.id)
    assert (guessed.stock_reason, shelf(mug)) == ("full_by_listing", (10, 0))

    world.clock.advance(seconds=61)
    corrected = look(sold.id)

    assert (corrected.stock_reason, shelf(mug)) == ("sold", (10, 2))


def test_a_split_cart_is_no_lost_sale(world, item_id, publish, plate, mug, count, look, shelf):
    count(plate, 10)
    plates = publish(title="Plato", seller_sku="PLATE-1")
    cart = world.sell_pack([(item_id, 2), (plates.listing.item_id, 1)])
    for order_id in cart.order_ids:
        look(order_id)
    new = world.split_pack(cart.id)
    for order_id in [*cart.order_ids, *(order.id for order in new)]:
        look(order_id)

    assert (shelf(mug), shelf(plate)) == ((10, 2), (10, 1))
    assert {order.stock_reason for order in Order.objects.filter(pk__in=cart.order_ids)} == {"split"}


def test_a_cart_is_one_pack_and_one_parcel(world, item_id, publish, plate, count, look):
    count(plate, 10)
    plates = publish(title="Plato", seller_sku="PLATE-1")
    cart = world.sell_pack([item_id, plates.listing.item_id])

    orders = [look(order_id) for order_id in cart.order_ids]

    assert {order.pack_key for order in orders} == {cart.id}
    assert Shipment.objects.get().orders.count() == 2


def test_news_of_a_parcel_moves_all_its_orders(
    world, account, item_id, publish, plate, mug, count, look, shelf, work_off
):
    count(plate, 10)
    plates = publish(title="Plato", seller_sku="PLATE-1")
    cart = world.sell_pack([(item_id, 2), (plates.listing.item_id, 1)])
    for order_id in cart.order_ids:
        look(order_id)
    world.ship(cart.order_ids[0])

    work.bump(account_id=account.pk, kind="shipment", key=str(cart.shipment_id))
    work_off()

    assert (shelf(mug), shelf(plate)) == ((8, 0), (9, 0))
    assert set(Order.objects.values_list("stock_state", flat=True)) == {State.SHIPPED}


def test_a_parcel_that_comes_first_finds_its_order(world, account, item_id, mug, work_off, shelf):
    sold = world.sell(item_id, 1)

    work.bump(account_id=account.pk, kind="shipment", key=str(sold.shipment_id))
    work_off()

    assert Order.objects.get().shipment_id == sold.shipment_id
    assert shelf(mug) == (10, 1)


def test_an_order_that_is_not_visible_yet_is_tried_again(world, account, item_id, mug, look, shelf):
    world.order_visible_after = 5
    sold = world.sell(item_id, 1)
    world.hooks.after("GET", f"/orders/{sold.id}", lambda: world.clock.advance(seconds=6))

    look(sold.id)

    assert shelf(mug) == (10, 1)


def test_a_parcel_that_shows_later_is_looked_for(world, account, item_id, look):
    world.shipping_visible_after = 20
    sold = world.sell(item_id, 1)
    world.hooks.after("GET", f"/orders/{sold.id}", lambda: world.clock.advance(seconds=30))

    order = look(sold.id)

    assert order.shipping_id == sold.shipment_id
    assert order.shipment.status == "ready_to_ship"


def test_the_sale_does_not_wait_for_a_parcel_that_ml_does_not_show(world, item_id, mug, account, shelf):
    sold = world.sell(item_id, 1)
    world.faults.add("SERVER_ERROR", path=f"/shipments/{sold.shipment_id}")
    work.bump(account_id=account.pk, kind="order", key=str(sold.id))

    work.drain(0, who="test", seconds=1, batch=1)

    assert shelf(mug) == (10, 1)
    assert Work.objects.filter(kind="shipment", key=str(sold.shipment_id)).exists()


def test_an_unlinked_sale_is_kept_and_applies_once_linked(world, publish, mug, count, look, shelf, work_off):
    count(mug, 10)
    listed = publish(seller_sku="OTHER")
    sold = world.sell(listed.listing.item_id, 2)
    waiting = look(sold.id)
    assert (waiting.stock_state, shelf(mug)) == (State.UNLINKED, (10, 0))

    link(listed, mug)
    work_off()

    assert shelf(mug) == (10, 2)
    assert Order.objects.get().stock_state == State.RESERVED


def test_an_unlinked_line_does_not_hold_up_the_others(world, item_id, publish, mug, look, shelf):
    unlinked = publish(title="Vaso", seller_sku="OTHER")
    cart = world.sell_pack([(item_id, 2), (unlinked.listing.item_id, 1)])

    states = [look(order_id).stock_state for order_id in cart.order_ids]

    assert states == [State.RESERVED, State.UNLINKED]
    assert shelf(mug) == (10, 2)


def test_a_sale_of_an_ignored_listing_takes_nothing(world, publish, look):
    listed = publish(seller_sku="OTHER")
    listed.ignored = True
    listed.save()

    order = look(world.sell(listed.listing.item_id, 1).id)

    assert (order.stock_state, order.stock_reason) == (State.NONE, "ignored")
    assert StockMovement.objects.count() == 0


def test_a_remapped_listing_moves_what_is_reserved_and_leaves_what_was_shipped(
    world, listed, item_id, mug, plate, count, look, shelf, work_off
):
    count(plate, 10)
    shipped, held = world.sell(item_id, 2), world.sell(item_id, 3)
    look(held.id)
    look(shipped.id)
    world.ship(shipped.id)
    look(shipped.id)

    link(listed, plate)
    work_off()

    assert (shelf(mug), shelf(plate)) == ((8, 0), (10, 3))
    assert OrderLine.objects.get(order=shipped.id).product == mug
    assert OrderLine.objects.get(order=held.id).product == plate


def test_unlinking_releases_what_waits(world, listed, item_id, mug, look, shelf, work_off):
    look(world.sell(item_id, 2).id)
    listed.mapping.delete()
    work.bump(account_id=listed.listing.account_id, kind="mapping", key=str(listed.pk))

    work_off()

    assert shelf(mug) == (10, 0)
    assert Order.objects.get().stock_state == State.UNLINKED


def test_a_lagging_replica_changes_nothing(world, account, item_id, mug, look, shelf):
    sold = world.sell(item_id, 2)
    look(sold.id)
    world.clock.advance(seconds=60)
    world.cancel(sold.id)
    look(sold.id)
    world.faults.add("STALE_READ", path=f"/orders/{sold.id}", times=2)
    work.bump(account_id=account.pk, kind="order", key=str(sold.id))

    work.drain(0, who="test", seconds=1, batch=1)

    assert shelf(mug) == (10, 0)
    assert Order.objects.get().status == "cancelled"
    row = Work.objects.get(kind="order")
    assert (row.state, row.last_error_class, row.fails) == ("ready", "TryLater", 0)


def test_a_lagging_replica_costs_the_orders_beside_it_nothing(world, account, item_id, mug, look, shelf):
    stale, fresh = world.sell(item_id, 2), world.sell(item_id, 1)
    look(stale.id)
    world.clock.advance(seconds=60)
    world.cancel(stale.id)
    look(stale.id)
    world.faults.add("STALE_READ", path=f"/orders/{stale.id}", times=2)
    for order_id in (stale.id, fresh.id):
        work.bump(account_id=account.pk, kind="order", key=str(order_id))

    work.drain(0, who="test", seconds=1, batch=2)

    assert shelf(mug) == (10, 1)
    states = {row.key: row.state for row in Work.objects.filter(kind="order")}
    assert states == {str(stale.id): "ready", str(fresh.id): "idle"}


def test_many_sales_are_taken_in_by_as_many_statements_as_few(world, account, item_id, django_assert_max_num_queries):
    """What is written does not grow with the number of orders; each is fetched by itself."""
    work.drain(0, who="test")  # the listing was linked
    sold = [world.sell(item_id, 1) for _ in range(8)]
    work.bump_many((account.pk, "order", str(order.id)) for order in sold)

    with django_assert_max_num_queries(49):
        work.drain(0, who="test", seconds=1, batch=20)

    assert Order.objects.filter(stock_state=State.RESERVED).count() == 8


def test_a_refused_order_leaves_the_others_of_its_batch_alone(world, account, item_id):
    world.faults.add("SERVER_ERROR", path="/orders/1", times=None)
    sold = world.sell(item_id, 1)
    work.bump_many((account.pk, "order", key) for key in ("1", str(sold.id)))

    work.drain(0, who="test", seconds=1, batch=20)

    assert Order.objects.get().pk == sold.id
    assert Work.objects.get(key="1").last_error_class == "ServerError"


def test_a_lagging_answer_is_noticed_by_the_news_that_was_sent_later(world, item_id, mug, shelf, deliver, work_off):
    sold = world.sell(item_id, 2)
    world.clock.advance(seconds=60)
    world.cancel(sold.id)
    world.faults.add("STALE_READ", path=f"/orders/{sold.id}")

    deliver(world.drain_notifications()[::-1])
    work_off()

    assert Order.objects.get().status == "cancelled"
    assert shelf(mug) == (10, 0)


def test_an_order_of_another_seller_is_not_stored(world, connect, account, item_id):
    other = connect(world.add_seller("OTRA"))
    sold = world.sell(item_id, 1)
    work.bump(account_id=other.pk, kind="order", key=str(sold.id))

    work.drain(0, who="test", seconds=1)

    assert Order.objects.count() == 0
    assert Work.objects.get(account=other, kind="order").last_error_class == "NotOurs"


def test_a_listing_never_imported_is_asked_for(world, seller, account, item_id):
    foreign = seller.add_item(title="Vaso", price=50, available_quantity=3, seller_sku="VASO")
    sold = world.sell(foreign.id, 1)
    work.bump(account_id=account.pk, kind="order", key=str(sold.id))

    work.drain(0, who="test", seconds=1)

    assert Work.objects.filter(account=account, kind="item", key=foreign.id).exists()
    assert Order.objects.get().stock_state == State.UNLINKED


def test_risk_of_fraud_keeps_the_units_and_says_so(world, item_id, mug, look, shelf):
    sold = world.sell(item_id, 1)
    world.flag_fraud(sold.id)

    order = look(sold.id)

    assert (order.stock_reason, shelf(mug)) == ("do_not_ship", (10, 1))


def test_only_approved_payments_are_money(world, item_id, look):
    orders = [look(world.sell(item_id, 1).id) for _ in range(3)]

    for order in orders:
        approved = [payment.total_paid for payment in order.payments.all() if payment.status == "approved"]
        assert order.paid_amount == sum(approved) >= order.total_amount
    assert any(order.payments.filter(status="rejected").exists() for order in orders)


def test_nothing_of_the_buyer_is_kept_but_id_and_nickname(world, item_id, look):
    sold = world.sell(item_id, 1)

    order = look(sold.id)

    text = str(order.raw) + str(order.shipment.raw)
    assert order.buyer_nickname == sold.buyer.nickname
    for secret in (sold.buyer.first_name, sold.buyer.last_name, sold.buyer.billing_info_id, "Calle Falsa", "1414"):
        assert secret not in text


def test_what_left_before_the_stock_was_counted_is_not_in_the_count(world, publish, mug, count, look, shelf):
    listed = publish(seller_sku="MUG-1")
    sold = world.sell(listed.listing.item_id, 2)
    world.ship(sold.id)
    world.clock.advance(seconds=-3600)
    world.shipments[sold.shipment_id].updated_at = world.now()
    world.clock.advance(seconds=3600)
    count(mug, 7)

    order = look(sold.id)

    assert shelf(mug) == (7, 0)
    assert (order.stock_state, order.stock_reason) == (State.SHIPPED, "before_count")


def test_a_partial_answer_keeps_what_it_leaves_out(world, account, item_id, look):
    sold = world.sell(item_id, 1)
    before = look(sold.id)
    world.faults.add("PARTIAL_206", path=f"/orders/{sold.id}")

    after = look(sold.id)

    assert after.buyer_nickname == before.buyer_nickname != ""


@pytest.mark.parametrize(("status", "reserved"), [("confirmed", 1), ("payment_in_process", 1), ("partially_paid", 1)])
def test_ml_takes_the_units_before_the_money(world, item_id, mug, look, shelf, status, reserved):
    look(world.sell(item_id, 1, status=status).id)

    assert shelf(mug) == (10, reserved)
