import pytest

from tests.sandbox.caller import WAREHOUSES, open_shop


@pytest.fixture
def shop():
    return open_shop(tags=("normal", "user_product_seller"))


@pytest.fixture
def fernet(shop):
    return shop.seller.add_item(title="Fernet", price=300, available_quantity=4)


@pytest.fixture
def coke(shop):
    return shop.seller.add_item(title="Coca", price=100, available_quantity=5)


@pytest.fixture
def kit(shop, fernet, coke):
    return shop.world.add_kit(
        shop.seller, "Fernet + 2 Cocas", 400, {fernet.own.user_product_id: 1, coke.own.user_product_id: 2}
    )


def locations(shop, item):
    body = shop.get(f"/user-products/{item.own.user_product_id}/stock").json
    return {place["type"]: place["quantity"] for place in body["locations"]}


def test_a_kit_is_recognised(shop, fernet, coke, kit):
    item = shop.get(f"/items/{kit.id}").json
    product = shop.get(f"/user-products/{kit.own.user_product_id}").json

    assert "bundle" in item["tags"]
    assert item["bundle"] == product["bundle"]
    assert item["bundle"]["type"] == "kit"
    assert [(part["user_product_id"], part["quantity"]) for part in item["bundle"]["components"]] == [
        (fernet.own.user_product_id, 1),
        (coke.own.user_product_id, 2),
    ]
    assert product["tags"] == ["bundle"]
    assert item["domain_id"] == "MLA-HOME"
    part = shop.get(f"/items/{coke.id}").json
    assert "bundle" not in part
    assert "kit_component" in part["tags"]
    assert shop.get(f"/user-products/{coke.own.user_product_id}").json["tags"] == ["kit_component"]
    assert shop.get(f"/user-products/{coke.own.user_product_id}/bundles").json["bundles"] == [kit.own.user_product_id]
    none = shop.get(f"/user-products/{kit.own.user_product_id}/bundles")
    assert (none.status, none.json) == (
        404,
        {
            "error": "not_found",
            "message": f"UserProductComponent not found: {kit.own.user_product_id}",
            "status": 404,
        },
    )


def test_its_stock_is_what_the_components_allow(shop, fernet, coke, kit):
    assert shop.get(f"/items/{kit.id}").json["available_quantity"] == 2

    shop.put(f"/items/{coke.id}", {"available_quantity": 1})

    empty = shop.get(f"/items/{kit.id}").json
    assert (empty["status"], empty["sub_status"], empty["available_quantity"]) == ("paused", ["out_of_stock"], 0)
    shop.put(f"/items/{coke.id}", {"available_quantity": 9})
    assert shop.get(f"/items/{kit.id}").json["available_quantity"] == 4
    assert shop.get(f"/items/{kit.id}").json["status"] == "active"


def test_it_follows_its_components_later(shop, coke, kit):
    shop.world.replication_delay = 3

    shop.put(f"/items/{coke.id}", {"available_quantity": 2})

    assert locations(shop, kit) == {"selling_address": 2}
    shop.world.clock.advance(seconds=4)
    assert locations(shop, kit) == {"selling_address": 1}


def test_a_place_that_a_component_lacks_is_not_there(shop, fernet):
    coke = shop.seller.add_item(title="Coca", price=100, full_quantity=2, flex_quantity=4)
    both = shop.seller.add_item(title="Hielo", price=50, full_quantity=8, flex_quantity=6)

    mixed = shop.world.add_kit(shop.seller, "A", 400, {fernet.own.user_product_id: 1, coke.own.user_product_id: 2})
    full = shop.world.add_kit(shop.seller, "B", 400, {coke.own.user_product_id: 1, both.own.user_product_id: 2})

    assert locations(shop, mixed) == {"selling_address": 2}
    assert locations(shop, full) == {"selling_address": 3, "meli_facility": 2}
    assert shop.get(f"/items/{full.id}").json["inventory_id"] is None


def test_warehouses_count_together():
    shop = open_shop(site_id="MLM", tags=WAREHOUSES)
    one, two = shop.seller.add_store("Centro"), shop.seller.add_store("Norte")
    first = shop.seller.add_item(stores={one.id: 2, two.id: 2})
    second = shop.seller.add_item(stores={one.id: 3})

    kit = shop.world.add_kit(shop.seller, "Kit", 400, {first.own.user_product_id: 2, second.own.user_product_id: 1})

    assert locations(shop, kit) == {"seller_warehouse": 2}
    path = f"/user-products/{kit.own.user_product_id}/stock/type/seller_warehouse"
    refused = shop.put(path, {"locations": [{"store_id": one.id, "quantity": 9}]}, x_version="1")
    assert refused.status == 400
    assert shop.put(f"/items/{kit.id}", {"available_quantity": 9}).status == 400
    assert locations(shop, kit) == {"seller_warehouse": 2}


def test_it_accepts_no_stock_write(shop, kit):
    by_item = shop.put(f"/items/{kit.id}", {"available_quantity": 9})
    path = f"/user-products/{kit.own.user_product_id}/stock/type/selling_address"
    by_product = shop.put(path, {"quantity": 9}, x_version="1")

    assert (by_item.status, by_item.json["message"]) == (400, "available_quantity is not modifiable")
    assert by_product.status == 400
    assert locations(shop, kit) == {"selling_address": 2}
    with pytest.raises(ValueError, match="components"):
        shop.world.edit_stock(kit.id, 9)


def test_it_is_made_once_and_for_all(shop, kit):
    reply = shop.put(f"/items/{kit.id}", {"bundle": {"type": "kit", "components": []}})

    assert reply.json == {
        "message": "Updating the bundle node is not allowed",
        "error": "bad_request",
        "status": 400,
        "cause": [],
    }
    assert shop.put(f"/items/{kit.id}", {"price": 500}).json["price"] == 500


def test_it_sells_as_its_components(shop, fernet, coke, kit):
    order = shop.world.sell(kit.id, 1)

    first = shop.get(f"/orders/{order.id}").json
    others = shop.get(f"/orders/{order.id}/bundle").json["bundles"][0]["kit_orders"]
    lines = [shop.get(f"/orders/{one['order_id']}").json["order_items"][0] for one in others]
    assert [(line["item"]["id"], line["quantity"], line["unit_price"]) for line in lines] == [
        (fernet.id, 1, 240.0),
        (coke.id, 2, 80.0),
    ]
    assert first["order_items"][0]["bundle"]["parent_item"] == {
        "id": kit.id,
        "user_product_id": kit.own.user_product_id,
    }
    assert {"bundle_component", "pack_order"} <= set(first["tags"])
    assert len({one["shipment_id"] for one in others}) == 1
    assert {one["parent_item_id"] for one in others} == {kit.id}
    assert (fernet.available_quantity, coke.available_quantity) == (3, 3)
    after = shop.get(f"/items/{kit.id}").json
    assert (after["available_quantity"], after["sold_quantity"]) == (1, 1)
    alone = shop.world.sell(coke.id)
    assert shop.get(f"/orders/{alone.id}/bundle").json == {"bundles": []}
    assert shop.get(f"/orders/{alone.id}").json["order_items"][0]["bundle"] is None


def test_what_cannot_be_a_kit(shop, fernet, coke, kit):
    other = open_shop(world=shop.world)
    theirs = other.seller.add_item()

    def refused(**components):
        with pytest.raises(ValueError, match="kit"):
            shop.world.add_kit(shop.seller, "Kit", 1, components)

    refused(**{fernet.own.user_product_id: 1})
    refused(**{fernet.own.user_product_id: 11, coke.own.user_product_id: 1})
    refused(**{fernet.own.user_product_id: 1, theirs.own.user_product_id: 1})
    refused(**{fernet.own.user_product_id: 1, kit.own.user_product_id: 1})
    refused(**{coke.own.user_product_id: 2, fernet.own.user_product_id: 1})
    with pytest.raises(ValueError, match="kit"):
        shop.world.sell_pack([kit.id, coke.id])
