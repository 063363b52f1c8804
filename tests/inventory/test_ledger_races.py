"""The ledger under threads and in any order, on a real PostgreSQL."""

import threading
from collections import Counter

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Product
from inventory import ledger
from inventory.effects import Demand
from inventory.models import StockLevel, StockMovement, Warehouse

THREADS = 6


def together(*actions):
    """Run actions at the same moment, each with a connection of its own; their errors are raised here."""
    barrier, errors = threading.Barrier(len(actions)), []

    def run(action):
        try:
            barrier.wait(10)
            action()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]


@pytest.fixture
def shelf(transactional_db):
    warehouse = Warehouse.objects.get_or_create(code="MAIN", defaults={"name": "Main"})[0]
    return [Product.objects.create(sku=sku, name=sku) for sku in ("A", "B")], warehouse


def test_concurrent_sales_lose_nothing(shelf):
    (mug, _plate), warehouse = shelf
    ledger.receive(product=mug, warehouse=warehouse, quantity=500, operation="in")

    def sell(thread):
        def run():
            for number in range(20):
                owner = f"order:{thread}{number:02}:0"
                ledger.set_demand(owner=owner, wanted={(mug.pk, warehouse.pk): Demand(shipped=1)})

        return run

    together(*(sell(thread) for thread in range(THREADS)))

    level = StockLevel.objects.get(product=mug)
    assert (level.on_hand, level.reserved, level.seq) == (500 - THREADS * 20, 0, 1 + THREADS * 20)
    assert ledger.verify() == []


def test_the_same_demand_at_the_same_time_is_written_once(shelf):
    (mug, _plate), warehouse = shelf

    def say():
        ledger.set_demand(owner="order:1:0", wanted={(mug.pk, warehouse.pk): Demand(reserved=2)})

    together(*[say] * THREADS)

    assert StockMovement.objects.count() == 1
    assert StockLevel.objects.get().reserved == 2


def test_orders_of_the_same_products_in_opposite_order_do_not_block_each_other(shelf):
    (mug, plate), warehouse = shelf

    def buy(thread, first, second):
        def run():
            for number in range(10):
                owners = {
                    f"order:{thread}{number}:0": {(first.pk, warehouse.pk): Demand(reserved=1)},
                    f"order:{thread}{number}:1": {(second.pk, warehouse.pk): Demand(reserved=1)},
                }
                ledger.set_demands(owners)

        return run

    together(buy(1, mug, plate), buy(2, plate, mug), buy(3, mug, plate), buy(4, plate, mug))

    assert [level.reserved for level in StockLevel.objects.order_by("product_id")] == [40, 40]


def test_one_operation_at_the_same_time_happens_once(shelf):
    (mug, _plate), warehouse = shelf
    answers = []

    def receive():
        answers.append(ledger.receive(product=mug, warehouse=warehouse, quantity=5, operation="same"))

    together(*[receive] * THREADS)

    assert Counter(answers) == {True: 1, False: THREADS - 1}
    assert StockLevel.objects.get().on_hand == 5


demand = st.builds(Demand, reserved=st.integers(0, 4), shipped=st.integers(0, 4))
step = st.tuples(st.integers(0, 2), st.integers(0, 1), demand)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(step, max_size=12))
def test_whatever_was_said_before_the_last_word_counts(shelf, steps):
    products, warehouse = shelf
    last = {}
    for owner_no, product_no, said in steps:
        owner, product = f"order:{owner_no}:{product_no}", products[product_no]
        for _ in range(2):
            ledger.set_demand(owner=owner, wanted={(product.pk, warehouse.pk): said})
        last[owner] = (product.pk, said)

    for owner, (product_id, said) in last.items():
        expected = {} if said == Demand() else {(product_id, warehouse.pk): said}
        assert ledger.demands(owner) == expected
    assert ledger.verify() == []
    for owner in last:
        ledger.set_demand(owner=owner, wanted={})
    assert all((level.on_hand, level.reserved) == (0, 0) for level in StockLevel.objects.all())
