import pytest

from sandbox import NoParcel
from tests.sandbox.caller import WAREHOUSES, open_shop


@pytest.fixture
def shop():
    return open_shop()


@pytest.fixture
def both(shop):
    """Six units in Full, two at the seller's."""
    return shop.seller.add_item(full_quantity=6, flex_quantity=2)


def stock(shop, item):
    return shop.get(f"/user-products/{item.own.user_product_id}/stock")


def units(shop, item):
    return {place["type"]: place["quantity"] for place in stock(shop, item).json["locations"]}


def operations(shop, item, more=""):
    path = f"/stock/fulfillment/operations/search?seller_id={shop.seller.user_id}&inventory_id={item.own.inventory_id}"
    return shop.get(path + more)


def shipment(shop, order, **headers):
    return shop.get(f"/shipments/{shop.world.orders[order.id].shipment_id}", **headers).json


def test_a_listing_in_full_and_flex_says_so(shop, both):
    shipping = shop.get(f"/items/{both.id}").json["shipping"]
    only_full = shop.seller.add_item(full_quantity=6)

    assert (shipping["logistic_type"], shipping["tags"]) == ("fulfillment", ["self_service_in"])
    assert shop.get(f"/items/{only_full.id}").json["shipping"]["tags"] == ["self_service_available"]


def test_stock_in_full_counts_what_cannot_be_sold(shop, both):
    shop.world.lose_in_full(both.id, 2)

    body = shop.get(f"/inventories/{both.own.inventory_id}/stock/fulfillment").json

    assert (body["total"], body["available_quantity"], body["not_available_quantity"]) == (6, 4, 2)
    assert body["not_available_detail"] == [{"status": "lost", "quantity": 2}]
    assert body["external_references"] == [{"type": "item", "id": both.id, "variation_id": None}]
    assert units(shop, both) == {"selling_address": 2, "meli_facility": 4}
    missing = shop.get("/inventories/ESZJ28232/stock/fulfillment")
    assert (missing.status, missing.json["error"]) == (404, "seller_product_not_found")
    with pytest.raises(ValueError, match="not 9 units"):
        shop.world.lose_in_full(both.id, 9)


def test_the_inventory_of_a_variation_names_it(shop):
    shirt = shop.seller.add_item(
        full_quantity=0, variations=[{"combination": {"COLOR": "Rojo"}, "available_quantity": 4}]
    )
    (red,) = shirt.variations

    body = shop.get(f"/inventories/{red.inventory_id}/stock/fulfillment").json

    assert body["external_references"] == [{"type": "item", "id": shirt.id, "variation_id": red.id}]


def test_every_movement_in_full_is_an_operation(shop, both):
    shop.world.cancel_returns_stock = True
    order = shop.world.sell(both.id, 2)
    shop.world.cancel(order.id)
    shop.world.lose_in_full(both.id, 1, why="damaged")
    shop.world.receive_in_full(both.id, 10)

    body = operations(shop, both).json

    assert body["paging"] == {"total": 5, "scroll": ""}
    assert [(one["type"], one["detail"]["available_quantity"]) for one in body["results"]] == [
        ("INBOUND_RECEPTION", 10),
        ("ADJUSTMENT", -1),
        ("SALE_CANCELATION", 2),
        ("SALE_CONFIRMATION", -2),
        ("INBOUND_RECEPTION", 6),
    ]
    assert [one["result"]["available_quantity"] for one in body["results"]] == [15, 5, 6, 4, 6]
    assert body["results"][1]["detail"]["not_available_detail"] == [{"status": "damaged", "quantity": 1}]
    reference = {"type": "shipment_id", "value": str(shop.world.orders[order.id].shipment_id)}
    assert body["results"][3]["external_references"] == [reference]
    one = body["results"][0]
    assert shop.get(f"/stock/fulfillment/operations/{one['id']}").json == one


def test_operations_are_filtered_and_paged(shop, both):
    order = shop.world.sell(both.id)

    def total(more):
        return operations(shop, both, more).json["paging"]["total"]

    assert total("&type=SALE_CONFIRMATION") == 1
    assert total(f"&external_references.shipment_id={shop.world.orders[order.id].shipment_id}") == 1
    assert total("&date_to=2020-01-01") == 0
    first = operations(shop, both, "&limit=1").json
    second = operations(shop, both, f"&limit=1&scroll={first['paging']['scroll']}").json
    assert [one["type"] for one in (*first["results"], *second["results"])] == [
        "SALE_CONFIRMATION",
        "INBOUND_RECEPTION",
    ]
    assert second["paging"]["scroll"] == ""
    shop.world.clock.advance(seconds=16 * 86_400)
    token = shop.world.grant(shop.seller).access_token
    shop.token = token
    assert total("") == 0


def test_operations_are_only_for_their_seller(shop, both):
    other = open_shop(world=shop.world)
    path = "/stock/fulfillment/operations"
    one = operations(shop, both).json["results"][0]["id"]

    assert other.get(f"{path}/search?inventory_id={both.own.inventory_id}").status == 403
    assert other.get(f"{path}/search?seller_id={shop.seller.user_id}&inventory_id=A").status == 403
    assert other.get(f"{path}/{one}").status == 403
    assert shop.get(f"{path}/1").status == 404
    nothing = shop.get(f"{path}/search")
    assert (nothing.status, nothing.json["message"]) == (400, "The field inventory_id has an invalid value")


def test_movements_in_full_are_told_to_those_who_listen(shop, both):
    shop.world.receive_in_full(both.id, 3)

    assert "fbm_stock_operations" in shop.topics()


def test_the_first_delivery_puts_a_listing_into_full(shop):
    mug = shop.seller.add_item(available_quantity=4)

    shop.world.receive_in_full(mug.id, 10)

    body = shop.get(f"/items/{mug.id}").json
    assert (body["shipping"]["logistic_type"], body["available_quantity"]) == ("fulfillment", 14)
    assert body["shipping"]["tags"] == ["self_service_in"]
    assert shop.get(f"/inventories/{body['inventory_id']}/stock/fulfillment").json["available_quantity"] == 10
    assert (
        shop.put(f"/items/{mug.id}", {"available_quantity": 9}).json["message"]
        == "available_quantity is not modifiable"
    )


@pytest.mark.parametrize("site_id", ["MLA", "MLC"])
def test_the_sellers_own_units_beside_full_can_be_written(site_id):
    shop = open_shop(site_id=site_id)
    item = shop.seller.add_item(full_quantity=6, flex_quantity=2)
    path = f"/user-products/{item.own.user_product_id}/stock/type/selling_address"

    assert shop.put(path, {"quantity": 9}, x_version="1").status == 204
    assert units(shop, item) == {"selling_address": 9, "meli_facility": 6}
    assert shop.get(f"/items/{item.id}").json["available_quantity"] == 15
    assert shop.put(path, {"quantity": -1}, x_version="2").status == 400
    assert shop.put(path, {"quantity": 9}).json["message"] == "Missing X-Version header"
    assert shop.put(path, {"quantity": 9}, x_version="1").json["message"] == "Version mismatch"


def test_stock_in_full_has_no_write_at_all(shop, both):
    path = f"/user-products/{both.own.user_product_id}/stock/type/meli_facility"

    assert shop.put(path, {"quantity": 9}, x_version="1").status == 404
    assert shop.put(f"/inventories/{both.own.inventory_id}/stock/fulfillment", {"quantity": 9}).status == 404


def test_a_sale_leaves_by_flex_when_full_has_too_few(shop, both):
    by_full = shop.world.sell(both.id, 6)
    by_flex = shop.world.sell(both.id, 1)

    assert shipment(shop, by_full)["logistic_type"] == "fulfillment"
    assert shipment(shop, by_flex)["logistic_type"] == "self_service"
    assert units(shop, both) == {"selling_address": 1, "meli_facility": 0}


def test_a_parcel_may_leave_another_way_than_it_said(shop, both):
    order = shop.world.sell(both.id, 2)
    version = int(stock(shop, both).headers["x-version"])
    shop.topics()

    shop.world.change_logistic_type(order.id, "self_service")

    assert shipment(shop, order)["logistic_type"] == "self_service"
    assert shipment(shop, order, x_format_new="true")["logistic"]["type"] == "self_service"
    assert units(shop, both) == {"selling_address": 0, "meli_facility": 6}
    assert int(stock(shop, both).headers["x-version"]) == version + 1
    assert {"shipments", "stock-locations"} <= set(shop.topics())
    shop.world.change_logistic_type(order.id, "fulfillment")
    assert units(shop, both) == {"selling_address": 2, "meli_facility": 4}


def test_a_parcel_under_way_cannot_change(shop, both):
    order = shop.world.sell(both.id)
    shop.world.ship(order.id)

    with pytest.raises(NoParcel):
        shop.world.change_logistic_type(order.id, "self_service")


def test_a_change_of_way_moves_between_warehouses_and_full():
    shop = open_shop(site_id="MLM", tags=WAREHOUSES)
    store = shop.seller.add_store("Centro")
    item = shop.seller.add_item(full_quantity=5, stores={store.id: 3})
    order = shop.world.sell(item.id)

    shop.world.change_logistic_type(order.id, "cross_docking")

    assert units(shop, item) == {"seller_warehouse": 2, "meli_facility": 5}
    assert shop.get(f"/orders/{order.id}").json["order_items"][0]["stock"] == {
        "store_id": store.id,
        "node_id": store.network_node_id,
    }


def test_the_way_of_a_parcel_may_be_known_later(shop, both):
    shop.world.logistic_type_known_after = 30
    order = shop.world.sell(both.id)
    shop.topics()

    assert shipment(shop, order)["logistic_type"] is None
    assert shipment(shop, order, x_format_new="true")["logistic"]["type"] is None
    shop.world.clock.advance(seconds=31)
    assert shipment(shop, order)["logistic_type"] == "fulfillment"
    assert shop.topics() == ["shipments"]


def test_units_of_a_cancelled_sale_go_back_where_they_came_from():
    shop = open_shop(site_id="MLM", tags=WAREHOUSES)
    first, second = shop.seller.add_store("Centro"), shop.seller.add_store("Norte")
    item = shop.seller.add_item(stores={first.id: 5, second.id: 2})
    shop.world.cancel_returns_stock = True
    order = shop.world.sell(item.id, store_id=second.id)

    shop.world.cancel(order.id)

    assert [place["quantity"] for place in stock(shop, item).json["locations"]] == [5, 2]
