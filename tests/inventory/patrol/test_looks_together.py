"""Many looks at once: what they cost, and what is left to be looked at by itself."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from catalog.models import Listing
from inventory.models import StockTarget
from sandbox import faults
from sellers.models import Work
from sellers.queue import work

BULK, PUSHES = settings.LANES["bulk"], settings.LANES["pushes"]


@pytest.fixture
def listed(shop, mug, work_off):
    """A live seller with listings of the mug, none of which may show more than zero; all equal."""
    shop.open()

    def publish(count):
        items = [shop.item(link=mug, available_quantity=0, title=f"Mug {number}") for number in range(count)]
        work_off()
        shop.world.requests.clear()
        return items

    return publish


def ask(shop, kind, keys):
    work.bump_many((shop.account.pk, kind, key) for key in keys)


def calls(shop):
    return [entry.path for entry in shop.world.requests]


def test_twenty_five_looks_at_items_are_two_calls(shop, listed):
    items = listed(25)
    for item in items:
        shop.world.edit_stock(item.id, 7)
    ask(shop, "item", [item.id for item in items])

    work.run_together(work.claim(lane=BULK, who="test", limit=40))

    assert calls(shop) == ["/items/bulk", "/items/bulk"]
    assert set(Listing.objects.values_list("available_quantity", flat=True)) == {7}
    assert set(StockTarget.objects.values_list("observed", flat=True)) == {7}
    # ML accepted eight a moment ago: it may still be copying, so there is one more look, later.
    assert not Work.objects.filter(kind="item", due_at__lte=timezone.now() + timedelta(minutes=1)).exists()


def test_looks_at_user_products_read_the_listings_that_share_them(shop, listed):
    items = listed(3)
    for item in items:
        shop.world.edit_stock(item.id, 7)
    ask(shop, "user_product_stock", [item.own.user_product_id for item in items])

    work.run_together([one for one in work.claim(lane=PUSHES, who="test", limit=40) if one.kind != "stock"])

    assert calls(shop) == ["/items/bulk"]
    assert set(StockTarget.objects.values_list("observed", flat=True)) == {7}


def test_a_listing_that_ml_does_not_give_is_left_to_be_asked_for_by_itself(shop, listed):
    there, gone = listed(2)
    del shop.world.items[gone.id]
    ask(shop, "item", [there.id, gone.id])

    work.drain(BULK, who="test")

    assert sorted(calls(shop)) == sorted(["/items/bulk", f"/items/{gone.id}"])
    assert Listing.objects.get(item_id=gone.id).missing_since is not None
    assert Listing.objects.get(item_id=there.id).missing_since is None
    assert set(Work.objects.filter(kind="item").values_list("state", flat=True)) == {"idle"}


def test_too_many_requests_slow_the_seller_down_once(shop, listed):
    items = listed(3)
    shop.world.faults.add(faults.RATE_LIMITED, times=2)
    ask(shop, "item", [item.id for item in items])

    work.drain(BULK, who="test", seconds=0.5)

    shop.account.refresh_from_db()
    assert len(calls(shop)) == 1
    assert shop.account.rate_factor == 0.5
    assert sorted(Work.objects.filter(kind="item").values_list("state", "last_error_class")) == [
        ("ready", "TryLater"),
        ("ready", "TryLater"),
        ("ready", "TryLater"),
    ]


def test_a_lease_lost_on_the_way_takes_nothing_in(shop, listed):
    lost, kept = listed(2)
    for item in (lost, kept):
        shop.world.edit_stock(item.id, 7)
    ask(shop, "item", [lost.id, kept.id])
    claims = work.claim(lane=BULK, who="test", limit=40)
    Work.objects.filter(key=lost.id).update(lease_token="00000000-0000-0000-0000-000000000001")

    work.run_together(claims)

    seen = dict(Listing.objects.values_list("item_id", "available_quantity"))
    assert seen == {lost.id: 0, kept.id: 7}
