"""How fast listings sell: from the orders of the last days, cancelled ones left out."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import SalesSpeed
from orders import speed
from orders.models import Order


@pytest.fixture
def speeds(db):
    def refreshed():
        speed.refresh()
        return {one.listing.item_id: round(one.per_day * speed.DAYS, 6) for one in SalesSpeed.objects.all()}

    return refreshed


def test_units_of_the_last_days_by_listing(world, publish, mug, look, speeds, count):
    count(mug, 50)
    fast, slow, idle = (publish(available_quantity=40, seller_sku=sku) for sku in ("MUG-1", "A", "B"))
    for unit, quantity in ((fast, 3), (fast, 2), (slow, 1)):
        look(world.sell(unit.listing.item_id, quantity).id)
    gone = world.sell(idle.listing.item_id, 4)
    world.cancel(gone.id)
    look(gone.id)

    assert speeds() == {fast.listing.item_id: 5, slow.listing.item_id: 1}

    Order.objects.filter(lines__item_id=slow.listing.item_id).update(date_created=timezone.now() - timedelta(days=15))
    assert speeds() == {fast.listing.item_id: 5}
    Order.objects.all().delete()
    assert speeds() == {}


def test_nothing_is_rewritten_where_nothing_changed(world, publish, mug, look, speeds, count):
    count(mug, 5)
    unit = publish(available_quantity=5, seller_sku="MUG-1")
    look(world.sell(unit.listing.item_id, 1).id)
    speeds()
    before = SalesSpeed.objects.extra(select={"version": "xmin::text"}).get().version

    speeds()

    assert SalesSpeed.objects.extra(select={"version": "xmin::text"}).get().version == before
