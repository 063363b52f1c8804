"""What a new listing has to say, and its description, as the sandbox asks for and keeps them."""

import pytest

from tests.sandbox.caller import WAREHOUSES, open_shop

PHONE = {"title": "Teléfono", "category_id": "MLM1055", "price": 1, "listing_type_id": "free", "currency_id": "MXN"}
SAID = {
    **{"BRAND": "Motorola", "MODEL": "G52", "COLOR": "Azul", "IS_DUAL_SIM": "No"},
    **{"INTERNAL_MEMORY": "128 GB", "CAMERAS": "3"},
}


@pytest.fixture
def shop():
    shop = open_shop(site_id="MLM", tags=WAREHOUSES)
    shop.seller.add_store("Centro")
    return shop


def publish(shop, said, **other):
    attributes = [{"id": name, "value_name": words} for name, words in said.items()]
    where = [{"store_id": shop.seller.stores[0].id, "quantity": 1}]
    return shop.post("/items/multiwarehouse", {**PHONE, "attributes": attributes, "stock_locations": where, **other})


def causes(reply):
    assert reply.status == 400
    return [(one["code"], one["message"].split(" for ")[0]) for one in reply.json["cause"]]


def test_a_category_says_what_it_asks_for(shop):
    asked = {one["id"]: one for one in shop.get("/categories/MLM1055/attributes").json}

    assert asked["BRAND"]["tags"] == {"required": True, "catalog_required": True}
    assert asked["INTERNAL_MEMORY"]["default_unit"] == "GB"
    assert [one["name"] for one in asked["COLOR"]["values"]] == ["Negro", "Azul"]
    assert not any("required" in one["tags"] for one in shop.get("/categories/MLM1577/attributes").json)
    assert shop.get("/categories/MLM0/attributes").status == 404


def test_a_listing_that_does_not_say_it_is_refused(shop):
    missing = "item.attributes.missing_required"

    assert causes(publish(shop, {**SAID, "BRAND": ""})) == [(missing, "The attributes [BRAND] are required")]
    assert causes(publish(shop, {"BRAND": "x"}, condition="used")) == [
        (missing, "The attributes [MODEL, COLOR, INTERNAL_MEMORY, CAMERAS] are required")
    ]
    assert causes(publish(shop, {**SAID, "COLOR": "Violeta"})) == [
        ("item.attribute.invalid_value", "Attribute [COLOR] is not valid")
    ]
    assert publish(shop, {}, category_id="MLM0").json["error"] == "item.category_id.invalid"
    assert publish(shop, {}, catalog_product_id="MLA1").json["error"] == "item.catalog_product_id.invalid"
    assert not shop.world.items
    assert publish(shop, SAID).status == publish(shop, {}, catalog_product_id="MLM1").status == 201


def test_what_a_listing_says_is_read_again(shop):
    made = publish(shop, {**SAID, "GTIN": "7790000000012", "SELLER_SKU": "T-1"}).json

    read = shop.get(f"/items/{made['id']}?include_attributes=all").json["attributes"]

    said = {one["id"]: one["value_name"] for one in read if one["id"] != "ITEM_CONDITION"}
    assert said == {**SAID, "GTIN": "7790000000012", "SELLER_SKU": "T-1"}


def test_a_description_is_posted_once(shop):
    path = f"/items/{publish(shop, SAID).json['id']}/description"

    assert shop.get(path).status == 404
    assert shop.post(path, {"plain_text": "<b>Nuevo</b>"}).json["error"] == "item.description.type.invalid"
    assert shop.post(path, {"plain_text": " "}).status == 400
    assert shop.post(path, {"plain_text": "Nuevo\n"}).status == 201
    assert shop.post(path, {"plain_text": "Otra"}).status == 400
    assert shop.get(path).json["plain_text"] == "Nuevo\n"
    assert open_shop(world=shop.world).get(path).status == 403
