import pytest

from sandbox import NoParcel
from tests.sandbox.caller import open_shop


@pytest.fixture
def shop():
    return open_shop()


@pytest.fixture
def order(shop):
    return shop.world.sell(shop.seller.add_item(title="Taza", price=1000).id, 2, logistic_type="xd_drop_off")


def test_without_the_header_a_shipment_has_the_old_format(shop, order):
    body = shop.get(f"/shipments/{order.shipment_id}").json

    assert (body["logistic_type"], body["mode"], body["order_id"]) == ("xd_drop_off", "me2", order.id)
    assert (body["status"], body["substatus"]) == ("ready_to_ship", "ready_to_print")
    assert body["shipping_items"][0]["quantity"] == 2
    assert body["site_id"] == "MLA"
    assert "logistic" not in body


def test_with_the_header_a_shipment_has_the_new_format(shop, order):
    body = shop.get(f"/shipments/{order.shipment_id}", x_format_new="true").json

    assert body["logistic"] == {"type": "xd_drop_off", "mode": "me2", "direction": "forward"}
    assert body["source"]["site_id"] == "MLA"
    assert body["destination"]["receiver_name"]
    assert "lead_time" in body
    assert not {"order_id", "logistic_type", "shipping_items", "receiver_address"} & set(body)


def test_shipping_and_delivering(shop, order):
    shop.world.ship(order.id)
    shipped = shop.get(f"/shipments/{order.shipment_id}").json
    shop.world.deliver(order.id)
    delivered = shop.get(f"/shipments/{order.shipment_id}").json

    assert (shipped["status"], shipped["tracking_number"]) == ("shipped", str(order.shipment_id))
    assert shipped["status_history"]["date_shipped"].endswith("-04:00")
    assert delivered["status"] == "delivered"
    body = shop.get(f"/orders/{order.id}").json
    assert (body["status"], body["fulfilled"]) == ("paid", True)
    assert "delivered" in body["tags"]
    assert "not_delivered" not in body["tags"]


def test_a_parcel_that_comes_back_is_not_the_first_link(shop, order):
    shop.world.ship(order.id)
    shop.world.return_parcel(order.id)

    links = shop.get(f"/orders/{order.id}/shipments", x_new_domain="true").json

    assert [link["type"] for link in links] == ["return", "forward"]
    assert links[1]["id"] == order.shipment_id


def test_without_the_new_domain_the_link_is_an_object(shop, order):
    assert shop.get(f"/orders/{order.id}/shipments").json["id"] == order.shipment_id


def test_what_lies_below_a_shipment(shop, order):
    base = f"/shipments/{order.shipment_id}"

    assert shop.get(f"{base}/items").json[0]["order_id"] == order.id
    assert shop.get(f"{base}/orders", x_new_domain="true").json == [{"id": order.id}]
    assert shop.get(f"{base}/orders").status == 404
    assert shop.get(f"{base}/costs").json["senders"][0]["user_id"] == shop.seller.user_id
    assert shop.get(f"{base}/history").json["history"][0]["status"] == "ready_to_ship"
    assert shop.get(f"{base}/sla").status == 200
    shop.world.cancel(order.id)
    assert shop.get(f"{base}/sla").status == 404
    assert shop.get("/shipments/1").status == 404


def test_a_parcel_of_a_cart_goes_on_while_one_order_does(shop):
    mug, bowl = shop.seller.add_item(), shop.seller.add_item()
    pack = shop.world.sell_pack([mug.id, bowl.id])
    first, second = pack.order_ids

    shop.world.cancel(first)
    assert shop.world.shipments[pack.shipment_id].status == "ready_to_ship"
    shop.world.cancel(second)
    assert shop.world.shipments[pack.shipment_id].status == "cancelled"
    assert shop.get(f"/packs/{pack.id}").json["status"] == "cancelled"


def test_what_is_not_sent_cannot_be_shipped(shop, order):
    shop.world.cancel(order.id)
    with pytest.raises(NoParcel):
        shop.world.ship(order.id)
    unsent = shop.world.sell(shop.seller.add_item().id, logistic_type="no_shipping")
    with pytest.raises(NoParcel):
        shop.world.deliver(unsent.id)
