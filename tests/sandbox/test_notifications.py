from collections import Counter
from itertools import pairwise

import pytest

from sandbox import CLIENT_ID
from sandbox.notifications import wait_after
from tests.sandbox.caller import Caller, open_shop


@pytest.fixture
def shop():
    return open_shop()


@pytest.fixture
def mug(shop):
    item = shop.seller.add_item(available_quantity=50)
    shop.world.drain_notifications()
    return item


def about(bodies, topic):
    return [body for body in bodies if body["topic"] == topic]


def test_a_sale_makes_a_burst(shop, mug):
    shop.world.notification_variants = False
    order = shop.world.sell(mug.id)

    bodies = shop.world.drain_notifications()

    count = Counter(body["topic"] for body in bodies)
    assert count["orders_v2"] >= 2
    assert {"items", "stock-locations", "shipments", "payments"} <= set(count)
    first = about(bodies, "orders_v2")[0]
    assert first["resource"] == f"/orders/{order.id}"
    assert "action:new_order" in first["actions"]
    assert "site_id:mla" in first["actions"]
    assert about(bodies, "stock-locations")[0]["resource"] == f"/user-products/{mug.own.user_product_id}/stock"
    assert about(bodies, "shipments")[0]["resource"] == f"/shipments/{order.shipment_id}"
    assert about(bodies, "items")[0]["resource"] == f"/items/{mug.id}"
    assert about(bodies, "payments")[0]["resource"].startswith("/collections/")


def test_a_notification_has_these_fields(shop, mug):
    shop.world.notification_variants = False
    shop.world.edit_stock(mug.id, 3)

    body = about(shop.world.drain_notifications(), "items")[0]

    assert set(body) == {
        "_id",
        "topic",
        "resource",
        "user_id",
        "application_id",
        "sent",
        "attempts",
        "received",
        "actions",
    }
    assert (body["user_id"], body["application_id"], body["attempts"]) == (shop.seller.user_id, int(CLIENT_ID), 1)
    assert body["sent"].endswith("Z")


def test_all_ways_of_writing_a_notification_come_in_turn(shop, mug):
    for _ in range(8):
        shop.world.edit_stock(mug.id, 3)

    bodies = shop.world.drain_notifications()

    assert any("id" in body for body in bodies)
    assert any("_id" not in body and "id" not in body for body in bodies)
    assert any(isinstance(body["user_id"], str) for body in bodies)
    assert any("recieved" in body for body in bodies)
    assert any("actions" not in body for body in bodies)
    assert any(not body["resource"].startswith("/") for body in bodies)


def test_edits_by_hand_are_announced(shop, mug):
    shop.world.edit_price(mug.id, 77)
    assert Counter(shop.topics()) == {"items": 1, "items_prices": 1}
    shop.world.edit_stock(mug.id, 1)
    assert Counter(shop.topics()) == {"items": 1, "stock-locations": 1}
    for change in (shop.world.pause, shop.world.activate, shop.world.set_under_review, shop.world.close):
        change(mug.id)
        assert "items" in shop.topics()


def test_our_own_writes_are_announced_too(shop, mug):
    shop.put(f"/items/{mug.id}", {"available_quantity": 4})

    assert {"items", "stock-locations"} == set(shop.topics())


def test_only_sellers_who_consented_and_topics_listened_to_are_announced(shop, mug):
    stranger = shop.world.add_seller("NUEVO")
    shop.world.sell(stranger.add_item().id)
    assert shop.world.outbox == []
    shop.world.topics = ("orders_v2",)
    shop.world.sell(mug.id)
    assert set(shop.topics()) == {"orders_v2"}


def test_notifications_can_come_twice_and_in_another_order(shop, mug):
    shop.world.notification_variants = False
    shop.world.duplicate_every, shop.world.disorder = 1, True
    shop.world.sell(mug.id)
    made = [body["_id"] for body in shop.world.outbox]

    taken = [body["_id"] for body in shop.world.drain_notifications()]

    assert set(Counter(taken).values()) == {2}
    assert taken != made
    assert sorted(taken) == sorted(made)
    assert shop.world.outbox == []


def test_the_eight_tries_fill_an_hour_and_each_wait_is_twice_the_last():
    waits = [wait_after(attempt) for attempt in range(1, 8)]

    assert sum(waits) == pytest.approx(3600)
    assert all(later == pytest.approx(2 * earlier) for earlier, later in pairwise(waits))


def missed(caller, query=""):
    return caller.get(f"/missed_feeds?app_id={CLIENT_ID}{query}")


def test_dropped_notifications_turn_up_in_missed_feeds(shop, mug):
    shop.world.notification_variants = False
    shop.world.drop_notifications(12)
    for quantity in range(8):
        shop.world.edit_stock(mug.id, quantity + 1)

    first = missed(shop).json["messages"]
    second = missed(shop, "&offset=10").json["messages"]

    assert (len(first), len(second)) == (10, 2)
    assert missed(shop, "&offset=12").json == {"messages": None}
    assert len(shop.world.drain_notifications()) == 4
    message = first[0]
    assert message["user_id"] == str(shop.seller.user_id)
    assert (message["source"], message["response"]["http_code"]) == ("missed", 0)
    assert message["request"]["data"].startswith("{")


def test_missed_feeds_filter_by_topic_and_need_the_site_for_items(shop, mug):
    shop.world.drop_notifications(100)
    shop.world.sell(mug.id)

    assert {one["topic"] for one in missed(shop, "&topic=orders_v2").json["messages"]} == {"orders_v2"}
    assert missed(shop, "&topic=items").status == 400
    assert {one["topic"] for one in missed(shop, "&topic=items&site_id=MLA").json["messages"]} == {"items"}
    assert missed(shop, "&topic=items&site_id=MLM").json == {"messages": None}


def test_missed_feeds_are_kept_two_days(shop, mug):
    shop.world.drop_notifications(100)
    shop.world.edit_stock(mug.id, 1)
    shop.world.clock.advance(seconds=2 * 86400 - 5)
    owner = Caller(shop.world, shop.world.grant(shop.seller).access_token)

    assert missed(owner).json["messages"] is not None
    shop.world.clock.advance(seconds=10)
    assert missed(owner).json == {"messages": None}


def test_only_the_owner_of_the_application_sees_missed_feeds(shop):
    other = open_shop(world=shop.world)

    assert missed(shop).status == 200
    assert missed(other).status == 403
    assert shop.get("/missed_feeds?app_id=1").status == 403


def test_a_topic_that_fails_too_often_is_switched_off(shop, mug):
    shop.world.topic_failure_limit = 3
    shop.world.drop_notifications(6)
    for quantity in range(5):
        shop.world.edit_stock(mug.id, quantity + 1)

    assert shop.world.mailbox.disabled_topics == {"items", "stock-locations"}
    assert shop.world.drain_notifications() == []
    shop.world.mailbox.enable("items")
    shop.world.edit_stock(mug.id, 9)
    assert set(shop.topics()) == {"items"}


def test_what_is_lost_without_a_trace_is_not_in_missed_feeds(shop, mug):
    shop.world.drop_notifications(2, missed=False)
    shop.world.edit_stock(mug.id, 1)

    assert shop.world.outbox == []
    assert missed(shop).json == {"messages": None}
