import pytest

from sandbox import HTML_502
from tests.sandbox.caller import open_global_shop, open_shop

TWO = [
    {"combination": {"COLOR": "Red"}, "available_quantity": 3, "seller_sku": "B-RD"},
    {"combination": {"COLOR": "Blue"}, "available_quantity": 4, "seller_sku": "B-BL"},
]
SIZES = ("PACKAGE_HEIGHT", "PACKAGE_LENGTH", "PACKAGE_WIDTH", "PACKAGE_WEIGHT")
BODY = "The body sent is not valid, make sure you write the fields and values correctly"
INVENTORY = "The item could not be updated because the item or variation you are trying to modify has inventory."


@pytest.fixture
def shop():
    return open_global_shop(("MLM", "remote"), ("MLB", "remote"), ("MLC", "remote"), ("MLM", "fulfillment"))


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


def test_units_in_full_are_apart_and_protected(shop, world):
    bottle = world.add_global_item(shop.seller, available_quantity=10, full={"MLM": 6})
    full = world.children_of(bottle.id)["MLM fulfillment"]
    where = {"site_id": "MLM", "logistic_type": "fulfillment"}

    put(shop, bottle, available_quantity=2)
    body = read(shop, full)
    assert (body["available_quantity"], body["shipping"]["logistic_type"]) == (6, "fulfillment")
    assert body["inventory_id"] == full.own.inventory_id
    assert "net_proceeds" not in body
    refused(put(shop, bottle, **where, available_quantity=9), 400, INVENTORY)
    refused(put(shop, bottle, **where, status="closed"), 400, INVENTORY)
    refused(put(shop, bottle, status="closed"), 400, INVENTORY)
    refused(put(shop, bottle, **where, net_proceeds=9), 400, BODY)
    added = {"available_quantity": 1, "attribute_combinations": [{"id": "COLOR", "value_name": "Red"}]}
    refused(put(shop, bottle, variations=[added]), 400, INVENTORY)
    world.sell(full.id)
    assert (read(shop, full)["available_quantity"], read(shop, bottle)["available_quantity"]) == (5, 2)


def test_variations_with_units_in_full_keep_their_shape(shop, world):
    shirt = world.add_global_item(shop.seller, variations=TWO, full={"MLM": 6})
    red, blue = shirt.variations

    refused(put(shop, shirt, variations=[{"id": red.id}]), 400, INVENTORY)
    edited = {"id": red.id, "attribute_combinations": [{"id": "COLOR", "value_name": "Pink"}]}
    refused(put(shop, shirt, variations=[edited, {"id": blue.id}]), 400, INVENTORY)
    assert put(shop, shirt, variations=[{"id": red.id, "available_quantity": 1}, {"id": blue.id}]).status == 200
    full = world.children_of(shirt.id)["MLM fulfillment"]
    filled = [{"id": one.id, "available_quantity": 99} for one in full.variations]
    world.global_child_stock = "applied"
    refused(put(shop, full, variations=filled), 400, INVENTORY)


def test_every_refusal_of_the_table(shop, world, bottle, shirt):
    child = world.children_of(bottle.id)["MLM"]
    unreal = (
        "The submitted dimensions and/or weights do not correspond to real measurements of the package. "
        "You must use the correct dimensions of the package that you'll use to dispatch your product, "
        "as well as the net weight of the item."
    )

    def sized(*values):
        return [{"id": name, "value_name": value} for name, value in zip(SIZES, values, strict=False)]

    refused(shop.put("/global/items/CBT1", {"price": 1}), 404, "Item with id CBT1 not found")
    refused(put(open_shop(world=world), bottle, price=1), 403, "At least one policy returned UNAUTHORIZED.")
    for status in ("closed", "Paused", None):
        refused(put(shop, bottle, status=status), 400, BODY)
    for price in (0, -1, "20", None):
        refused(put(shop, bottle, price=price), 400, "Cannot update item price because it is an invalid value")
    for quantity in (-1, "3", 1.5, True):
        words = "invalid property type: [available_quantity] expected Number greater than 0"
        refused(put(shop, bottle, available_quantity=quantity), 400, words)
    refused(
        put(shop, bottle, site_id="INVALID", logistic_type="remote", price=1), 400, "User not found by site: INVALID"
    )
    refused(put(shop, bottle, site_id="MCO", logistic_type="remote", price=1), 400, "User not found by site: MCO")
    refused(put(shop, bottle, site_id="MLM", logistic_type="drop_off", price=1), 400, BODY)
    refused(put(shop, bottle, site_id="MLM", price=1), 400, BODY)
    for item in (bottle, child):
        reply = shop.put(f"/items/{item.id}", {"available_quantity": 1})
        refused(reply, 400, "Cannot modify CBT item from this resource.")
        assert reply.json["error"] == "validation_error"
        assert shop.put(f"/marketplace/items/{item.id}", {"price": 1}).status == 405
    refused(put(shop, bottle, attributes=sized("30 cm")), 400, "Error processing dimensions for item")
    refused(put(shop, bottle, attributes=sized("a", "b", "c", "d")), 400, "Error processing dimensions for item")
    refused(put(shop, bottle, attributes=sized("2 cm", "30 cm", "30 cm", "1 kg")), 422, unreal)
    refused(put(shop, bottle, attributes=sized("30 cm", "30 cm", "30 cm", "49 g")), 422, unreal)
    refused(put(shop, bottle, attributes=sized("4 cm", "4 cm", "4 cm", "90 g")), 422, unreal)
    flammable = [{"id": "IS_FLAMMABLE", "value_name": "Yes"}]
    refused(put(shop, bottle, attributes=flammable), 400, "Shipping configuration is not valid for item.")
    huge = sized("30 cm", "500 cm", "30 cm", "1 kg")
    refused(put(shop, bottle, attributes=huge), 400, "Shipping configuration is not valid for item.")
    assert put(shop, bottle, attributes=sized("1 m", "12 in", "30 cm", "0.7 lb")).status == 200
    refused(put(shop, bottle), 400, BODY)
    refused(put(shop, bottle, nonsense=1), 400, BODY)
    refused(put(shop, shirt, available_quantity=3), 400, BODY)
    refused(put(shop, shirt, variations=[{"id": 1, "available_quantity": 3}]), 400, BODY)
    assert read(shop, bottle)["price"] == 20


def test_one_bad_field_refuses_all_of_them(shop, bottle):
    refused(put(shop, bottle, available_quantity=3, status="closed"), 400, BODY)

    assert read(shop, bottle)["available_quantity"] == 10


def test_a_title_is_frozen_once_sold(shop, world, bottle):
    child = world.children_of(bottle.id)["MLM"]

    assert put(shop, child, title="Botella").json == {}
    assert read(shop, child)["title"] == "Botella"
    world.sell(child.id)
    assert put(shop, child, title="Otra").status == 400


def test_closed_listings_refuse(shop, world, bottle):
    world.close(bottle.id)

    assert put(shop, bottle, available_quantity=3).json["error"] == "field_not_updatable"


def test_too_many_requests_get_nothing(shop, bottle):
    shop.world.rate_per_minute = 1

    assert read(shop, bottle)["id"] == bottle.id
    reply = shop.get(f"/marketplace/items/{bottle.id}")
    assert (reply.status, reply.body) == (429, b"")


def test_faults_strike_here_as_well(shop, world, bottle):
    world.faults.add(HTML_502, path="/global/items/.*", method="PUT")

    assert put(shop, bottle, available_quantity=3).status == 502
    assert read(shop, bottle)["available_quantity"] == 10
