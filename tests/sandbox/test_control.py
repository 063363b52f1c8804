import time

import pytest

from tests.sandbox.caller import open_shop

HOSTILE = '<script>alert("x")</script>'


@pytest.fixture
def shop():
    return open_shop()


@pytest.fixture
def mug(shop):
    return shop.seller.add_item(title=f"Taza {HOSTILE}", seller_sku=f"SKU{HOSTILE}", available_quantity=9)


@pytest.fixture
def shirt(shop):
    return shop.seller.add_item(
        title="Remera", variations=[{"combination": {"COLOR": f"Rojo{HOSTILE}"}, "available_quantity": 4}]
    )


def test_the_page_shows_listings_and_escapes_them(shop, mug, shirt):
    shop.world.sell(mug.id)
    shop.get(f"/users/me?q={HOSTILE}")

    page = shop.get("/?done=<b>&problem=")

    assert page.status == 200
    assert "<title>Mercado Libre sandbox</title>" in page.text
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "<b>" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert shop.token not in page.text


def test_the_page_needs_nothing_from_elsewhere(shop, mug):
    page = shop.get("/").text

    assert "http://" not in page.replace("http-equiv", "")
    assert "https://" not in page
    assert shop.get("/control/style.css").headers["Content-Type"].startswith("text/css")


def test_listings_can_be_searched_and_paged(shop, mug, shirt):
    for number in range(25):
        shop.seller.add_item(title=f"Plato {number}")

    assert shirt.id in shop.get("/?q=remera").text
    assert mug.id not in shop.get("/?q=remera").text
    assert "1–20 of 25" in shop.get("/?q=plato").text
    assert "21–25 of 25" in shop.get("/?q=plato&page=1").text
    assert "No listing matches" in shop.get("/?q=plato&seller=NADIE").text


def test_a_form_sells_and_goes_back_to_the_same_search(shop, mug):
    reply = shop.form("/do/sell", {"item_id": mug.id, "quantity": "2", "variation_id": "", "back_q": "taza"})

    assert reply.status == 303
    assert reply.headers["Location"].startswith("/?q=taza&done=")
    assert mug.available_quantity == 7


def test_a_form_sells_a_pack_of_ticked_listings(shop, mug, shirt):
    lines = [("line", f"{mug.id}:"), ("line", f"{shirt.id}:{shirt.variations[0].id}")]

    assert shop.form("/do/sell_pack", lines).status == 303

    (pack,) = shop.world.packs.values()
    assert len(pack.order_ids) == 2


def test_what_cannot_be_done_is_said_on_the_page(shop, mug):
    reply = shop.form("/do/sell", {"item_id": mug.id, "quantity": "99"})

    assert reply.status == 303
    assert "problem=" in reply.headers["Location"]
    assert shop.form("/do/nonsense", {}).status == 404
    assert (
        shop.form("/do/sell", {"item_id": mug.id}, origin="https://evil.example", host="localhost:8100").status == 403
    )
    assert mug.available_quantity == 9


def test_forms_cancel_ship_edit_drop_and_break(shop, mug):
    order = shop.world.sell(mug.id)

    shop.form("/do/ship", {"order_id": order.id})
    shop.form("/do/cancel", {"order_id": order.id})
    shop.form("/do/stock", {"item_id": mug.id, "quantity": "3"})
    shop.form("/do/status", {"item_id": mug.id, "status": "paused"})
    shop.form("/do/drop", {"count": "4"})
    shop.form("/do/faults", {"kind": "HTML_502", "path": ".*", "times": "0"})

    assert shop.world.orders[order.id].status == "cancelled"
    assert (mug.available_quantity, mug.status) == (3, "paused")
    assert shop.world.mailbox.drop_next == 4
    assert shop.get("/users/me").status == 502
    assert "HTML_502" in shop.get("/").text
    shop.form("/do/clear_faults", {})
    assert shop.get("/users/me").status == 200


def test_the_control_api_does_the_same_with_json(shop, mug, shirt):
    sold = shop.post("/control/sell", {"item_id": mug.id, "quantity": 2, "order_id": 2001}).json
    pack = shop.post(
        "/control/sell_pack", {"lines": [mug.id, {"item_id": shirt.id, "variation_id": shirt.variations[0].id}]}
    )
    shop.post("/control/ship", {"order_id": 2001})
    shop.post("/control/deliver", {"order_id": 2001})
    cancelled = shop.post("/control/cancel", {"order_id": pack.json["order_ids"][0], "group": "fraud"}).json
    shop.post("/control/price", {"item_id": mug.id, "price": "12.50"})

    assert sold == {"order_id": 2001, "seller_id": shop.seller.user_id}
    assert cancelled["status"] == "cancelled"
    orders = shop.get("/control/orders").json
    assert orders["total"] == 3
    assert (orders["orders"][0]["shipment_status"], orders["orders"][0]["quantity"]) == ("delivered", 2)
    items = shop.get(f"/control/items?seller={shop.seller.nickname}").json["items"]
    assert (items[0]["price"], items[0]["holdings"][0]["available_quantity"]) == (12.5, 6)
    assert shop.get("/control/requests").json["requests"] == []


def test_faults_and_rules_are_set_from_outside(shop):
    fault = shop.post("/control/faults", {"kind": "RATE_LIMITED", "times": 2, "path": "/users/.*", "method": "GET"})
    rules = shop.post("/control/rules", {"rate_per_minute": 9, "pkce_required": True, "retry_scale": "0.5"})

    assert fault.json == {"kind": "RATE_LIMITED", "times": 2, "path": "/users/.*"}
    assert rules.json == {"rate_per_minute": 9, "pkce_required": True, "retry_scale": 0.5}
    state = shop.get("/control/state").json
    assert state["faults"][0]["times"] == 2
    assert (state["rules"]["rate_per_minute"], state["sellers"][0]["connected"]) == (9, True)
    assert shop.delete("/control/faults").status == 200
    assert shop.get("/users/me").status == 200


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("sell", {}),
        ("sell", {"item_id": "MLA1"}),
        ("sell", {"item_id": "MLA1", "quantity": "many"}),
        ("cancel", {"order_id": 1}),
        ("faults", {"kind": "FIRE"}),
        ("faults", {"kind": "SLOW", "path": "("}),
        ("rules", {"nonsense": 1}),
        ("status", {"item_id": "MLA1", "status": "burnt"}),
        ("revoke", {"nickname": "NADIE"}),
    ],
)
def test_bad_parameters_are_refused_with_a_sentence(shop, name, body):
    reply = shop.post(f"/control/{name}", body)

    assert reply.status == 400
    assert reply.json["error"]


def test_unknown_control_paths_are_not_there(shop):
    assert shop.get("/control/nonsense").status == 404
    assert shop.post("/control/state").status == 404


def test_tokens_can_be_revoked_and_expired_from_outside(shop):
    shop.post("/control/expire", {"nickname": shop.seller.nickname})
    assert shop.get("/users/me").status == 401
    assert shop.post("/control/revoke", {"nickname": shop.seller.nickname}).json == {"revoked": True}
    assert shop.get("/control/state").json["sellers"][0]["connected"] is False


def test_waiting_notifications_can_be_taken_from_outside(shop, mug):
    shop.world.edit_stock(mug.id, 1)

    taken = shop.post("/control/drain").json["notifications"]

    assert [body["topic"] for body in taken] == ["stock-locations", "items"]
    assert shop.world.outbox == []


def test_a_reset_starts_again(shop, mug):
    shop.world.rebuild = lambda world: world.add_seller("OTRA")

    assert shop.post("/control/reset").json == {"sellers": 1, "items": 0}
    assert shop.get("/users/me").status == 401


def test_the_clock_can_be_moved_from_outside(shop):
    before = shop.world.now()
    shop.post("/control/advance", {"seconds": 3600})

    assert (shop.world.now() - before).total_seconds() >= 3600


def test_what_is_delayed_happens_while_only_the_page_is_looked_at(shop, mug):
    shop.world.shipping_visible_after = 0.01
    order = shop.world.sell(mug.id)
    time.sleep(0.02)
    shop.get("/")

    assert order.shipment_id is not None
