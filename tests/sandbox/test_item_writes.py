from datetime import timedelta
from decimal import Decimal

import pytest

from sandbox import CONFLICT_409, IGNORED_WRITE
from sandbox.state import Promotion
from tests.sandbox.caller import WAREHOUSES, open_shop

TWO = [
    {"combination": {"COLOR": "Rojo"}, "available_quantity": 3, "seller_sku": "R-RJ"},
    {"combination": {"COLOR": "Azul"}, "available_quantity": 4, "seller_sku": "R-AZ"},
]


@pytest.fixture
def shop():
    return open_shop()


@pytest.fixture
def mug(shop):
    return shop.seller.add_item(title="Taza", price=1000, available_quantity=5)


@pytest.fixture
def shirt(shop):
    return shop.seller.add_item(title="Remera", price=1000, variations=TWO)


def causes(reply):
    return [cause["code"] for cause in reply.json["cause"]]


def test_a_quantity_is_written(shop, mug):
    reply = shop.put(f"/items/{mug.id}", {"available_quantity": 8})

    assert (reply.status, reply.json["available_quantity"]) == (200, 8)
    assert shop.get(f"/items/{mug.id}").json["available_quantity"] == 8
    assert shop.get(f"/user-products/{mug.own.user_product_id}/stock").json["locations"] == [
        {"type": "selling_address", "quantity": 8}
    ]


def test_variations_that_are_listed_stay(shop, shirt):
    red, blue = shirt.variations

    reply = shop.put(f"/items/{shirt.id}", {"variations": [{"id": red.id, "available_quantity": 9}, {"id": blue.id}]})

    assert [variation["available_quantity"] for variation in reply.json["variations"]] == [9, 4]
    assert shop.world.counters["variations_deleted"] == 0


def test_a_variation_left_out_is_deleted_and_counted(shop, shirt):
    red, blue = shirt.variations

    reply = shop.put(f"/items/{shirt.id}", {"variations": [{"id": red.id, "available_quantity": 9}]})

    assert reply.status == 200
    assert [variation["id"] for variation in reply.json["variations"]] == [red.id]
    assert shop.get(f"/items/{shirt.id}/variations/{blue.id}").status == 404
    assert (shop.world.counters["variations_deleted"], shop.world.counters["put_missing_variation"]) == (1, 1)


def test_a_variation_sent_without_its_id_becomes_a_new_one(shop, shirt):
    red, blue = shirt.variations
    again = {"attribute_combinations": [{"id": "COLOR", "value_name": "Azul"}], "available_quantity": 4}

    reply = shop.put(f"/items/{shirt.id}", {"variations": [{"id": red.id}, again]})

    ids = [variation["id"] for variation in reply.json["variations"]]
    assert ids[0] == red.id
    assert blue.id not in ids
    assert len(ids) == 2


def test_an_unknown_variation_id_changes_nothing(shop, shirt):
    reply = shop.put(f"/items/{shirt.id}", {"variations": [{"id": 1, "available_quantity": 9}]})

    assert reply.status == 400
    assert len(shirt.variations) == 2


def test_variations_have_one_price(shop, shirt):
    red, blue = shirt.variations

    both = shop.put(f"/items/{shirt.id}", {"variations": [{"id": red.id, "price": 5}, {"id": blue.id, "price": 5}]})
    different = shop.put(
        f"/items/{shirt.id}", {"variations": [{"id": red.id, "price": 7}, {"id": blue.id, "price": 8}]}
    )
    one = shop.put(f"/items/{shirt.id}", {"variations": [{"id": red.id, "price": 9}, {"id": blue.id}]})

    assert (both.status, both.json["price"]) == (200, 5)
    assert causes(different) == causes(one) == ["item.variations.price.different"]
    assert shirt.price == 5


def test_price_and_quantity_of_an_item_with_variations_are_not_at_the_top(shop, shirt):
    assert causes(shop.put(f"/items/{shirt.id}", {"price": 5})) == ["item.price.not_modifiable"]
    refused = shop.put(f"/items/{shirt.id}", {"available_quantity": 5})
    assert causes(refused) == ["item.available_quantity.not_modifiable"]


def test_zero_pauses_and_units_wake_it_again(shop, mug):
    empty = shop.put(f"/items/{mug.id}", {"available_quantity": 0}).json
    filled = shop.put(f"/items/{mug.id}", {"available_quantity": 1}).json

    assert (empty["status"], empty["sub_status"]) == ("paused", ["out_of_stock"])
    assert (filled["status"], filled["sub_status"]) == ("active", [])


def test_a_pause_of_the_seller_is_not_ended_by_units(shop, mug):
    shop.put(f"/items/{mug.id}", {"available_quantity": 0})
    shop.put(f"/items/{mug.id}", {"status": "paused"})

    filled = shop.put(f"/items/{mug.id}", {"available_quantity": 4}).json

    assert (filled["status"], filled["sub_status"]) == ("paused", ["paused_by_seller"])
    assert shop.put(f"/items/{mug.id}", {"status": "active"}).json["status"] == "active"


@pytest.mark.parametrize("details", [{"condition": "used"}, {"listing_type_id": "free"}])
def test_zero_is_refused_for_used_things_and_free_listings(shop, details):
    item = shop.seller.add_item(**details)

    assert causes(shop.put(f"/items/{item.id}", {"available_quantity": 0})) == ["item.available_quantity.invalid"]


def test_used_things_of_some_categories_are_sold_one_by_one(shop):
    item = shop.seller.add_item(condition="used", category_id="MLA1322", available_quantity=1)

    assert shop.put(f"/items/{item.id}", {"available_quantity": 2}).status == 400


@pytest.mark.parametrize("quantity", [-1, 1.5, "3", None, True, 100_000])
def test_a_quantity_is_a_number_of_things(shop, mug, quantity):
    assert shop.put(f"/items/{mug.id}", {"available_quantity": quantity}).status == 400
    assert mug.available_quantity == 5


def test_a_price_has_a_floor_and_a_ceiling(shop, mug):
    for price in (0, -5, 9_999_999_999, "10", None):
        reply = shop.put(f"/items/{mug.id}", {"price": price})
        assert causes(reply) == ["item.price.invalid"]
        assert reply.json["cause"][0]["cause_id"] == 129
    assert shop.put(f"/items/{mug.id}", {"price": 1234.56}).json["price"] == 1234.56
    assert shop.put(f"/items/{mug.id}", {"price": 1234.567}).status == 400


@pytest.mark.parametrize("site_id", ["MLC", "MCO"])
def test_some_currencies_have_no_decimals(site_id):
    shop = open_shop(site_id=site_id)
    item = shop.seller.add_item(price=9990)

    assert shop.put(f"/items/{item.id}", {"price": 9990.5}).status == 400
    assert shop.put(f"/items/{item.id}", {"price": 10990}).json["price"] == 10990


def test_under_a_price_automation_a_price_alone_is_refused(shop):
    item = shop.seller.add_item(price=1000, tags=["dynamic_standard_price"])

    assert shop.put(f"/items/{item.id}", {"price": 900}).json == {
        "message": "Cannot modify price on items with dynamic pricing",
        "error": "item.price.not_modifiable",
        "status": 400,
        "cause": [],
    }


def test_under_a_price_automation_a_price_with_others_is_dropped_with_a_warning(shop):
    item = shop.seller.add_item(price=1000, tags=["dynamic_standard_price"])

    reply = shop.put(f"/items/{item.id}", {"price": 900, "available_quantity": 3})

    assert (reply.status, reply.json["price"], reply.json["available_quantity"]) == (200, 1000, 3)
    assert reply.json["warnings"] == [
        {
            "department": "items",
            "cause_id": 502,
            "code": "item.price.not_modifiable",
            "message": "Cannot modify price on items with dynamic pricing",
            "references": ["item.price"],
        }
    ]


def test_the_automation_of_an_item_with_variations_works_the_same(shop):
    shirt = shop.seller.add_item(price=1000, variations=TWO, tags=["dynamic_standard_price"])
    prices = [{"id": variation.id, "price": 900} for variation in shirt.variations]
    both = [{**entry, "available_quantity": 1} for entry in prices]

    assert shop.put(f"/items/{shirt.id}", {"variations": prices}).status == 400
    reply = shop.put(f"/items/{shirt.id}", {"variations": both})
    assert (reply.status, reply.json["price"], reply.json["available_quantity"]) == (200, 1000, 2)
    assert reply.json["warnings"][0]["cause_id"] == 502


def test_a_promotion_holds_the_price(shop, mug):
    now = shop.world.now()
    mug.promotion = Promotion("OFFER-1", Decimal(1500), now, now + timedelta(days=1))

    assert shop.put(f"/items/{mug.id}", {"price": 900}).json["error"] == "item.price.not_modifiable"
    assert shop.get(f"/items/{mug.id}").json["original_price"] == 1500
    assert [price["type"] for price in shop.get(f"/items/{mug.id}/prices").json["prices"]] == ["standard", "promotion"]
    assert shop.get(f"/items/{mug.id}/sale_price").json["regular_amount"] == 1500.0


def test_a_conflict_happens_once(shop, mug):
    shop.world.faults.add(CONFLICT_409, path="/items/.*", method="PUT")

    first = shop.put(f"/items/{mug.id}", {"available_quantity": 1})
    second = shop.put(f"/items/{mug.id}", {"available_quantity": 1})

    assert (first.status, first.json["message"]) == (409, "item optimistic locking error: conflict")
    assert second.status == 200


def test_a_seller_with_warehouses_gets_200_and_nothing_happens():
    shop = open_shop(site_id="MLM", tags=WAREHOUSES)
    shop.seller.add_store("Centro")
    item = shop.seller.add_item(available_quantity=5)

    reply = shop.put(f"/items/{item.id}", {"available_quantity": 9})

    assert (reply.status, reply.json["available_quantity"]) == (200, 5)
    assert "warnings" not in reply.json
    assert shop.get(f"/items/{item.id}").json["available_quantity"] == 5


def test_a_seller_with_warehouses_may_be_refused_instead():
    shop = open_shop(site_id="MLM", tags=WAREHOUSES)
    shop.seller.add_store("Centro")
    item = shop.seller.add_item(available_quantity=5)
    shop.world.warehouse_item_writes = "refused"

    reply = shop.put(f"/items/{item.id}", {"available_quantity": 9})

    assert (reply.status, reply.json["error"]) == (400, "item.available_quantity.not_updatable")


def test_stock_in_full_cannot_be_written(shop):
    item = shop.seller.add_item(full_quantity=6)

    reply = shop.put(f"/items/{item.id}", {"available_quantity": 9})

    assert (reply.status, reply.json["message"]) == (400, "available_quantity is not modifiable")
    assert item.own.inventory_id is not None


@pytest.mark.parametrize("change", ["close", "set_under_review"])
def test_closed_items_and_those_under_review_refuse(shop, mug, change):
    getattr(shop.world, change)(mug.id)

    reply = shop.put(f"/items/{mug.id}", {"available_quantity": 9})

    assert (reply.status, reply.json["error"]) == (400, "field_not_updatable")


def test_statuses_are_small_letters(shop, mug):
    assert causes(shop.put(f"/items/{mug.id}", {"status": "Paused"})) == ["item.status.invalid"]


def test_deleting_takes_two_steps(shop, mug):
    assert shop.put(f"/items/{mug.id}", {"deleted": "true"}).status == 400
    shop.put(f"/items/{mug.id}", {"status": "closed"})
    assert shop.put(f"/items/{mug.id}", {"deleted": "true"}).status == 200
    assert shop.get(f"/items/{mug.id}").status == 404


def test_the_title_is_frozen_once_sold_and_never_writable_for_user_product_sellers(shop, mug):
    assert shop.put(f"/items/{mug.id}", {"title": "Taza nueva"}).json["title"] == "Taza nueva"
    shop.world.sell(mug.id)
    assert shop.put(f"/items/{mug.id}", {"title": "Otra"}).json["error"] == "field_not_updatable"
    modern = open_shop(tags=("normal", "user_product_seller"))
    item = modern.seller.add_item()
    assert modern.put(f"/items/{item.id}", {"title": "Otra"}).json["error"] == "body.invalid_fields"
    assert modern.put(f"/items/{item.id}", {"variations": []}).status == 400


def test_the_answer_of_a_write_may_be_empty(shop, mug):
    shop.world.empty_put_answers = True

    assert shop.put(f"/items/{mug.id}", {"available_quantity": 2}).json == {}
    assert mug.available_quantity == 2


def test_a_write_may_be_answered_200_and_lost(shop, mug):
    shop.world.faults.add(IGNORED_WRITE, method="PUT")

    assert shop.put(f"/items/{mug.id}", {"available_quantity": 2}).status == 200
    assert mug.available_quantity == 5


def test_one_bad_field_refuses_all_of_them(shop, mug):
    assert shop.put(f"/items/{mug.id}", {"available_quantity": 2, "price": -1}).status == 400
    assert shop.put(f"/items/{mug.id}", {"available_quantity": 2, "nonsense": 1}).status == 400
    assert shop.send("PUT", f"/items/{mug.id}", b'{"available_quantity": 2', "application/json").status == 400
    assert shop.put(f"/items/{mug.id}", [1]).status == 400
    assert mug.available_quantity == 5


def test_the_other_listings_of_a_product_follow_later(shop, mug):
    twin = shop.seller.add_item(user_product_id=mug.own.user_product_id, listing_type_id="gold_pro")
    shop.world.replication_delay = 5

    shop.put(f"/items/{mug.id}", {"available_quantity": 2})

    assert shop.get(f"/items/{mug.id}").json["available_quantity"] == 2
    assert shop.get(f"/items/{twin.id}").json["available_quantity"] == 5
    shop.world.clock.advance(seconds=6)
    assert shop.get(f"/items/{twin.id}").json["available_quantity"] == 2


def test_a_variation_can_be_added_and_deleted(shop, shirt):
    new = {"attribute_combinations": [{"id": "COLOR", "value_name": "Verde"}], "available_quantity": 1}

    added = shop.post(f"/items/{shirt.id}/variations", new)
    deleted = shop.delete(f"/items/{shirt.id}/variations/{shirt.variations[0].id}")

    assert (added.status, len(added.json)) == (201, 3)
    assert (deleted.status, len(deleted.json)) == (200, 2)
