"""Parcels that had left when the stock was counted, and of which we learn later: their units are taken once."""

import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone

from catalog.kits import set_component
from catalog.models import Product
from inventory import ledger
from inventory.documents import adopting, counts
from inventory.models import StockMovement, Warehouse
from orders.models import Order, Shipment
from orders.stock import settle
from sellers.queue import work
from tests.orders.conftest import link

State = Order.StockState


@pytest.fixture
def hours_ago(world):
    """What happens at Mercado Libre within it happened some hours ago, and nobody is told of it."""

    @contextmanager
    def earlier(hours):
        world.clock.advance(seconds=-3600 * hours)
        yield
        world.clock.advance(seconds=3600 * hours)
        world.drain_notifications()

    return earlier


@pytest.fixture
def yesterday(centro):
    """Count units of a product, yesterday."""

    def count(product, units):
        change = ledger.Change(product.pk, centro.pk, StockMovement.Kind.COUNT, counted=units)
        ledger.record([change], operation=f"count:{uuid4()}", at=timezone.now() - timedelta(days=1))

    return count


@pytest.fixture
def item_id(publish, mug, yesterday):
    """The mug's listing, with ten mugs counted yesterday."""
    yesterday(mug, 10)
    return publish(seller_sku="MUG-1").listing.item_id


@pytest.fixture
def sold(world, hours_ago, item_id):
    """Two mugs, sold three hours ago."""
    with hours_ago(3):
        return world.sell(item_id, 2)


@pytest.fixture
def told(account, work_off):
    """What the notification of a parcel asks for."""

    def look(order):
        work.bump(account_id=account.pk, kind="shipment", key=str(Order.objects.get(pk=order.id).shipping_id))
        work_off()

    return look


@pytest.fixture
def counted_by_hand(centro):
    """A count that waits for somebody's approval."""
    keeper = get_user_model().objects.create_user("wanda")

    def enter(product, units):
        return counts.enter(warehouse=centro, counted={product: units}, operation=uuid4(), by=keeper)[0]

    return enter


def state_of(order):
    found = Order.objects.get(pk=order.id)
    return found.stock_state, found.stock_reason


def test_a_sale_that_had_left_is_imported_between_counting_and_approving(
    world, sold, mug, look, shelf, hours_ago, counted_by_hand, owner
):
    with hours_ago(2):
        world.ship(sold.id)
    count = counted_by_hand(mug, 8)
    look(sold.id)
    assert (shelf(mug), state_of(sold)) == ((8, 0), (State.SHIPPED, "shipped"))

    counts.approve(count=count, by=owner)

    assert shelf(mug) == (8, 0)
    assert ledger.verify() == []


def test_a_reserved_sale_that_had_left_is_told_between_counting_and_approving(
    world, sold, mug, look, told, shelf, hours_ago, counted_by_hand, owner
):
    look(sold.id)
    with hours_ago(2):
        world.ship(sold.id)
    count = counted_by_hand(mug, 8)
    told(sold)
    left_at = StockMovement.objects.get(kind="ship").left_at
    assert timedelta(hours=1) < timezone.now() - left_at < timedelta(hours=3)

    counts.approve(count=count, by=owner)

    assert shelf(mug) == (8, 0)


def test_a_reserved_sale_that_had_left_is_told_after_the_approval(
    world, sold, mug, look, told, shelf, hours_ago, counted_by_hand, owner
):
    look(sold.id)
    with hours_ago(2):
        world.ship(sold.id)
    counts.approve(count=counted_by_hand(mug, 8), by=owner)
    assert shelf(mug) == (8, 2)

    told(sold)
    assert (shelf(mug), state_of(sold)) == ((8, 0), (State.SHIPPED, "before_count"))
    look(sold.id)
    assert (shelf(mug), state_of(sold)) == ((8, 0), (State.SHIPPED, "before_count"))


def test_a_reserved_sale_that_leaves_after_the_count_is_taken(
    world, sold, mug, look, told, shelf, counted_by_hand, owner
):
    look(sold.id)
    counts.approve(count=counted_by_hand(mug, 9), by=owner)
    world.ship(sold.id)

    told(sold)

    assert (shelf(mug), state_of(sold)) == ((7, 0), (State.SHIPPED, "shipped"))


def test_of_a_kit_the_component_that_was_counted_is_left_alone_and_the_other_is_taken(
    world, publish, mug, plate, yesterday, look, told, shelf, hours_ago, counted_by_hand, owner
):
    gift = Product.objects.create(sku="GIFT-1", name="Gift")
    for part in (mug, plate):
        yesterday(part, 10)
        set_component(kit=gift, component=part, quantity=2, by=owner)
    listed = publish(title="Juego")
    link(listed, gift)
    with hours_ago(3):
        sold = world.sell(listed.listing.item_id, 1)
    look(sold.id)
    assert (shelf(mug), shelf(plate)) == ((10, 2), (10, 2))
    with hours_ago(2):
        world.ship(sold.id)
    counts.approve(count=counted_by_hand(mug, 8), by=owner)

    told(sold)

    assert (shelf(mug), shelf(plate), state_of(sold)) == ((8, 0), (8, 0), (State.SHIPPED, "shipped"))
    told(sold)
    assert (shelf(mug), shelf(plate)) == ((8, 0), (8, 0))


def test_first_stock_that_was_taken_over_is_no_count(world, account, publish, mug, look, told, shelf, hours_ago):
    """What is held is beside what ML shows: a parcel of it that had left is still taken off, whenever it is told of."""
    listed = publish(seller_sku="MUG-1")
    with hours_ago(3):
        sold = world.sell(listed.listing.item_id, 2)
    look(sold.id)
    with hours_ago(2):
        world.ship(sold.id)
    adopting.adopt(account)
    free = shelf(mug)[0] - 2
    assert shelf(mug) == (free + 2, 2)

    told(sold)

    assert (shelf(mug), state_of(sold)) == ((free, 0), (State.SHIPPED, "shipped"))


def test_a_count_in_another_warehouse_says_nothing_of_what_left_from_this_one(world, sold, mug, look, shelf, hours_ago):
    other = Warehouse.objects.create(code="OTHER", name="Other")
    with hours_ago(2):
        world.ship(sold.id)
    ledger.count(product=mug, warehouse=other, counted=0, operation="empty shelf")

    look(sold.id)

    assert (shelf(mug), state_of(sold)) == ((8, 0), (State.SHIPPED, "shipped"))


@pytest.mark.django_db(transaction=True)
def test_a_parcel_that_is_booked_while_a_count_is_approved_is_taken_once(
    sold, mug, look, shelf, counted_by_hand, owner
):
    """The approval is not committed yet when the parcel is judged: the judgement waits for it."""
    look(sold.id)
    left_at = timezone.now() - timedelta(hours=2)
    Shipment.objects.update(status="shipped", left_at=left_at)
    count, approved = counted_by_hand(mug, 8), threading.Event()

    def approve():
        try:
            with transaction.atomic():
                counts.approve(count=count, by=owner)
                approved.set()
                time.sleep(0.3)
        finally:
            connection.close()

    approving = threading.Thread(target=approve)
    approving.start()
    assert approved.wait(10)
    with transaction.atomic():
        settle([Order.objects.select_for_update(of=("self",)).select_related("shipment").get(pk=sold.id)])
    approving.join(10)

    assert shelf(mug) == (8, 0)
