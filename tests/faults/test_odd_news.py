"""What Mercado Libre says of a sale that nobody expected, and what is undone when it says otherwise."""

import pytest

from orders.models import Order, OrderLine
from tests.faults import processes
from tests.faults.racing import comes_right


@pytest.fixture
def sold(stage):
    """Two mugs, paid and reserved."""
    order = stage.world.sell(stage.shop.mug_at_casa, 2)
    stage.deliver()
    processes.work_off()
    assert (stage.level(), stage.shown()) == ((10, 2), (8, 8, 8))
    return order


def becomes(stage, order, **fields):
    """Mercado Libre makes something else of an order, and tells of it."""
    stage.world.clock.advance(seconds=5)
    with stage.world.lock:
        order.remember()
        for name, value in fields.items():
            setattr(order, name, value)
        order.updated_at = order.indexed_at = stage.world.now()
        stage.world.notify("orders_v2", f"/orders/{order.id}", order.seller_id)
    stage.deliver()


@pytest.mark.parametrize(("quantity", "left"), [(3, (7, 7, 7)), (1, (9, 9, 9))])
def test_a_sale_of_which_the_quantity_changes_holds_what_it_says_now(stage, sold, quantity, left):
    becomes(stage, sold, quantity=quantity)

    comes_right(stage)
    assert OrderLine.objects.get().quantity == quantity
    assert (stage.level(), stage.shown()) == ((10, quantity), left)


def test_a_status_that_nobody_knows_moves_nothing_until_one_is_known_again(stage, sold):
    becomes(stage, sold, status="brand_new")

    comes_right(stage)
    order = Order.objects.get()
    assert (order.status, order.stock_state) == ("brand_new", "unknown")
    assert (stage.level(), stage.shown()) == ((10, 2), (8, 8, 8))

    stage.world.clock.advance(seconds=5)
    sold.status = "paid"
    stage.world.cancel(sold.id)
    stage.deliver()
    comes_right(stage)
    assert (stage.level(), stage.shown()) == ((10, 0), (10, 10, 10))


@pytest.mark.parametrize("fault", ["TRUNCATED_JSON", "HTML_502", "TIMEOUT", "RATE_LIMITED", "REDIRECT_302"])
def test_an_answer_that_is_no_order_changes_nothing_and_is_asked_for_again(stage, sold, fault):
    stage.world.cancel(sold.id)
    stage.world.faults.add(fault, path=f"/orders/{sold.id}", seconds=0)
    stage.deliver()
    stage.drain("orders")

    assert (Order.objects.get().status, stage.level()) == ("paid", (10, 2))
    comes_right(stage)
    assert (stage.level(), stage.shown()) == ((10, 0), (10, 10, 10))
