from datetime import timedelta

import pytest

from tests.sandbox.caller import open_global_shop, open_shop


@pytest.fixture
def shop():
    return open_global_shop(("MLM", "remote"), ("MLB", "remote"), ("MLM", "fulfillment"))


@pytest.fixture
def world(shop):
    return shop.world


@pytest.fixture
def bottle(shop):
    return shop.world.add_global_item(
        shop.seller, title="Bottle", price="20.50", available_quantity=10, seller_sku="B-1", full={"MLM": 4}
    )


@pytest.fixture
def mexico(world, bottle):
    return world.children_of(bottle.id)["MLM"]


def search(shop, query):
    return shop.get(f"/marketplace/orders/search?{query}")


def ids(reply):
    return [[order["id"] for order in cart["orders"]] for cart in reply.json["results"]]


def test_an_order_is_in_dollars_and_names_the_parent(shop, world, bottle, mexico):
    order = world.sell(mexico.id, 2)

    body = shop.get(f"/marketplace/orders/{order.id}").json

    line = body["order_items"][0]
    assert (line["item"]["id"], line["item"]["parent_item_id"]) == (mexico.id, bottle.id)
    assert (line["unit_price"], line["currency_id"], line["base_exchange_rate"]) == (20.5, "USD", 18.63)
    assert line["item"]["seller_sku"] == "B-1"
    assert "user_product_id" not in line["item"]
    assert (body["total_amount"], body["currency_id"]) == (41.0, "USD")
    assert (body["context"]["site"], body["context"]["flows"]) == ("MLM", ["cbt"])
    assert body["shipping"]["id"] == order.shipment_id
    assert bottle.available_quantity == 8


def test_the_variation_of_an_order_is_the_marketplaces(shop, world):
    two = [{"combination": {"COLOR": name}, "available_quantity": 3, "seller_sku": name} for name in ("Red", "Blue")]
    shirt = world.add_global_item(shop.seller, variations=two)
    child = world.children_of(shirt.id)["MLB"]

    order = world.sell(child.id, 1, child.variations[1].id)

    item = shop.get(f"/marketplace/orders/{order.id}").json["order_items"][0]["item"]
    assert item["variation_id"] == child.variations[1].id
    assert item["variation_id"] not in [one.id for one in shirt.variations]
    assert item["seller_sku"] == "Blue"
    assert [one.available_quantity for one in shirt.variations] == [3, 2]


def test_parents_are_not_sold(world, bottle):
    with pytest.raises(ValueError, match="parent"):
        world.sell(bottle.id)


def test_the_search_groups_by_cart(shop, world, bottle, mexico):
    other = world.add_global_item(shop.seller, title="Cup", price=5)
    alone = world.sell(mexico.id)
    pack = world.sell_pack([mexico.id, world.children_of(other.id)["MLM"].id])

    body = search(shop, "site=MLM").json

    single, cart = body["results"]
    assert (single["id"], [one["id"] for one in single["orders"]]) == (alone.id, [alone.id])
    assert cart["id"] == pack.id
    assert [one["id"] for one in cart["orders"]] == pack.order_ids
    assert cart["id"] not in pack.order_ids
    assert shop.get(f"/marketplace/orders/{cart['id']}").status == 404
    assert cart["shipment"]["id"] == pack.shipment_id
    assert [one["id"] for one in cart["config"]["items"]] == [mexico.id, world.children_of(other.id)["MLM"].id]
    assert body["paging"] == {"total": 2, "limit": 50}
    assert single["orders"][0]["seller"]["id"] == mexico.seller_id


def test_a_pack_is_read_by_its_id(shop, world, mexico):
    pack = world.sell_pack([mexico.id, (mexico.id, 2)])

    body = shop.get(f"/marketplace/orders/pack/{pack.id}").json

    assert (body["id"], body["status"]) == (pack.id, "released")
    assert [one["id"] for one in body["orders"]] == pack.order_ids
    missing = shop.get("/marketplace/orders/pack/1")
    assert (missing.status, missing.json["message"]) == (404, "Resource not found")


def test_orders_of_all_marketplaces_are_searched_together(shop, world, bottle, mexico):
    brazil, full = world.children_of(bottle.id)["MLB"], world.children_of(bottle.id)["MLM fulfillment"]
    first, second, third = (world.sell(one.id) for one in (mexico, brazil, full))
    world.cancel(second.id)

    assert ids(search(shop, f"seller={shop.seller.user_id}")) == [[first.id], [second.id], [third.id]]
    assert ids(search(shop, f"seller.id={brazil.seller_id}")) == [[second.id]]
    assert ids(search(shop, "order.status=cancelled")) == [[second.id]]
    assert ids(search(shop, f"buyer={third.buyer.id}")) == [[third.id]]
    assert ids(search(shop, "limit=1&offset=1")) == [[second.id]]
    assert ids(search(shop, "sort=date_desc&limit=1")) == [[third.id]]
    assert ids(search(shop, "nonsense=1")) == [[first.id], [second.id], [third.id]]
    assert ids(search(shop, "")) == []


def test_times_are_taken_exactly(shop, world, mexico):
    order = world.sell(mexico.id)
    at = order.created_at

    def found(name, moment):
        return ids(search(shop, f"{name}={moment:%Y-%m-%dT%H:%M:%S}.000-00:00"))

    assert found("date_created.from", at - timedelta(seconds=2)) == [[order.id]]
    assert found("date_created.from", at + timedelta(seconds=2)) == []
    assert found("last_updated.to", at - timedelta(seconds=2)) == []
    assert ids(search(shop, f"date_created.from={at:%Y-%m}")) == [[order.id]]
    assert search(shop, "date_created.from=yesterday").status == 400


def test_a_hundred_searches_a_minute(shop):
    replies = [search(shop, "site=MLM") for _ in range(101)]

    assert [reply.status for reply in replies] == [200] * 100 + [429]
    assert replies[-1].body == b""


def test_a_shipment_is_in_the_new_format(shop, world, bottle, mexico):
    remote = world.sell(mexico.id)
    full = world.sell(world.children_of(bottle.id)["MLM fulfillment"].id)

    body = shop.get(f"/marketplace/shipments/{remote.shipment_id}").json

    assert (body["order_id"], body["currency_id"], body["logistic"]["type"]) == (remote.id, "USD", "drop_off")
    assert body["source"]["site_id"] == "MLM"
    other = shop.get(f"/marketplace/shipments/{full.shipment_id}").json
    assert other["logistic"]["type"] == "fulfillment"
    (item,) = shop.get(f"/marketplace/shipments/{remote.shipment_id}/items").json
    assert (item["item_id"], item["order_id"]) == (mexico.id, remote.id)
    world.ship(remote.id)
    history = shop.get(f"/marketplace/shipments/{remote.shipment_id}/history").json
    assert [step["status"] for step in history] == ["ready_to_ship", "shipped"]


def test_local_resources_do_not_show_them_and_others_see_nothing(shop, world, mexico):
    order = world.sell(mexico.id)
    other = open_shop(world=world)
    theirs = world.sell(other.seller.add_item().id)

    assert shop.get(f"/orders/{order.id}").status == 403
    assert shop.get(f"/shipments/{order.shipment_id}").status == 403
    assert shop.get(f"/orders/search?seller={shop.seller.user_id}").json["results"] == []
    for path in (f"orders/{order.id}", f"shipments/{order.shipment_id}", f"orders/search?seller={shop.seller.user_id}"):
        reply = other.get(f"/marketplace/{path}")
        assert (reply.status, reply.json["message"]) == (403, "Invalid caller.id")
    assert shop.get(f"/marketplace/orders/{theirs.id}").status == 403
    assert shop.get("/marketplace/orders/1").json["message"] == "Resource not found"
    assert shop.get("/marketplace/shipments/1").status == 404


def test_an_order_is_not_there_at_once(shop, world, mexico):
    world.order_visible_after = 5
    order = world.sell(mexico.id)

    assert shop.get(f"/marketplace/orders/{order.id}").status == 404
    assert ids(search(shop, "site=MLM")) == []
    world.clock.advance(seconds=6)
    assert ids(search(shop, "site=MLM")) == [[order.id]]


def test_its_topics_point_to_its_own_resources(shop, world, bottle, mexico):
    world.notification_variants = False
    world.drain_notifications()
    order = world.sell(mexico.id)
    sold = world.drain_notifications()
    shop.put(f"/global/items/{bottle.id}", {"price": 30})
    priced = world.drain_notifications()

    assert {one["user_id"] for one in (*sold, *priced)} == {shop.seller.user_id}
    told = {(one["topic"], one["resource"]) for one in sold}
    assert told >= {
        ("items", f"/items/{bottle.id}"),
        ("marketplace_items", f"/marketplace/items/{mexico.id}"),
        ("marketplace_orders", f"/marketplace/orders/{order.id}"),
        ("shipments", f"/marketplace/shipments/{order.shipment_id}"),
    }
    assert {one["topic"] for one in sold} == {"items", "marketplace_items", "marketplace_orders", "shipments"}
    assert {one["topic"] for one in priced} == {"items", "marketplace_items"}
    assert all(shop.get(one["resource"]).status == 200 for one in sold)
    assert all(one["actions"] == [] for one in sold)
    world.global_shipments_topic = "marketplace_shipments"
    world.ship(order.id)
    assert "marketplace_shipments" in shop.topics()


def test_movements_in_full_have_a_topic_too(shop, world, bottle):
    world.notification_variants = False
    world.drain_notifications()
    world.sell(world.children_of(bottle.id)["MLM fulfillment"].id)

    (told,) = [one for one in world.drain_notifications() if one["topic"] == "marketplace_fbm_stock"]
    operation = shop.get(told["resource"]).json
    assert (operation["type"], operation["detail"]["available_quantity"]) == ("SALE_CONFIRMATION", -1)


def test_what_was_missed_is_in_the_feed_of_the_parent(shop, world, mexico):
    world.app.owner_id = shop.seller.user_id
    world.drain_notifications()
    world.drop_notifications(50)
    order = world.sell(mexico.id)

    feed = f"/missed_feeds?app_id={world.app.client_id}&topic=marketplace_orders"
    messages = shop.get(feed).json["messages"]

    assert {one["resource"] for one in messages} == {f"/marketplace/orders/{order.id}"}
    assert {one["user_id"] for one in messages} == {str(shop.seller.user_id)}
    items = shop.get(f"/missed_feeds?app_id={world.app.client_id}&topic=items&site_id=CBT").json["messages"]
    assert items
    assert shop.get(f"{feed}&offset=10").json == {"messages": None}
