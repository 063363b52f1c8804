"""Listings that become something else under their own ids, seen from outside."""

import pytest

from tests.sandbox.caller import open_shop

TWO = [
    {"combination": {"COLOR": "Rojo"}, "available_quantity": 3, "seller_sku": "R-RJ", "sold_quantity": 2},
    {"combination": {"COLOR": "Azul"}, "available_quantity": 4, "seller_sku": "R-AZ"},
]


@pytest.fixture
def shop():
    return open_shop()


@pytest.fixture
def shirt(shop):
    return shop.seller.add_item(title="Remera", price=1000, variations=TWO)


def told(shop):
    return {body["resource"] for body in shop.world.drain_notifications() if body["topic"] == "items"}


def test_a_variation_taken_away_is_gone_and_its_listing_goes_on(shop, shirt):
    red, blue = shirt.variations
    shop.world.remove_variation(shirt.id, red.id)

    body = shop.get(f"/items/{shirt.id}").json
    assert ([one["id"] for one in body["variations"]], body["available_quantity"]) == ([blue.id], 4)
    assert told(shop) == {f"/items/{shirt.id}"}
    with pytest.raises(ValueError, match="no other variation"):
        shop.world.remove_variation(shirt.id, blue.id)
    with pytest.raises(ValueError, match="has no variation"):
        shop.world.remove_variation(shirt.id, red.id)


def test_a_variation_becomes_a_listing_of_the_same_user_product(shop, shirt):
    red, blue = shirt.variations
    new = shop.post("/control/split_off", {"item_id": shirt.id, "variation_id": red.id}).json

    body = shop.get(f"/items/{new['item_id']}?include_attributes=all").json
    assert (body["user_product_id"], body["available_quantity"], body["variations"]) == (red.user_product_id, 3, [])
    assert [one["id"] for one in shop.get(f"/items/{shirt.id}").json["variations"]] == [blue.id]
    assert told(shop) == {f"/items/{shirt.id}", f"/items/{new['item_id']}"}
    shop.world.edit_stock(new["item_id"], 9)
    assert shop.get(f"/items/{shirt.id}").json["available_quantity"] == 4


def test_a_listing_goes_on_without_variations(shop, shirt):
    red, _blue = shirt.variations
    shop.post("/control/flatten", {"item_id": shirt.id, "variation_id": red.id})

    body = shop.get(f"/items/{shirt.id}").json
    assert (body["user_product_id"], body["available_quantity"], body["variations"]) == (red.user_product_id, 3, [])
    assert shop.world.sell(shirt.id, 1).variation_id is None
    assert shop.get(f"/items/{shirt.id}").json["available_quantity"] == 2


def test_a_listing_becomes_a_kit_and_is_one_no_more(shop):
    pack, fernet, coke = (
        shop.seller.add_item(title=name, available_quantity=8) for name in ("Combo", "Fernet", "Coca")
    )
    shop.world.make_kit(pack.id, {fernet.own.user_product_id: 1, coke.own.user_product_id: 2})

    body = shop.get(f"/items/{pack.id}").json
    assert [part["quantity"] for part in body["bundle"]["components"]] == [1, 2]
    assert shop.get(f"/items/{pack.id}").json["available_quantity"] == 4
    assert shop.put(f"/items/{pack.id}", {"available_quantity": 7}).status != 200

    shop.world.end_kit(pack.id)
    shop.world.edit_stock(coke.id, 2)
    body = shop.get(f"/items/{pack.id}").json
    assert ("bundle" in body, body["available_quantity"]) == (False, 4)


def test_a_listing_s_parcels_leave_another_way(shop, shirt):
    shop.post("/control/send_by", {"item_id": shirt.id, "logistic_type": "self_service"})

    assert shop.get(f"/items/{shirt.id}").json["shipping"]["logistic_type"] == "self_service"
    assert told(shop) == {f"/items/{shirt.id}"}
