import pytest

from tests.sandbox.caller import Caller, open_global_shop

TWO = [
    {"combination": {"COLOR": "Red"}, "available_quantity": 3, "seller_sku": "B-RD"},
    {"combination": {"COLOR": "Blue"}, "available_quantity": 4, "seller_sku": "B-BL"},
]
MARKETS = (("MLM", "remote"), ("MLB", "remote"), ("MLC", "remote"), ("MLM", "fulfillment"))
BODY = "The body sent is not valid, make sure you write the fields and values correctly"


@pytest.fixture
def shop():
    return open_global_shop(*MARKETS)


@pytest.fixture
def world(shop):
    return shop.world


@pytest.fixture
def bottle(shop):
    return shop.world.add_global_item(shop.seller, title="Bottle", price=20, available_quantity=10, seller_sku="B-1")


@pytest.fixture
def shirt(shop):
    return shop.world.add_global_item(shop.seller, title="Shirt", price=20, variations=TWO)


def put(shop, item, **changes):
    return shop.put(f"/global/items/{item.id}", changes)


def read(shop, item):
    return shop.get(f"/marketplace/items/{item.id}").json


def refused(reply, status, words):
    assert (reply.status, reply.json["message"]) == (status, words)


def test_the_account_and_its_marketplaces(shop, bottle):
    me = shop.get("/users/me").json
    places = shop.get(f"/marketplace/users/{shop.seller.user_id}").json

    assert me["site_id"] == "CBT"
    assert [(one["site_id"], one["logistic_type"]) for one in places["marketplaces"]] == list(MARKETS)
    assert shop.get(f"/users/{shop.seller.user_id}/items/search").json["results"] == [bottle.id]
    assert shop.get("/sites").json[-1]["id"] != "CBT"


def test_nobody_logs_in_to_a_marketplace_account(shop, world):
    page = (
        Caller(world)
        .get("/authorization?response_type=code&client_id=4815162342108015&redirect_uri=http://localhost/back")
        .text
    )

    assert "SHENZHEN_STORE ·" in page
    assert "SHENZHEN_STORE_MLM" not in page


def test_a_parent_names_its_marketplace_listings(shop, world, bottle):
    children = world.children_of(bottle.id)

    body = read(shop, bottle)

    assert body["id"].startswith("CBT")
    assert (body["price"], body["currency_id"], body["available_quantity"]) == (20, "USD", 10)
    assert [(one["item_id"], one["site_id"]) for one in body["marketplace_items"]] == [
        (children[site].id, site) for site in ("MLM", "MLB", "MLC")
    ]
    assert {one["parent_id"] for one in body["marketplace_items"]} == {bottle.id}
    assert (body["cbt_item_id"], body["inventory_id"]) == ("", "")
    assert shop.get(f"/global/items/{bottle.id}").json == body
    assert shop.get(f"/items/{bottle.id}").json["site_id"] == "CBT"
    mapping = shop.get(f"/items/{bottle.id}/marketplace_items").json
    assert mapping["marketplace_items"] == body["marketplace_items"]


def test_a_marketplace_listing_names_its_parent(shop, world, bottle):
    child = world.children_of(bottle.id)["MLB"]

    body = read(shop, child)

    assert (body["cbt_item_id"], body["owner_id"], body["user_logistic_type"]) == (
        bottle.id,
        shop.seller.user_id,
        "remote",
    )
    assert (body["price"], body["currency_id"], body["net_proceeds"]["currency_id"]) == (20, "USD", "USD")
    taken = sum(one["amount"] for one in body["net_proceeds"]["additional_concepts"])
    assert body["net_proceeds"]["amount"] + taken == pytest.approx(20)
    assert {"cbt_item", "net_proceeds_prices"} <= set(body["tags"])
    assert shop.get(f"/items/{child.id}").status == 403


def test_variations_have_ids_of_their_own_in_each_marketplace(shop, world, shirt):
    child = world.children_of(shirt.id)["MLM"]

    parent = shop.get(f"/marketplace/items/{shirt.id}?include_attributes=all").json["variations"]
    local = shop.get(f"/marketplace/items/{child.id}?include_attributes=all").json["variations"]

    assert {one["id"] for one in parent}.isdisjoint(one["id"] for one in local)
    assert [one["available_quantity"] for one in local] == [3, 4]
    assert [one["attributes"][0]["value_name"] for one in local] == ["B-RD", "B-BL"]
    assert {one["currency_id"] for one in local} == {"USD"}


def test_one_number_for_all_sites(shop, world, bottle):
    reply = put(shop, bottle, available_quantity=55)

    assert (reply.status, reply.json) == (200, {})
    assert {read(shop, one)["available_quantity"] for one in world.children_of(bottle.id).values()} == {55}
    world.sell(world.children_of(bottle.id)["MLC"].id, 5)
    assert read(shop, bottle)["available_quantity"] == 50
    assert read(shop, world.children_of(bottle.id)["MLB"])["available_quantity"] == 50


def test_other_sites_follow_later(shop, world, bottle):
    world.replication_delay = 5
    child = world.children_of(bottle.id)["MLM"]

    put(shop, bottle, available_quantity=3)

    assert (read(shop, bottle)["available_quantity"], read(shop, child)["available_quantity"]) == (3, 10)
    world.clock.advance(seconds=6)
    assert read(shop, child)["available_quantity"] == 3


def test_zero_pauses_everywhere_and_units_wake_everywhere(shop, world, bottle):
    child = world.children_of(bottle.id)["MLM"]
    world.pause(world.children_of(bottle.id)["MLB"].id)

    put(shop, bottle, available_quantity=0)
    assert (read(shop, bottle)["status"], read(shop, bottle)["sub_status"]) == ("paused", ["out_of_stock"])
    assert (read(shop, child)["status"], read(shop, child)["sub_status"]) == ("paused", ["out_of_stock"])
    put(shop, bottle, available_quantity=1)

    assert (read(shop, bottle)["status"], read(shop, child)["status"]) == ("active", "active")
    assert read(shop, world.children_of(bottle.id)["MLB"])["sub_status"] == ["paused_by_seller"]


def test_a_quantity_aimed_at_one_site_is_lost(shop, world, bottle):
    child = world.children_of(bottle.id)["MLM"]

    by_parent = put(shop, bottle, site_id="MLM", logistic_type="remote", available_quantity=3)
    by_child = put(shop, child, available_quantity=3)

    assert (by_parent.status, by_parent.json, by_child.status) == (200, {}, 200)
    assert read(shop, child)["available_quantity"] == read(shop, bottle)["available_quantity"] == 10
    world.global_child_stock = "applied"
    put(shop, child, available_quantity=3)
    assert read(shop, bottle)["available_quantity"] == 3


def test_status_of_all_and_of_one(shop, world, bottle):
    mexico, brazil = (world.children_of(bottle.id)[site] for site in ("MLM", "MLB"))

    assert put(shop, bottle, site_id="MLM", logistic_type="remote", status="paused").json == {}
    assert [read(shop, one)["status"] for one in (bottle, mexico, brazil)] == ["active", "paused", "active"]
    put(shop, bottle, status="paused")
    assert [read(shop, one)["status"] for one in (bottle, mexico, brazil)] == ["paused"] * 3
    put(shop, bottle, status="active")
    assert [read(shop, one)["status"] for one in (bottle, mexico, brazil)] == ["active"] * 3


def test_a_marketplace_listing_is_deleted_once_it_is_paused(shop, world, bottle):
    child = world.children_of(bottle.id)["MLM"]
    where = {"site_id": "MLM", "logistic_type": "remote"}

    refused(put(shop, bottle, **where, status="deleted"), 400, BODY)
    refused(put(shop, bottle, status="deleted"), 400, BODY)
    put(shop, bottle, **where, status="paused")
    assert put(shop, bottle, **where, status="deleted").status == 200

    assert shop.get(f"/marketplace/items/{child.id}").status == 404
    assert [one["site_id"] for one in read(shop, bottle)["marketplace_items"]] == ["MLB", "MLC"]


def test_a_listing_that_closed_may_still_be_deleted_and_nothing_else(shop, world, bottle):
    child = world.children_of(bottle.id)["MLM"]
    world.close(child.id)

    assert put(shop, child, status="deleted", title="Otra").json["error"] == "field_not_updatable"
    assert put(shop, child, status="deleted").status == 200

    assert shop.get(f"/marketplace/items/{child.id}").status == 404


def test_a_listing_with_units_in_full_is_not_deleted(shop, world):
    bottle = world.add_global_item(shop.seller, available_quantity=10, full={"MLM": 6})
    full = world.children_of(bottle.id)["MLM fulfillment"]
    put(shop, full, status="paused")

    words = "The item could not be updated because the item or variation you are trying to modify has inventory."
    refused(put(shop, full, status="deleted"), 400, words)

    assert read(shop, full)["status"] == "paused"


def test_pictures_are_added_replaced_and_kept_in_the_order_given(shop, bottle):
    (first,) = read(shop, bottle)["pictures"]

    assert put(shop, bottle, pictures=[{"id": first["id"]}, {"source": "https://example.com/2.jpg"}]).json == {}
    added = read(shop, bottle)["pictures"]
    put(shop, bottle, pictures=[{"id": added[1]["id"]}, {"id": first["id"]}])
    turned = read(shop, bottle)["pictures"]
    put(shop, bottle, pictures=[{"source": "https://example.com/3.jpg"}])

    assert [one["id"] for one in turned] == [added[1]["id"], first["id"]] != [first["id"]]
    assert len({one["id"] for one in read(shop, bottle)["pictures"]} | {one["id"] for one in added}) == 3


@pytest.mark.parametrize("pictures", [[], [{}], "x", [{"source": "no address"}], [{"id": "of-another-item"}]])
def test_pictures_that_are_none_are_refused(shop, bottle, pictures):
    refused(put(shop, bottle, pictures=pictures), 400, BODY)


def test_a_picture_that_a_variation_shows_stays(shop, shirt):
    refused(put(shop, shirt, pictures=[{"source": "https://example.com/2.jpg"}]), 400, BODY)


def test_a_global_price_reaches_listings_without_their_own(shop, world):
    bottle = world.add_global_item(shop.seller, price=20, prices={"MLB": 30})
    mexico, brazil, chile = (world.children_of(bottle.id)[site] for site in ("MLM", "MLB", "MLC"))
    chile.tags.append("dynamic_standard_price")

    put(shop, bottle, price=25.5)
    put(shop, bottle, site_id="MLM", logistic_type="remote", price=26)

    assert [read(shop, one)["price"] for one in (bottle, mexico, brazil, chile)] == [25.5, 26, 30, 25.5]
    assert "dynamic_standard_price" not in read(shop, chile)["tags"]


def test_net_proceeds_set_the_price(shop, world, bottle):
    mexico, brazil, chile = (world.children_of(bottle.id)[site] for site in ("MLM", "MLB", "MLC"))

    assert put(shop, mexico, net_proceeds=45).json == {}
    put(shop, bottle, site_id="MLB", logistic_type="remote", net_proceeds=50)
    put(shop, bottle, site_listings=[{"listing_item_id": chile.id, "logistic_type": "remote", "net_proceeds": 48}])

    assert [read(shop, one)["net_proceeds"]["amount"] for one in (mexico, brazil, chile)] == [45, 50, 48]
    assert [read(shop, one)["price"] > 45 for one in (mexico, brazil, chile)] == [True] * 3
    assert read(shop, bottle)["price"] == 20
    refused(put(shop, bottle, site_listings=[{"listing_item_id": "MLC1"}]), 404, "Item with id MLC1 not found")
    refused(put(shop, bottle, net_proceeds=45), 400, BODY)


def test_variations_left_out_are_deleted_in_every_marketplace(shop, world, shirt):
    red, blue = shirt.variations
    child = world.children_of(shirt.id)["MLM"]

    reply = put(shop, shirt, variations=[{"id": red.id, "available_quantity": 9}, {"id": blue.id}])
    assert reply.json == {}
    assert [one["available_quantity"] for one in read(shop, child)["variations"]] == [9, 4]
    put(shop, shirt, variations=[{"id": red.id, "available_quantity": 1}])

    assert [one["id"] for one in read(shop, shirt)["variations"]] == [red.id]
    assert [one["available_quantity"] for one in read(shop, child)["variations"]] == [1]
    assert (world.counters["variations_deleted"], world.counters["put_missing_variation"]) == (1, 1)


def test_variations_of_one_marketplace_have_its_ids_and_its_price(shop, world, shirt):
    child, other = (world.children_of(shirt.id)[site] for site in ("MLM", "MLB"))
    red, blue = child.variations

    priced = put(
        shop, child, variations=[{"id": red.id, "price": 30, "available_quantity": 99}, {"id": blue.id, "price": 30}]
    )
    refused(put(shop, child, variations=[{"id": shirt.variations[0].id, "price": 30}]), 400, BODY)
    refused(put(shop, child, variations=[{"id": red.id, "price": 30}, {"id": blue.id, "price": 31}]), 400, BODY)
    added = {"available_quantity": 1, "attribute_combinations": [{"color": "Green"}]}
    refused(put(shop, child, variations=[{"id": red.id}, {"id": blue.id}, added]), 400, BODY)

    assert priced.json == {}
    assert [read(shop, one)["price"] for one in (shirt, child, other)] == [20, 30, 20]
    assert [one["available_quantity"] for one in read(shop, child)["variations"]] == [3, 4]
    put(shop, child, variations=[{"id": red.id}])
    assert [len(read(shop, one)["variations"]) for one in (shirt, child, other)] == [2, 1, 2]
    assert world.counters["variations_deleted"] == 1


def test_a_variation_is_added_as_the_documents_write_it(shop, world, shirt):
    red, blue = shirt.variations
    green = {"available_quantity": 7, "attribute_combinations": [{"color": "Green"}]}

    put(shop, shirt, variations=[{"id": red.id}, {"id": blue.id}, green])

    for item in (shirt, world.children_of(shirt.id)["MLB"]):
        new = read(shop, item)["variations"][2]
        assert (new["attribute_combinations"][0]["value_name"], new["available_quantity"]) == ("Green", 7)
