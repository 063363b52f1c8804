import pytest

from sandbox.quantity_rules import ONE_USED
from tests.sandbox.caller import open_shop


@pytest.fixture
def shop():
    return open_shop()


@pytest.fixture
def mug(shop):
    return shop.seller.add_item(title="Taza", available_quantity=5)


def state(shop, item):
    body = shop.get(f"/items/{item.id}").json
    return body["status"], body["sub_status"], body["available_quantity"]


def test_the_documents_name_these_categories_of_used_things():
    assert len(ONE_USED) == 65
    assert {"MLA47786", "MLM438426", "MLC440679", "MPE127830"} <= ONE_USED


@pytest.mark.parametrize("category", ["MLC158467", "MPE417479", "MLM5529"])
def test_a_used_thing_there_is_sold_one_at_a_time(category):
    shop = open_shop(site_id=category[:3])
    used = shop.seller.add_item(condition="used", category_id=category, available_quantity=1)
    new = shop.seller.add_item(category_id=category, available_quantity=1)
    elsewhere = shop.seller.add_item(condition="used", available_quantity=1)

    refused = shop.put(f"/items/{used.id}", {"available_quantity": 2})

    assert (refused.status, refused.json["cause"][0]["code"]) == (400, "item.available_quantity.invalid")
    assert shop.put(f"/items/{new.id}", {"available_quantity": 2}).status == 200
    assert shop.put(f"/items/{elsewhere.id}", {"available_quantity": 2}).status == 200


@pytest.mark.parametrize("sub_status", ["paused_by_seller", "picture_downloading_pending"])
def test_units_wake_only_what_they_put_to_sleep(shop, mug, sub_status):
    shop.world.set_status(mug.id, "paused", sub_status)

    shop.put(f"/items/{mug.id}", {"available_quantity": 0})
    shop.put(f"/items/{mug.id}", {"available_quantity": 3})

    assert state(shop, mug) == ("paused", [sub_status], 3)


def test_an_old_pause_without_a_reason_stays_too(shop, mug):
    shop.world.set_status(mug.id, "paused")

    shop.put(f"/items/{mug.id}", {"available_quantity": 8})

    assert state(shop, mug) == ("paused", [], 8)


@pytest.mark.parametrize(
    ("status", "sub_status"),
    [
        ("closed", "expired"),
        ("under_review", "held"),
        ("under_review", "pending_documentation"),
        ("inactive", "waiting_for_patch"),
        ("payment_required", ""),
    ],
)
def test_these_listings_refuse_every_change(shop, mug, status, sub_status):
    shop.world.set_status(mug.id, status, *([sub_status] if sub_status else []))

    for change in ({"available_quantity": 3}, {"price": 3}, {"status": "active"}):
        reply = shop.put(f"/items/{mug.id}", change)
        assert (reply.status, reply.json["error"]) == (400, "field_not_updatable")
        assert reply.json["message"] == f"Cannot update item {mug.id} [status:{status}, has_bids:false]"
    assert state(shop, mug)[0] == status


def test_a_warning_leaves_the_listing_open(shop, mug):
    shop.world.set_under_review(mug.id, "warning")

    assert shop.put(f"/items/{mug.id}", {"available_quantity": 3}).status == 200
    assert state(shop, mug) == ("active", ["warning"], 3)


@pytest.mark.parametrize(("status", "sub_status"), [("payment_required", ()), ("under_review", ("forbidden",))])
def test_what_cannot_be_closed_can_be_deleted(shop, mug, status, sub_status):
    shop.world.set_status(mug.id, status, *sub_status)

    assert shop.put(f"/items/{mug.id}", {"status": "closed"}).status == 400
    assert shop.put(f"/items/{mug.id}", {"deleted": "true"}).status == 200
    assert shop.get(f"/items/{mug.id}").status == 404


def test_the_last_unit_sold_pauses_new_goods_and_ends_used_ones(shop, mug):
    used = shop.seller.add_item(condition="used", available_quantity=1)
    shop.world.sell(mug.id, 5)
    shop.world.sell(used.id)

    assert state(shop, mug) == ("paused", ["out_of_stock"], 0)
    assert state(shop, used)[0] == "closed"
