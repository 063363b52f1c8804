"""Several workers at once on the orders and the shipment of the same carts."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from inventory import ledger
from orders.models import Order
from sellers.models import Work
from sellers.queue import work

CARTS = 6


def drained(number):
    try:
        return work.drain(0, who=f"worker-{number}", seconds=20, batch=2)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_orders_and_shipments_of_one_cart_at_once_end_right(world, account, item_id, publish, plate, mug, count, shelf):
    count(mug, 100)
    count(plate, 100)
    plates = publish(title="Plato", seller_sku="PLATE-1", available_quantity=50)
    world.edit_stock(item_id, 50)
    carts = [world.sell_pack([(item_id, 2), (plates.listing.item_id, 1)]) for _ in range(CARTS)]
    wishes = [(account.pk, "order", str(order_id)) for cart in carts for order_id in cart.order_ids]
    wishes += [(account.pk, "shipment", str(cart.shipment_id)) for cart in carts]

    for _ in range(3):
        work.bump_many(wishes)
        with ThreadPoolExecutor(4) as workers:
            list(workers.map(drained, range(4)))

    assert (shelf(mug), shelf(plate)) == ((100, 2 * CARTS), (100, CARTS))
    assert set(Order.objects.values_list("stock_state", flat=True)) == {"reserved"}
    assert not Work.objects.filter(kind__in=["order", "shipment"]).exclude(state="idle").exists()
    assert not Work.objects.filter(kind__in=["order", "shipment"], fails__gt=0).exists()
    assert not ledger.verify()
