import json

import pytest

from tests.sandbox.caller import open_shop

KEYS = [
    "id",
    "site_id",
    "title",
    "family_name",
    "family_id",
    "seller_id",
    "category_id",
    "user_product_id",
    "official_store_id",
    "price",
    "base_price",
    "original_price",
    "inventory_id",
    "currency_id",
    "initial_quantity",
    "available_quantity",
    "sold_quantity",
    "sale_terms",
    "buying_mode",
    "listing_type_id",
    "start_time",
    "stop_time",
    "end_time",
    "expiration_time",
    "condition",
    "permalink",
    "thumbnail_id",
    "thumbnail",
    "pictures",
    "video_id",
    "accepts_mercadopago",
    "non_mercado_pago_payment_methods",
    "shipping",
    "international_delivery_mode",
    "seller_address",
    "seller_contact",
    "location",
    "geolocation",
    "coverage_areas",
    "attributes",
    "listing_source",
    "variations",
    "status",
    "sub_status",
    "tags",
    "warranty",
    "catalog_product_id",
    "domain_id",
    "seller_custom_field",
    "parent_item_id",
    "differential_pricing",
    "deal_ids",
    "automatic_relist",
    "date_created",
    "last_updated",
    "health",
    "catalog_listing",
    "item_relations",
    "channels",
]

TWO = [
    {"combination": {"COLOR": "Rojo"}, "available_quantity": 3, "seller_sku": "R-RJ"},
    {"combination": {"COLOR": "Azul"}, "available_quantity": 4, "seller_sku": "R-AZ"},
]


@pytest.fixture
def shop():
    return open_shop()


@pytest.fixture
def mug(shop):
    return shop.seller.add_item(title="Taza", price="2670.5", seller_sku="COC-1", seller_custom_field="77", gtin="779")


@pytest.fixture
def shirt(shop):
    return shop.seller.add_item(title="Remera", variations=TWO)


def test_an_item_has_every_key(shop, mug):
    body = shop.get(f"/items/{mug.id}").json

    assert set(KEYS) <= set(body)
    assert body["price"] == 2670.5
    assert body["user_product_id"] == mug.own.user_product_id
    assert body["seller_custom_field"] == "77"
    values = {attribute["id"]: attribute["value_name"] for attribute in body["attributes"]}
    assert (values["SELLER_SKU"], values["GTIN"]) == ("COC-1", "779")
    assert body["date_created"].endswith("Z")


def test_a_whole_price_is_an_integer(shop):
    item = shop.seller.add_item(price="1000.00")

    assert b'"price":1000,' in shop.get(f"/items/{item.id}").body


def test_an_item_with_variations_keeps_its_user_products_inside(shop, shirt):
    body = shop.get(f"/items/{shirt.id}").json

    assert (body["user_product_id"], body["inventory_id"]) == (None, None)
    assert body["available_quantity"] == 7
    assert len({variation["user_product_id"] for variation in body["variations"]}) == 2
    assert all(variation["id"] > 2**32 for variation in body["variations"])


def test_the_sku_of_a_variation_is_shown_only_when_asked_for(shop, shirt):
    plain = shop.get(f"/items/{shirt.id}").json["variations"]
    full = shop.get(f"/items/{shirt.id}?include_attributes=all").json["variations"]

    assert all("attributes" not in variation for variation in plain)
    assert [variation["attributes"][0]["value_name"] for variation in full] == ["R-RJ", "R-AZ"]


def test_fields_can_be_selected(shop, shirt):
    body = shop.get(f"/items/{shirt.id}?attributes=id,price,variations.id,nonsense").json

    assert set(body) == {"id", "price", "variations"}
    assert set(body["variations"][0]) == {"id"}


def test_bulk_keeps_the_order_and_reports_what_is_missing(shop, mug, shirt):
    reply = shop.get(f"/items/bulk?ids={shirt.id}%2CMLA1,{mug.id}")

    assert reply.status == 200
    assert [element["id"] for element in reply.json] == [shirt.id, "MLA1", mug.id]
    assert [element["status_code"] for element in reply.json] == [200, 404, 200]
    assert reply.json[1] == {"id": "MLA1", "status_code": 404, "error": {"message": "Item with id MLA1 not found"}}
    assert reply.json[2]["body"] == shop.get(f"/items/{mug.id}").json


def test_a_selection_in_bulk_drops_the_envelope(shop, mug):
    reply = shop.get(f"/items/bulk?ids={mug.id},MLA1&attributes=body.id,body.status")

    assert reply.json == [{"body": {"id": mug.id, "status": "active"}}, {}]


def test_a_selection_in_bulk_without_the_prefix_gives_no_body(shop, mug):
    reply = shop.get(f"/items/bulk?ids={mug.id}&attributes=id,price,status")

    assert reply.json == [{"id": mug.id, "status_code": 200}]


def test_a_selection_in_bulk_may_keep_the_envelope(shop, mug):
    reply = shop.get(f"/items/bulk?ids={mug.id},MLA1&attributes=id,status_code,error,body.price")

    assert reply.json == [
        {"id": mug.id, "status_code": 200, "body": {"price": 2670.5}},
        {"id": "MLA1", "status_code": 404, "error": {"message": "Item with id MLA1 not found"}},
    ]


def test_bulk_shows_the_sku_of_variations_only_when_asked_for(shop, shirt):
    assert "R-RJ" not in shop.get(f"/items/bulk?ids={shirt.id}").text
    assert "R-RJ" in shop.get(f"/items/bulk?ids={shirt.id}&include_attributes=all").text


def test_a_repeated_id_or_a_twenty_first_refuses_the_whole_batch(shop, mug):
    assert shop.get(f"/items/bulk?ids={mug.id},{mug.id}").status == 400
    assert shop.get("/items/bulk?ids=" + ",".join(f"MLA{n}" for n in range(1, 22))).status == 400
    assert shop.get("/items/bulk?ids=" + ",".join(f"MLA{n}" for n in range(1, 21))).status == 200
    assert shop.get("/items/bulk").status == 400


def test_the_old_way_of_many_items_is_switched_off(shop, mug):
    assert shop.get(f"/items?ids={mug.id}").status == 404


def test_the_old_way_shuffles_and_drops_repeats(shop, mug, shirt):
    shop.world.legacy_multiget = True

    reply = shop.get(f"/items?ids={mug.id},{shirt.id},MLA1,{mug.id}&attributes=id")

    assert [(element["code"], element["body"]["id"]) for element in reply.json] == [
        (404, "MLA1"),
        (200, shirt.id),
        (200, mug.id),
    ]
    assert reply.json[0]["body"]["error"] == "not_found"


def test_variations_have_a_resource(shop, shirt):
    listed = shop.get(f"/items/{shirt.id}/variations").json

    assert [variation["id"] for variation in listed] == [variation.id for variation in shirt.variations]
    assert shop.get(f"/items/{shirt.id}/variations/{listed[0]['id']}").json["available_quantity"] == 3
    assert shop.get(f"/items/{shirt.id}/variations/1").status == 404


def test_prices_and_what_a_buyer_pays(shop, mug):
    prices = shop.get(f"/items/{mug.id}/prices").json
    paid = shop.get(f"/items/{mug.id}/sale_price?context=channel_marketplace").json

    assert [(price["type"], price["amount"]) for price in prices["prices"]] == [("standard", 2670.5)]
    assert (paid["amount"], paid["regular_amount"], paid["currency_id"]) == (2670.5, None, "ARS")
    assert shop.get("/items/MLA1/prices").json == {
        "error": "The item MLA1 has no prices associated",
        "code": "not.found",
        "status": 404,
    }


def test_price_to_win_knows_only_catalog_listings(shop, mug):
    catalog = shop.seller.add_item(catalog_listing=True, catalog_product_id="MLA15810042")

    outside = shop.get(f"/items/{mug.id}/price_to_win?version=v2").json
    inside = shop.get(f"/items/{catalog.id}/price_to_win?version=v2").json

    assert (outside["status"], outside["reason"]) == ("not_listed", ["item_not_opted_in"])
    assert "winner" not in outside
    assert inside["status"] in ("winning", "competing")
    assert inside["winner"]["currency_id"] == "ARS"


def test_several_bar_codes_are_one_name_and_several_values(shop):
    item = shop.seller.add_item(gtin="6932391923412,6932391920954")

    found = [one for one in shop.get(f"/items/{item.id}").json["attributes"] if one["id"] == "GTIN"]

    assert found[0]["value_name"] == "6932391923412,6932391920954"
    assert [value["name"] for value in found[0]["values"]] == ["6932391923412", "6932391920954"]


def test_order_ids_have_sixteen_digits(shop, mug):
    order = shop.world.sell(mug.id)

    assert order.id > 2**50
    assert json.loads(shop.get(f"/orders/{order.id}").body)["id"] == order.id
