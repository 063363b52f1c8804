import pytest

from tests.sandbox.caller import WAREHOUSES, open_shop

TWO = [
    {"combination": {"COLOR": "Rojo"}, "available_quantity": 3, "seller_sku": "R-RJ", "sold_quantity": 2},
    {"combination": {"COLOR": "Azul"}, "available_quantity": 0, "seller_sku": "R-AZ"},
]
MODERN = ("normal", "user_product_seller")


@pytest.fixture
def shop():
    return open_shop(tags=MODERN)


@pytest.fixture
def shirt(shop):
    return shop.seller.add_item(title="Remera", price=1000, variations=TWO)


def migrate(shop, item):
    return shop.post(f"/sites/{item.site_id}/items/user_product_listings", {"item_id": item.id})


def test_each_variation_becomes_a_listing_with_the_same_user_product(shop, shirt):
    red, blue = shirt.variations
    order = shop.world.sell(shirt.id, 1, red.id)

    assert shop.get(f"/items/{shirt.id}/user_product_listings/validate").json == {"is_valid": True, "cause": []}
    assert migrate(shop, shirt).status == 200

    status = shop.get(f"/items/{shirt.id}/migration_live_listing").json
    ids = {row["variation_id"]: row["new_item_id"] for row in status["new_items"]}
    old = shop.get(f"/items/{shirt.id}").json
    new, empty = shop.get(f"/items/{ids[red.id]}?include_attributes=all").json, shop.get(f"/items/{ids[blue.id]}").json
    assert (old["status"], old["tags"]) == ("closed", ["variations_migration_source"])
    assert old["variations"][0]["user_product_id"] == new["user_product_id"] == red.user_product_id
    assert (new["status"], new["family_name"], new["title"]) == ("active", "Remera", "Remera Rojo")
    assert (new["available_quantity"], new["sold_quantity"], new["variations"]) == (2, 3, [])
    assert "variations_migration_uptin" in new["tags"]
    assert {one["id"]: one["value_name"] for one in new["attributes"]}["SELLER_SKU"] == "R-RJ"
    assert {one["id"]: one["value_name"] for one in new["attributes"]}["COLOR"] == "Rojo"
    assert (empty["status"], empty["sub_status"]) == ("paused", ["out_of_stock"])
    assert status["activation_completed"]
    line = shop.get(f"/orders/{order.id}").json["order_items"][0]["item"]
    assert (line["id"], line["variation_id"]) == (shirt.id, red.id)
    family = shop.get(f"/sites/MLA/user-products-families/{new['family_id']}").json
    assert set(family["user_products_ids"]) == {red.user_product_id, blue.user_product_id}


def test_while_it_moves_the_old_listing_sells_and_nobody_writes(shop, shirt):
    shop.world.migration_takes = 60
    red = shirt.variations[0]
    shop.world.drain_notifications()

    migrate(shop, shirt)

    (row, _) = shop.get(f"/items/{shirt.id}/migration_live_listing").json["new_items"]
    new = shop.get(f"/items/{row['new_item_id']}").json
    assert shop.get(f"/items/{shirt.id}").json["status"] == "active"
    assert (new["status"], new["sub_status"]) == ("paused", [])
    assert "variations_migration_pending" in new["tags"]
    assert shop.topics().count("items") == 3
    refused = shop.put(f"/items/{shirt.id}", {"variations": [{"id": red.id, "available_quantity": 9}]})
    assert refused.status == shop.put(f"/items/{new['id']}", {"available_quantity": 9}).status == 404
    shop.world.sell(shirt.id, 1, red.id)
    shop.world.clock.advance(seconds=61)
    after = shop.get(f"/items/{new['id']}").json
    assert (after["status"], after["available_quantity"]) == ("active", 2)
    assert shop.put(f"/items/{new['id']}", {"available_quantity": 9}).status == 200


def test_while_it_moves_it_may_not_even_be_there(shop, shirt):
    shop.world.migration_takes, shop.world.migrating_items_missing = 60, True

    migrate(shop, shirt)

    assert shop.get(f"/items/{shirt.id}").status == 404
    assert shop.get(f"/items/bulk?ids={shirt.id}").json[0]["status_code"] == 404
    shop.world.clock.advance(seconds=61)
    assert shop.get(f"/items/{shirt.id}").json["status"] == "closed"


def test_nobody_adds_variations_in_the_new_model(shop, shirt):
    red, blue = shirt.variations
    green = {"attribute_combinations": [{"id": "COLOR", "value_name": "Verde"}], "available_quantity": 1}

    by_list = shop.put(f"/items/{shirt.id}", {"variations": [{"id": red.id}, {"id": blue.id}, green]})
    by_itself = shop.post(f"/items/{shirt.id}/variations", green)

    assert by_list.status == by_itself.status == 400
    assert shop.put(f"/items/{shirt.id}", {"variations": [{"id": red.id}, {"id": blue.id}]}).status == 200


def test_a_listing_paused_by_its_seller_stays_paused(shop, shirt):
    shop.world.pause(shirt.id)

    found = shop.world.migrate(shirt.id)

    new = shop.world.items[found.new[shirt.variations[0].id]]
    assert (new.status, new.sub_status) == ("paused", ["paused_by_seller"])


def test_what_cannot_be_migrated_says_why(shop, shirt):
    mug = shop.seller.add_item(title="Taza")
    old_way = open_shop(world=shop.world)
    theirs = old_way.seller.add_item(variations=TWO)

    answer = shop.get(f"/items/{mug.id}/user_product_listings/validate").json
    assert answer["is_valid"] is False
    assert "no variations" in answer["cause"][0]["message"]
    assert migrate(shop, mug).status == 400
    assert migrate(old_way, theirs).status == 400
    assert migrate(shop, theirs).status == 403
    migrate(shop, shirt)
    assert migrate(shop, shirt).status == 400
    assert shop.get(f"/items/{mug.id}/migration_live_listing").status == 404


def test_an_account_moves_to_user_products():
    shop = open_shop()
    mug, shirt = shop.seller.add_item(title="Taza"), shop.seller.add_item(title="Remera", variations=TWO)

    shop.world.activate_user_products(shop.seller)

    assert "user_product_seller" in shop.get("/users/me").json["tags"]
    moved = shop.get(f"/items/{mug.id}").json
    assert (moved["family_name"], moved["tags"]) == ("Taza", ["user_product_listing"])
    assert shop.get(f"/items/{shirt.id}").json["family_name"] is None
    assert shop.get(f"/user-products/{mug.own.user_product_id}").json["family_id"] == moved["family_id"]


def test_two_listings_of_the_same_thing_get_one_user_product(shop):
    first = shop.seller.add_item(title="Taza", available_quantity=4)
    second = shop.seller.add_item(title="Taza 350 ml", available_quantity=7)
    gone = second.own.user_product_id

    shop.world.unify([first.id, second.id])

    after = shop.get(f"/items/{second.id}").json
    assert (after["user_product_id"], after["available_quantity"]) == (first.own.user_product_id, 4)
    found = shop.get(f"/users/{shop.seller.user_id}/items/search?user_product_id={first.own.user_product_id}").json
    assert set(found["results"]) == {first.id, second.id}
    assert shop.get(f"/users/{shop.seller.user_id}/items/search?user_product_id={gone}").json["results"] == []
    assert shop.get(f"/user-products/{gone}").status == 404


def test_a_family_is_renamed_while_nothing_was_sold(shop):
    mug = shop.seller.add_item(title="Taza Roja", family_name="Taza", family_id=77)
    twin = shop.seller.add_item(
        title="Taza Roja", family_name="Taza", family_id=77, user_product_id=mug.own.user_product_id
    )
    shop.world.replication_delay = 2

    assert shop.put(f"/items/{mug.id}", {"family_name": "Pocillo"}).status == 200
    assert shop.get(f"/items/{twin.id}").json["family_name"] == "Taza"
    shop.world.clock.advance(seconds=3)
    after = shop.get(f"/items/{twin.id}").json
    assert (after["family_name"], after["title"]) == ("Pocillo", "Pocillo Roja")
    shop.world.sell(twin.id)
    refused = shop.put(f"/items/{mug.id}", {"family_name": "Jarro"})
    assert (refused.status, refused.json["error"]) == (400, "field_not_updatable")


def test_a_task_renames_a_whole_family_later(shop):
    products = [shop.seller.add_item(family_name="Taza", family_id=77).own.user_product_id for _ in range(2)]
    path = "/user-products-families/77/tasks"
    body = {"common_content": {"family_name": "Pocillo"}, "user_products": [{"id": one} for one in products]}
    shop.world.replication_delay = 2

    made = shop.post(path, body)
    task = f"/user-products-families/tasks/{made.json['task_id']}"

    assert (made.status, made.json["status"]) == (202, "pending")
    assert shop.get(task).json["status"] == "processing"
    shop.world.clock.advance(seconds=3)
    assert [one["status"] for one in shop.get(task).json["user-products"]] == ["succeeded", "succeeded"]
    assert shop.get(f"/user-products/{products[0]}").json["family_name"] == "Pocillo"


def test_a_task_that_leaves_members_out_fails(shop):
    products = [shop.seller.add_item(family_id=77).own.user_product_id for _ in range(2)]
    path = "/user-products-families/77/tasks"

    def reason(body):
        made = shop.post(path, body)
        assert made.status == 202
        return shop.get(f"/user-products-families/tasks/{made.json['task_id']}").json["user-products"][0]["reasons"][0]

    change = {"common_content": {"family_name": "Pocillo"}}
    assert reason({**change, "user_products": [{"id": products[0]}]})["code"] == "user_products.incomplete"
    assert reason(change)["cause_id"] == 35
    assert reason({**change, "user_products": [{}]})["cause_id"] == 36
    assert reason({"user_products": [{"id": one} for one in products]})["cause_id"] == 31
    assert shop.post(path, {"user_products": [{"id": "MLAU1"}]}).status == 400
    assert shop.post("/user-products-families/1/tasks", {}).status == 404
    assert shop.get("/user-products-families/tasks/mla_1").status == 404


def test_a_closed_listing_is_relisted_once_under_another_id():
    shop = open_shop()
    mug = shop.seller.add_item(title="Taza", price=1000, available_quantity=5)
    path = f"/items/{mug.id}/relist"

    assert shop.post(path, {"price": 900}).json["message"] == f"Cannot relist item {mug.id} [status:active]"
    shop.put(f"/items/{mug.id}", {"status": "closed"})
    reply = shop.post(path, {"price": 900, "quantity": 7, "listing_type_id": "gold_pro"})

    assert reply.status == 201
    new = shop.get(f"/items/{reply.json['id']}").json
    assert (new["parent_item_id"], new["status"], new["price"]) == (mug.id, "active", 900)
    assert (new["available_quantity"], new["sold_quantity"], new["listing_type_id"]) == (7, 0, "gold_pro")
    assert new["user_product_id"] == mug.own.user_product_id
    assert shop.get(f"/items/{mug.id}").json["status"] == "closed"
    assert shop.post(path, {}).json["message"] == f"Item {mug.id} was already relisted"


def test_relisted_variations_have_new_ids_and_those_left_out_stay_behind():
    shop = open_shop()
    shirt = shop.seller.add_item(title="Remera", price=1000, variations=TWO)
    red, blue = shirt.variations
    shop.world.close(shirt.id)

    none = shop.post(f"/items/{shirt.id}/relist", {"listing_type_id": "gold_pro"})
    wrong = shop.post(f"/items/{shirt.id}/relist", {"variations": [{"id": 1, "quantity": 4}]})
    reply = shop.post(f"/items/{shirt.id}/relist", {"variations": [{"id": red.id, "price": 800, "quantity": 4}]})

    assert none.status == wrong.status == 400
    (new,) = reply.json["variations"]
    assert new["id"] not in (red.id, blue.id)
    assert (new["available_quantity"], new["price"], reply.json["price"]) == (4, 800, 800)
    assert shop.get(f"/items/{shirt.id}").json["variations"][0]["id"] == red.id


def test_a_relist_by_hand_offers_what_is_there():
    shop = open_shop(site_id="MLM", tags=WAREHOUSES)
    shop.seller.add_store("Centro")
    mug = shop.seller.add_item(available_quantity=5)
    with pytest.raises(ValueError, match="Cannot relist"):
        shop.world.relist(mug.id)
    shop.world.close(mug.id)

    new = shop.world.relist(mug.id)

    assert (new.available_quantity, new.parent_item_id) == (5, mug.id)
    shop.world.edit_stock(new.id, 2)
    assert shop.get(f"/items/{new.id}").json["available_quantity"] == 2
