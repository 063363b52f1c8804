from datetime import UTC, datetime, timedelta

import pytest

from sandbox import NotForSale
from tests.sandbox.caller import WAREHOUSES, open_shop


@pytest.fixture
def shop():
    shop = open_shop()
    shop.world.clock.set(datetime(2026, 10, 7, 14, 40, 30, tzinfo=UTC))
    shop.token = shop.world.grant(shop.seller).access_token
    return shop


@pytest.fixture
def mug(shop):
    return shop.seller.add_item(title="Taza", price="2670.5", available_quantity=5, seller_sku="A-1")


@pytest.fixture
def search(shop):
    def ask(query):
        return shop.get(f"/orders/search?seller={shop.seller.user_id}&{query}")

    return ask


def ids(reply):
    return [order["id"] for order in reply.json["results"]]


def test_an_order_has_one_line_and_its_fields(shop, mug):
    order = shop.world.sell(mug.id, 2)

    body = shop.get(f"/orders/{order.id}").json

    (line,) = body["order_items"]
    assert (line["item"]["id"], line["quantity"], line["unit_price"]) == (mug.id, 2, 2670.5)
    assert (line["item"]["seller_sku"], line["item"]["variation_id"]) == ("A-1", None)
    assert line["item"]["user_product_id"] == mug.own.user_product_id
    assert (body["status"], body["total_amount"], body["pack_id"]) == ("paid", 5341.0, None)
    assert body["buyer"]["billing_info"]["id"].isdigit()
    assert set(body["tags"]) == {"paid", "not_delivered"}
    assert b'"total_amount":5341.0' in shop.get(f"/orders/{order.id}").body


def test_times_of_an_order_are_four_hours_west_whatever_the_site():
    shop = open_shop(site_id="MLM")
    order = shop.world.sell(shop.seller.add_item().id)

    body = shop.get(f"/orders/{order.id}").json

    assert all(body[name].endswith("-04:00") for name in ("date_created", "date_closed", "last_updated"))
    assert "date_last_updated" not in body


def test_an_order_cannot_be_found_for_the_first_moments(shop, mug):
    shop.world.order_visible_after = 2
    order = shop.world.sell(mug.id)

    early = shop.get(f"/orders/{order.id}")
    shop.world.clock.advance(seconds=2)

    assert (early.status, early.json) == (
        404,
        {"message": "Order not found.", "error": "order_not_found", "status": 404, "cause": None},
    )
    assert shop.get(f"/orders/{order.id}").status == 200


def test_the_shipment_comes_a_little_later(shop, mug):
    shop.world.shipping_visible_after = 2
    order = shop.world.sell(mug.id)

    assert shop.get(f"/orders/{order.id}").json["shipping"] == {"id": None}
    assert shop.get(f"/orders/{order.id}/shipments", x_new_domain="true").status == 204
    shop.world.clock.advance(seconds=2)
    shipment_id = shop.get(f"/orders/{order.id}").json["shipping"]["id"]
    assert shop.get(f"/orders/{order.id}/shipments", x_new_domain="true").json == [
        {"id": shipment_id, "type": "forward"}
    ]


def test_a_sale_takes_units_from_every_listing_of_the_product(shop, mug):
    twin = shop.seller.add_item(user_product_id=mug.own.user_product_id)

    shop.world.sell(mug.id, 5)

    for item in (mug, twin):
        body = shop.get(f"/items/{item.id}").json
        assert (body["available_quantity"], body["status"], body["sub_status"]) == (0, "paused", ["out_of_stock"])
    assert (mug.sold_quantity, twin.sold_quantity) == (5, 0)
    assert shop.get(f"/user-products/{mug.own.user_product_id}/stock").headers["x-version"] == "2"


def test_nobody_buys_what_is_not_for_sale(shop, mug):
    with pytest.raises(NotForSale):
        shop.world.sell(mug.id, 6)
    shop.world.pause(mug.id)
    with pytest.raises(NotForSale):
        shop.world.sell(mug.id)
    assert shop.world.sell(mug.id, 6, oversell=True).quantity == 6
    assert shop.world.orders_of[shop.seller.user_id] != []


def test_the_sku_of_a_sale_is_the_variations_or_the_items(shop):
    shirt = shop.seller.add_item(
        seller_sku="ITEM",
        variations=[
            {"combination": {"COLOR": "Rojo"}, "available_quantity": 3, "seller_sku": "RED"},
            {"combination": {"COLOR": "Azul"}, "available_quantity": 3},
        ],
    )
    red, blue = shirt.variations

    first = shop.get(f"/orders/{shop.world.sell(shirt.id, 1, red.id).id}").json["order_items"][0]["item"]
    second = shop.get(f"/orders/{shop.world.sell(shirt.id, 1, blue.id).id}").json["order_items"][0]["item"]

    assert (first["seller_sku"], first["variation_id"]) == ("RED", red.id)
    assert (second["seller_sku"], second["variation_attributes"][0]["value_name"]) == ("ITEM", "Azul")
    assert red.available_quantity == 2


def test_rejected_tries_come_before_the_approved_payments(shop, mug):
    bodies = [shop.get(f"/orders/{shop.world.sell(mug.id).id}").json for _ in range(3)]

    habits = [[payment["status"] for payment in body["payments"]] for body in bodies]
    assert sorted(map(len, habits)) == [1, 2, 3]
    assert ["rejected", "approved", "approved"] in habits
    for body in bodies:
        approved = [payment for payment in body["payments"] if payment["status"] == "approved"]
        assert sum(payment["total_paid_amount"] for payment in approved) == pytest.approx(body["paid_amount"])
        assert sum(payment["transaction_amount"] for payment in approved) == pytest.approx(body["total_amount"])


def test_the_buyer_may_pay_for_shipping(shop, mug):
    bodies = [shop.get(f"/orders/{shop.world.sell(mug.id).id}").json for _ in range(4)]

    assert any(body["paid_amount"] > body["total_amount"] for body in bodies)


def test_an_order_id_may_be_chosen_once(shop, mug):
    assert shop.world.sell(mug.id, order_id=2001).id == 2001
    with pytest.raises(ValueError, match="2001"):
        shop.world.sell(mug.id, order_id=2001)
    assert mug.available_quantity == 4


def test_a_cancelled_order_says_who_and_why(shop, mug):
    order = shop.world.sell(mug.id)
    shop.world.cancel(order.id, group="seller", code="out_of_stock")

    body = shop.get(f"/orders/{order.id}").json

    assert body["status"] == "cancelled"
    assert (body["cancel_detail"]["group"], body["cancel_detail"]["code"]) == ("seller", "out_of_stock")
    assert {payment["status"] for payment in body["payments"]} <= {"refunded", "rejected"}
    assert shop.get(f"/shipments/{order.shipment_id}").json["status"] == "cancelled"
    assert mug.available_quantity == 4


def test_units_of_a_cancelled_sale_come_back_where_the_world_says_so(shop, mug):
    shop.world.cancel_returns_stock = True
    shop.world.cancel(shop.world.sell(mug.id, 5).id)

    assert (mug.available_quantity, mug.status) == (5, "active")


def test_fraud_is_a_tag(shop, mug):
    order = shop.world.sell(mug.id)
    shop.world.flag_fraud(order.id)

    assert "fraud_risk_detected" in shop.get(f"/orders/{order.id}").json["tags"]


def test_an_order_can_wait_for_its_payment(shop, mug):
    order = shop.world.sell(mug.id, status="payment_in_process")

    before = shop.get(f"/orders/{order.id}").json
    shop.world.pay(order.id)
    after = shop.get(f"/orders/{order.id}").json

    assert (before["status"], before["payments"]) == ("payment_in_process", [])
    assert after["status"] == "paid"


def test_a_sale_without_shipping_has_no_shipment(shop, mug):
    order = shop.world.sell(mug.id, logistic_type="no_shipping")

    body = shop.get(f"/orders/{order.id}").json

    assert body["shipping"] == {"id": None}
    assert "no_shipping" in body["tags"]


def test_the_store_of_a_sale_is_named():
    shop = open_shop(site_id="MLM", tags=WAREHOUSES)
    store = shop.seller.add_store("Centro")
    order = shop.world.sell(shop.seller.add_item(available_quantity=3).id)

    line = shop.get(f"/orders/{order.id}").json["order_items"][0]

    assert line["stock"] == {"store_id": store.id, "node_id": store.network_node_id}


def test_a_full_item_may_sell_a_unit_by_flex(shop):
    item = shop.seller.add_item(full_quantity=6, flex_quantity=2)

    full = shop.world.sell(item.id)
    flex = shop.world.sell(item.id, logistic_type="self_service")

    assert shop.get(f"/shipments/{full.shipment_id}").json["logistic_type"] == "fulfillment"
    assert shop.get(f"/shipments/{flex.shipment_id}").json["logistic_type"] == "self_service"
    quantities = {
        place["type"]: place["quantity"]
        for place in shop.get(f"/user-products/{item.own.user_product_id}/stock").json["locations"]
    }
    assert quantities == {"selling_address": 1, "meli_facility": 5}


def test_search_results_have_other_fields(shop, mug, search):
    order = shop.world.sell(mug.id)
    one, found = shop.get(f"/orders/{order.id}").json, search("").json["results"][0]

    assert found["date_last_updated"].endswith("+00:00")
    assert found["last_updated"].endswith("-04:00")
    assert {"expiration_date", "coupon", "pickup_id", "comment", "date_created_ttl"} <= set(found) - set(one)
    assert {"cancel_detail"} <= set(one) - set(found)
    assert "user_product_id" not in found["order_items"][0]["item"]
    assert "discounts" not in found["order_items"][0]
    assert set(found["buyer"]) == {"id", "nickname"}


def test_the_search_drops_the_zeros_of_money(shop, search):
    shop.world.sell(shop.seller.add_item(price=1000).id)

    assert b'"total_amount":1000,' in search("").body


def test_the_two_times_of_the_last_change_differ_once_the_parcel_moves(shop, mug, search):
    order = shop.world.sell(mug.id)
    shop.world.clock.advance(seconds=7200)
    shop.world.ship(order.id)

    found = search("").json["results"][0]

    moved = datetime.fromisoformat(found["date_last_updated"]) - datetime.fromisoformat(found["last_updated"])
    assert moved == timedelta(hours=2)


def test_times_are_cut_to_the_hour(shop, mug, search):
    early = shop.world.sell(mug.id)  # 14:40
    shop.world.clock.advance(seconds=1800)
    late = shop.world.sell(mug.id)  # 15:10

    assert ids(search("order.date_last_updated.from=2026-10-07T14:59:59.000-00:00")) == [early.id, late.id]
    assert ids(search("order.date_last_updated.from=2026-10-07T15:59:59Z")) == [late.id]
    assert ids(search("order.date_created.to=2026-10-07T15:59:00Z")) == [early.id]
    assert ids(search("order.date_created.from=2026-10-07T11:59:00.000-04:00")) == [late.id]
    assert search("order.date_created.from=yesterday").status == 400


def test_an_unknown_filter_is_ignored_and_finds_everything(shop, mug, search):
    order = shop.world.sell(mug.id)

    assert ids(search("order.last_updated.from=2030-01-01T00:00:00.000-00:00")) == [order.id]
    assert ids(search("order.date_last_updated.from=2030-01-01T00:00:00.000-00:00")) == []
    assert shop.get("/orders/search").json["results"] == []


def test_filters_of_the_search(shop, mug, search):
    paid, cancelled = shop.world.sell(mug.id), shop.world.sell(mug.id)
    shop.world.cancel(cancelled.id)

    assert ids(search("order.status=cancelled")) == [cancelled.id]
    assert ids(search("order.status=cancelled,paid")) == [paid.id, cancelled.id]
    assert ids(search("tags=paid")) == [paid.id]
    assert ids(search("tags.not=paid")) == [cancelled.id]
    assert ids(search(f"item={mug.id}&sort=date_desc")) == [cancelled.id, paid.id]
    assert ids(search(f"q={paid.id}")) == [paid.id]
    assert ids(search("q=taza")) == [paid.id, cancelled.id]


def test_the_search_pages_by_fifty_up_to_ten_thousand(shop, search):
    item = shop.seller.add_item(available_quantity=60)
    orders = [shop.world.sell(item.id) for _ in range(60)]

    assert len(ids(search("limit=200"))) == 50
    assert ids(search("offset=50")) == [order.id for order in orders[50:]]
    assert search("limit=200").json["paging"] == {"total": 60, "offset": 0, "limit": 50}
    assert search("offset=9960").status == 400


def test_the_search_sorts_by_when_orders_were_closed(shop, mug, search):
    first = shop.world.sell(mug.id, status="payment_in_process")
    shop.world.clock.advance(seconds=60)
    second = shop.world.sell(mug.id)
    shop.world.clock.advance(seconds=60)
    shop.world.pay(first.id)

    assert ids(search("")) == [second.id, first.id]


def test_of_other_sellers_nothing_is_found(shop, mug):
    other = open_shop(world=shop.world)
    shop.world.sell(mug.id)

    assert other.get(f"/orders/search?seller={shop.seller.user_id}").status == 403
    assert ids(other.get("/orders/search?order.status=paid")) == []


def test_a_pack_is_several_orders_with_one_shipment(shop, mug):
    bowl = shop.seller.add_item(title="Bol")
    pack = shop.world.sell_pack([(mug.id, 2), {"item_id": bowl.id, "quantity": 1}])

    body = shop.get(f"/packs/{pack.id}").json
    orders = [shop.get(f"/orders/{order['id']}").json for order in body["orders"]]

    assert body["status"] == "released"
    assert body["date_created"].endswith("-0400")
    assert {order["pack_id"] for order in orders} == {pack.id}
    assert {order["shipping"]["id"] for order in orders} == {body["shipment"]["id"]}
    assert all("pack_order" in order["tags"] for order in orders)
    assert len({order["buyer"]["id"] for order in orders}) == 1
    assert shop.get("/packs/1").json["message"] == "Order do not exists"


def test_a_cart_that_cannot_be_bought_buys_nothing(shop, mug):
    bowl = shop.seller.add_item(available_quantity=1)

    with pytest.raises(NotForSale):
        shop.world.sell_pack([mug.id, (bowl.id, 2)])
    with pytest.raises(NotForSale):
        shop.world.sell_pack([mug.id, (mug.id, 5)])

    assert (mug.available_quantity, shop.world.orders) == (5, {})


def test_a_split_pack_is_replaced_by_new_orders_and_no_stock_moves(shop, mug):
    bowl = shop.seller.add_item(title="Bol")
    pack = shop.world.sell_pack([mug.id, bowl.id])
    shipment_id, old_ids, left = pack.shipment_id, list(pack.order_ids), mug.available_quantity

    created = shop.world.split_pack(pack.id)

    old = shop.get(f"/orders/{old_ids[0]}").json
    assert (old["status"], old["cancel_detail"]["code"], old["cancel_detail"]["group"]) == (
        "cancelled",
        "pack_splitted",
        "internal",
    )
    assert shop.get(f"/packs/{pack.id}").json["status"] == "cancelled"
    parcel = shop.get(f"/shipments/{shipment_id}").json
    assert (parcel["status"], parcel["substatus"]) == ("cancelled", "pack_splitted")
    assert parcel["sibling"]["sibling_id"] == created[0].shipment_id
    assert [shop.get(f"/orders/{order.id}").json["status"] for order in created] == ["paid", "paid"]
    assert not {order.id for order in created} & set(old_ids)
    assert mug.available_quantity == left


def test_no_discount_is_a_404_of_its_own(shop, mug):
    order = shop.world.sell(mug.id)

    assert shop.get(f"/orders/{order.id}/discounts").json == {
        "cause": "",
        "message": "Discount not found",
        "error": "discount_not_found",
        "status": 404,
    }


def test_a_payment_can_be_read(shop, mug):
    order = shop.world.sell(mug.id)

    assert shop.get(f"/collections/{order.payments[-1].id}").json["collection"]["order_id"] == order.id
    assert shop.get("/collections/1").status == 404
