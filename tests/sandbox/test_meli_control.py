import re

import pytest

from sandbox import World, demo
from tests.sandbox.caller import Caller, open_shop


@pytest.fixture
def shop():
    return open_shop()


@pytest.fixture
def mug(shop):
    return shop.seller.add_item(title="Taza", available_quantity=9)


@pytest.fixture
def shirt(shop):
    return shop.seller.add_item(
        title="Remera", variations=[{"combination": {"COLOR": "Rojo"}, "available_quantity": 4}]
    )


def test_an_account_is_changed_by_forms(shop, mug):
    page = shop.get("/").text
    assert "Activate warehouses" in page
    assert "Activate user products" in page

    shop.form("/do/activate_user_products", {"nickname": shop.seller.nickname})
    shop.form("/do/activate_warehouses", {"nickname": shop.seller.nickname})

    assert {"user_product_seller", "warehouse_management", "multiwarehouse"} <= set(shop.seller.tags)
    assert mug.family_name == "Taza"
    assert "Activate" not in shop.get("/").text
    again = shop.form("/do/activate_warehouses", {"nickname": shop.seller.nickname})
    assert "problem=" in again.headers["Location"]


def test_one_warehouse_and_a_slow_move_are_asked_for_by_the_api(shop, mug):
    body = {"nickname": shop.seller.nickname, "several": False, "out_of_stock_for": 60}

    tags = shop.post("/control/activate_warehouses", body).json["tags"]

    assert "multiwarehouse" not in tags
    assert mug.sub_status == ["out_of_stock"]


def test_a_listing_is_migrated_and_relisted(shop, mug, shirt):
    assert "Migrate to user products Remera" in shop.get("/").text
    assert "Migrate to user products Taza" not in shop.get("/").text

    moved = shop.post("/control/migrate", {"item_id": shirt.id}).json
    shop.form("/do/status", {"item_id": mug.id, "status": "closed"})
    assert "Relist Taza" in shop.get("/").text
    relisted = shop.post("/control/relist", {"item_id": mug.id}).json

    assert [shop.world.items[one].status for one in moved["new_item_ids"]] == ["active"]
    assert shirt.status == "closed"
    assert shop.world.items[relisted["item_id"]].parent_item_id == mug.id
    assert shop.post("/control/migrate", {"item_id": mug.id}).status == 400
    assert shop.post("/control/relist", {"item_id": mug.id}).json["error"].endswith("already relisted")


def test_a_parcel_is_sent_another_way(shop):
    item = shop.seller.add_item(full_quantity=6, flex_quantity=2)
    order = shop.world.sell(item.id)
    assert f"Send this way order {order.id}" in shop.get("/").text

    reply = shop.form("/do/logistic_type", {"order_id": order.id, "logistic_type": "self_service"})

    assert "done=" in reply.headers["Location"]
    assert shop.world.shipments[order.shipment_id].logistic_type == "self_service"
    shop.world.ship(order.id)
    assert "Send this way" not in shop.get("/").text
    assert shop.post("/control/logistic_type", {"order_id": order.id, "logistic_type": "fulfillment"}).status == 400


def test_units_arrive_in_full(shop, mug):
    body = {"item_id": mug.id, "quantity": 5}

    assert shop.post("/control/receive_in_full", body).json["available_quantity"] == 14
    assert mug.logistic_type == "fulfillment"
    assert shop.post("/control/receive_in_full", {**body, "quantity": 0}).status == 400


def test_a_kit_is_put_together(shop, mug):
    other = shop.seller.add_item(title="Plato")
    body = {"nickname": shop.seller.nickname, "title": "Taza y plato", "price": 50}
    components = {mug.own.user_product_id: 1, other.own.user_product_id: 2}

    made = shop.post("/control/add_kit", {**body, "components": components}).json

    assert shop.get(f"/items/{made['item_id']}").json["available_quantity"] == 5
    assert shop.post("/control/add_kit", body).status == 400
    assert shop.post("/control/add_kit", {**body, "price": "x", "components": components}).status == 400
    refused = shop.form("/do/stock", {"item_id": made["item_id"], "quantity": "3"})
    assert "problem=" in refused.headers["Location"]


def test_a_listing_can_be_inactive(shop, mug):
    assert shop.post("/control/status", {"item_id": mug.id, "status": "inactive"}).json["status"] == "inactive"


def test_a_global_seller_joins_the_demo():
    world = demo.build(World(seed=1))
    before = len(world.items)
    caller = Caller(world)
    assert "Add a Global Selling seller" in caller.get("/").text

    made = caller.post("/control/add_global_seller").json

    seller = world.seller("PACIFIC_TRADERS")
    parents = [world.items[item_id] for item_id in world.items_of[seller.user_id]]
    assert made == {"nickname": "PACIFIC_TRADERS", "items": 12}
    assert len(world.items) > before + 40
    assert any(parent.variations for parent in parents)
    assert any("MLM fulfillment" in world.children_of(parent.id) for parent in parents)
    assert any(child.own_price for parent in parents for child in world.children_of(parent.id).values())
    page = caller.get("/").text
    assert "PACIFIC_TRADERS" in page
    assert '<span class="tag">Global Selling</span>' in caller.get("/?seller=PACIFIC_TRADERS").text
    assert not re.search(r"<td[^>]*>PACIFIC_TRADERS_MLM", page)
    assert caller.post("/control/add_global_seller").status == 400
