"""Many orders in one transaction: what happens between the asking and the writing, and beside it."""

import threading
from contextlib import closing

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from catalog.models import Product
from orders.imports.fetching import Fetched, fetch_one
from orders.imports.importing import fetch_order, take_in_orders
from orders.models import Order, Shipment
from sellers.models import SellerAccount, Work
from sellers.queue import work
from tests.orders.conftest import link

pytestmark = pytest.mark.django_db(transaction=True)
ORDERS = settings.LANES["orders"]


def fetch(account: SellerAccount, order_id: int) -> Fetched:
    """What a worker has in its hands between the call and the transaction."""
    work.bump(account_id=account.pk, kind="order", key=str(order_id))
    (claim,) = [one for one in work.claim(lane=ORDERS, who="test", limit=40) if one.key == str(order_id)]
    return fetch_one(claim, account, fetch_order)


def write(account: SellerAccount, *fetched: Fetched) -> None:
    with work.completing_many([one.claim for one in fetched]):
        take_in_orders(account, fetched)


class Beside:
    """Runs something in a thread with a connection of its own."""

    def __init__(self, what) -> None:
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, args=(what,))
        self.thread.start()

    def _run(self, what) -> None:
        with closing(connection):
            try:
                what()
            except BaseException as error:
                self.error = error

    def join(self) -> None:
        self.thread.join(20)
        assert not self.thread.is_alive()
        if self.error:
            raise self.error


def test_a_link_that_is_made_while_its_sale_is_being_written_applies(world, account, publish, mug, count, shelf):
    """The batch has read that the listing is not linked and is about to say so."""
    count(mug, 10)
    variation = publish(seller_sku="OTHER")
    fetched = fetch(account, world.sell(variation.listing.item_id, 2).id)
    written, may_end = threading.Event(), threading.Event()

    def batch() -> None:
        with work.completing_many([fetched.claim]):
            take_in_orders(account, [fetched])
            written.set()
            assert may_end.wait(10)

    one = Beside(batch)
    assert written.wait(10)
    link(variation, mug)
    other = Beside(lambda: work.drain(ORDERS, who="other", seconds=5))
    other.thread.join(1)
    may_end.set()
    one.join()
    other.join()

    assert Order.objects.get().stock_state == Order.StockState.RESERVED
    assert shelf(mug) == (10, 2)


def test_news_between_the_answer_and_its_writing_is_looked_into(world, account, item_id, deliver):
    """A cancellation is told while the paid order is being written; the next answer comes from a lagging replica."""
    sold = world.sell(item_id, 2)
    world.drain_notifications()
    paid = fetch(account, sold.id)
    world.clock.advance(seconds=30)
    world.cancel(sold.id)
    deliver()
    write(account, paid)

    write(account, Fetched(fetch(account, sold.id).claim, paid.found, timezone.now()))

    assert Work.objects.get(kind="order").state == "ready"


def test_of_two_answers_about_one_parcel_the_newer_counts(world, account, item_id, publish, plate, count):
    count(plate, 10)
    cart = world.sell_pack([(item_id, 1), (publish(title="Plato", seller_sku="PLATE-1").listing.item_id, 1)])
    old = fetch(account, cart.order_ids[1])
    world.clock.advance(seconds=30)
    world.ship(cart.order_ids[0])
    new = fetch(account, cart.order_ids[0])

    write(account, new, old)

    assert Shipment.objects.get().status == new.found.parcel.status == "shipped"


def test_many_last_units_sold_at_once_do_not_stop_a_sellers_pushes(world, account, publish, count):
    """The guard against emptying a shop by mistake is for what staff does."""
    sold = []
    for number in range(26):
        product = Product.objects.create(sku=f"LAST-{number}", name="Last one")
        count(product, 1)
        sold.append(publish(seller_sku=product.sku, available_quantity=1))
        link(publish(seller_sku=f"OTHER-{number}", available_quantity=1), product)
    while work.drain(ORDERS, who="test"):
        pass
    SellerAccount.objects.update(mode="live", pushes_paused=False)
    account.refresh_from_db()

    with transaction.atomic():
        take_in_orders(account, [fetch(account, world.sell(one.listing.item_id, 1).id) for one in sold])

    account.refresh_from_db()
    assert Order.objects.filter(stock_state="reserved").count() == 26
    assert not account.pushes_paused
