import pytest

from tests.sandbox.caller import WAREHOUSES, open_shop

BODY = {
    "title": "Lata de tomate",
    "category_id": "MLM191212",
    "price": 1000,
    "listing_type_id": "gold_special",
    "currency_id": "MXN",
}


@pytest.fixture
def shop():
    shop = open_shop(site_id="MLM", tags=WAREHOUSES)
    shop.seller.add_store("Centro")
    shop.seller.add_store("Norte")
    return shop


def locations(*pairs):
    return [{"store_id": store.id, "network_node_id": "123451", "quantity": quantity} for store, quantity in pairs]


def stores(shop, query=""):
    return shop.get(f"/users/{shop.seller.user_id}/stores/search{query}")


def stock(shop, item):
    return shop.get(f"/user-products/{item.own.user_product_id}/stock")


def put_stock(shop, item, version, *pairs):
    path = f"/user-products/{item.own.user_product_id}/stock/type/seller_warehouse"
    return shop.put(path, {"locations": locations(*pairs)}, x_version=str(version))


def test_stores_are_filtered_and_paged(shop):
    showroom = shop.seller.add_store("Showroom", is_stock_location=False)
    shop.seller.stores[1].status = "inactive"

    def found(query):
        return [store["description"] for store in stores(shop, query).json["results"]]

    assert found("") == ["Centro", "Norte", "Showroom"]
    assert found("?tags=stock_location") == ["Centro", "Norte"]
    assert found("?tags=stock_location&status=active") == ["Centro"]
    assert found("?limit=1&offset=1") == ["Norte"]
    assert stores(shop, "?limit=1").json["paging"] == {"limit": 1, "total": 3}
    assert stores(shop, "?limit=500").json["paging"]["limit"] == 50
    assert showroom.id == stores(shop).json["results"][2]["id"]


def test_stores_are_only_for_their_owner(shop):
    other = open_shop(world=shop.world)

    assert other.get(f"/users/{shop.seller.user_id}/stores/search").status == 403


def test_an_item_is_published_with_units_in_warehouses(shop):
    first, second = shop.seller.stores
    attributes = [{"id": "SELLER_SKU", "value_name": "TOM-1"}]

    reply = shop.post(
        "/items/multiwarehouse",
        {**BODY, "attributes": attributes, "stock_locations": locations((first, 10), (second, 4))},
    )

    assert reply.status == 201
    assert reply.json["user_product_id"].startswith("MLMU")
    assert reply.json["stock_locations"] == [
        {"store_id": first.id, "quantity": 10, "network_node_id": first.network_node_id},
        {"store_id": second.id, "quantity": 4, "network_node_id": second.network_node_id},
    ]
    again = shop.get(f"/items/{reply.json['id']}").json
    assert "stock_locations" not in again
    assert (again["available_quantity"], again["price"]) == (14, 1000)
    assert shop.get(f"/user-products/{reply.json['user_product_id']}/stock").headers["x-version"] == "1"
    assert {"items", "stock-locations"} <= set(shop.topics())


def test_publishing_is_refused_in_the_documents_words(shop):
    other = open_shop(site_id="MLM", tags=WAREHOUSES, world=shop.world)
    foreign = other.seller.add_store("Ajena")
    first = shop.seller.stores[0]

    def message(**more):
        reply = shop.post("/items/multiwarehouse", {**BODY, **more})
        assert reply.status == 400
        return reply.json["message"]

    assert message() == "The fields [stock_locations] are required for requested call"
    assert message(stock_locations=[]) == "The fields [stock_locations] are required for requested call"
    assert message(available_quantity=3) == "The fields [available_quantity] are invalid for requested call"
    assert message(stock_locations=locations((foreign, 1))) == f"Store does not belong to seller: {foreign.id}"
    assert message(stock_locations=[{"store_id": "000", "quantity": 1}]) == "Store not found: 000"
    assert message(stock_locations=[{"quantity": 1}]) == "Store cannot be null or empty"
    assert "[price]" in message(stock_locations=locations((first, 1)), price=None)
    assert message(stock_locations=locations((first, -1))) == "quantity must be an integer of at least 0"
    assert not shop.world.items


def test_a_seller_without_warehouses_cannot_publish_there():
    shop = open_shop(site_id="MLM")
    store = shop.seller.add_store("Centro")

    reply = shop.post("/items/multiwarehouse", {**BODY, "stock_locations": locations((store, 1))})

    assert (reply.status, reply.json["error"]) == (400, "body.invalid_fields")


def test_a_single_warehouse_seller_uses_one(shop):
    shop.seller.tags.remove("multiwarehouse")
    first, second = shop.seller.stores
    words = "seller with a single warehouse cannot update stock across multiple network nodes"

    both = shop.post("/items/multiwarehouse", {**BODY, "stock_locations": locations((first, 1), (second, 1))})
    item = shop.seller.add_item(stores={first.id: 3})

    assert both.json["message"] == words
    assert put_stock(shop, item, 1, (second, 1)).json["message"] == words
    assert put_stock(shop, item, 1, (first, 1)).status == 200


def test_stores_left_out_of_a_write_may_be_emptied(shop):
    first, second = shop.seller.stores
    item = shop.seller.add_item(stores={first.id: 5, second.id: 2})
    shop.world.unnamed_stores = "emptied"

    put_stock(shop, item, 1, (first, 9))

    assert [place["quantity"] for place in stock(shop, item).json["locations"]] == [9, 0]
    assert shop.get(f"/items/{item.id}").json["available_quantity"] == 9


def test_warehouses_and_full_live_side_by_side(shop):
    first, _ = shop.seller.stores
    item = shop.seller.add_item(full_quantity=6, stores={first.id: 3})

    written = put_stock(shop, item, 1, (first, 1))

    assert written.status == 200
    assert [(place["type"], place["quantity"]) for place in stock(shop, item).json["locations"]] == [
        ("seller_warehouse", 1),
        ("meli_facility", 6),
    ]


def test_an_account_is_moved_to_warehouses_overnight():
    shop = open_shop(site_id="MLM")
    mug = shop.seller.add_item(available_quantity=5)
    shop.world.drain_notifications()

    shop.world.activate_warehouses(shop.seller, several=False)

    tags = shop.get("/users/me").json["tags"]
    assert "warehouse_management" in tags
    assert "multiwarehouse" not in tags
    ignored = shop.put(f"/items/{mug.id}", {"available_quantity": 9})
    assert (ignored.status, ignored.json["available_quantity"]) == (200, 5)
    (place,) = stock(shop, mug).json["locations"]
    assert (place["type"], place["store_id"], place["quantity"]) == (
        "seller_warehouse",
        shop.seller.stores[0].id,
        5,
    )
    assert shop.topics() == ["stock-locations"]
    assert put_stock(shop, mug, 2, (shop.seller.stores[0], 8)).status == 200
    assert shop.get(f"/items/{mug.id}").json["available_quantity"] == 8
    with pytest.raises(ValueError, match="already"):
        shop.world.activate_warehouses(shop.seller)


def test_the_move_to_warehouses_may_hide_the_listings_for_a_while():
    shop = open_shop(site_id="MLM")
    mug = shop.seller.add_item(available_quantity=5)
    used = shop.seller.add_item(available_quantity=1, condition="used")

    shop.world.activate_warehouses(shop.seller, out_of_stock_for=3600)

    during = shop.get(f"/items/{mug.id}").json
    assert (during["status"], during["sub_status"], during["available_quantity"]) == ("paused", ["out_of_stock"], 0)
    assert stock(shop, mug).json["locations"][0]["quantity"] == 5
    assert shop.get(f"/items/{used.id}").json["status"] == "active"
    shop.world.clock.advance(seconds=3601)
    after = shop.get(f"/items/{mug.id}").json
    assert (after["status"], after["available_quantity"]) == ("active", 5)


def test_kits_move_with_their_components():
    shop = open_shop(site_id="MLM")
    cup, plate = shop.seller.add_item(available_quantity=5), shop.seller.add_item(available_quantity=4)
    kit = shop.world.add_kit(shop.seller, "Juego", 90, {cup.own.user_product_id: 1, plate.own.user_product_id: 2})

    shop.world.activate_warehouses(shop.seller)

    (place,) = stock(shop, kit).json["locations"]
    assert (place["type"], place["quantity"]) == ("seller_warehouse", 2)
    assert shop.get(f"/items/{kit.id}").json["available_quantity"] == 2


def test_an_order_names_its_warehouse_as_an_object_or_as_a_list(shop):
    first, second = shop.seller.stores
    item = shop.seller.add_item(stores={first.id: 5, second.id: 2})

    def stock_of(order):
        return shop.get(f"/orders/{order.id}").json["order_items"][0]["stock"]

    assert stock_of(shop.world.sell(item.id, store_id=second.id)) == {
        "store_id": second.id,
        "node_id": second.network_node_id,
    }
    shop.world.order_stock_as_list = True
    assert stock_of(shop.world.sell(item.id, store_id=second.id)) == [
        {"store_id": second.id, "network_node_id": second.network_node_id}
    ]


@pytest.mark.parametrize("name", ["stock_locations", "stock-location"])
def test_the_stock_topic_has_other_names_in_the_documents(shop, name):
    first, _ = shop.seller.stores
    item = shop.seller.add_item(stores={first.id: 5})
    shop.topics()
    shop.world.stock_topic = name

    put_stock(shop, item, 1, (first, 1))

    assert name in shop.topics()


def test_a_store_counts_only_once_the_account_has_warehouses():
    shop = open_shop(site_id="MLM")
    store = shop.seller.add_store("Centro")
    item = shop.seller.add_item()

    reply = put_stock(shop, item, 1, (store, 4))

    assert (reply.status, reply.json["message"]) == (400, "Store is not configured to be a stock location")
