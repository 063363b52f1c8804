import json

import pytest

from sandbox import (
    APPLIED_THEN_TIMEOUT,
    CONFLICT_409,
    HTML_502,
    INVALID_TOKEN_401,
    PARTIAL_206,
    POLICY_403,
    RATE_LIMITED,
    REDIRECT_302,
    SERVER_ERROR,
    SLOW,
    STALE_READ,
    TIMEOUT,
    TRUNCATED_JSON,
    Application,
    NoAnswer,
)
from sandbox.faults import KINDS
from sandbox.misbehaviour import SPOILT
from tests.sandbox.caller import open_shop


@pytest.fixture
def shop():
    return open_shop()


@pytest.fixture
def mug(shop):
    return shop.seller.add_item(available_quantity=5)


def test_every_kind_has_a_description_and_a_behaviour():
    assert set(KINDS) == set(SPOILT)


def test_a_fault_hits_what_it_matches_as_often_as_it_says(shop, mug):
    shop.world.faults.add(RATE_LIMITED, times=2, path=r"/items/.*", method="get")

    assert shop.get("/users/me").status == 200
    assert shop.put(f"/items/{mug.id}", {"available_quantity": 5}).status == 200
    statuses = [shop.get(f"/items/{mug.id}").status for _ in range(3)]
    assert statuses == [429, 429, 200]
    assert shop.world.faults.seen == {RATE_LIMITED: 2}
    assert shop.world.faults.active == []


def test_a_fault_may_last_and_may_be_for_one_seller(shop, mug):
    other = open_shop(world=shop.world)
    shop.world.faults.add(SERVER_ERROR, times=None, user_id=other.seller.user_id)

    assert [other.get("/users/me").status for _ in range(3)] == [500] * 3
    assert shop.get("/users/me").status == 200
    shop.world.faults.clear()
    assert other.get("/users/me").status == 200


def test_a_fault_may_happen_now_and_then(shop):
    shop.world.faults.add(SERVER_ERROR, times=None, probability=0.5)

    statuses = {shop.get("/users/me").status for _ in range(40)}

    assert statuses == {200, 500}


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        (RATE_LIMITED, 429, ""),
        (SERVER_ERROR, 500, "internal_server_error"),
        (HTML_502, 502, "<html>"),
        (POLICY_403, 403, "PA_UNAUTHORIZED_RESULT_FROM_POLICIES"),
        (INVALID_TOKEN_401, 401, "invalid_token"),
        (REDIRECT_302, 302, ""),
        (CONFLICT_409, 409, "optimistic locking"),
    ],
)
def test_faults_that_answer_for_themselves(shop, mug, kind, status, words):
    shop.world.faults.add(kind)

    reply = shop.put(f"/items/{mug.id}", {"available_quantity": 1})

    assert reply.status == status
    assert words in reply.text
    assert mug.available_quantity == 5


def test_a_version_conflict_has_the_words_of_user_products(shop, mug):
    shop.world.faults.add(CONFLICT_409)
    path = f"/user-products/{mug.own.user_product_id}/stock/type/seller_warehouse"

    assert shop.put(path, {"locations": []}, x_version="1").json["message"] == "Version mismatch"


def test_a_timeout_does_nothing_and_one_after_the_write_did_it(shop, mug):
    shop.world.faults.add(TIMEOUT)
    shop.world.faults.add(APPLIED_THEN_TIMEOUT)

    with pytest.raises(NoAnswer):
        shop.put(f"/items/{mug.id}", {"available_quantity": 1})
    assert mug.available_quantity == 5
    with pytest.raises(NoAnswer):
        shop.put(f"/items/{mug.id}", {"available_quantity": 1})
    assert mug.available_quantity == 1
    assert [line.status for line in shop.world.requests] == [0, 0]


def test_over_a_socket_a_timeout_hangs(shop):
    slept = []
    application = Application(shop.world, sleep=slept.append)
    shop.world.faults.add(TIMEOUT)
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/users/me", "QUERY_STRING": ""}

    answers = []
    application(environ, lambda status, headers: answers.append(status))

    assert slept == [30.0]
    assert answers == ["504 Gateway Timeout"]


def test_a_slow_answer_was_made_before_the_wait(shop, mug):
    shop.world.faults.add(SLOW, seconds=3)
    slept = []
    shop.application.sleep = lambda seconds: slept.append((seconds, shop.world.edit_stock(mug.id, 1)))

    reply = shop.get(f"/items/{mug.id}")

    assert slept == [(3, None)]
    assert reply.json["available_quantity"] == 5


def test_truncated_json_breaks_off(shop, mug):
    shop.world.faults.add(TRUNCATED_JSON)

    reply = shop.get(f"/items/{mug.id}")

    assert reply.status == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.body)


def test_a_partial_answer_names_what_is_missing(shop, mug):
    order = shop.world.sell(mug.id)
    shop.world.faults.add(PARTIAL_206)

    reply = shop.get(f"/orders/{order.id}")

    assert (reply.status, reply.headers["X-Content-Missing"]) == (206, "buyer, feedback")
    assert "buyer" not in reply.json
    assert reply.json["order_items"]


def test_a_stale_read_shows_the_state_before_the_last_change(shop, mug):
    order = shop.world.sell(mug.id)
    shop.world.cancel(order.id, group="buyer")
    shop.world.edit_stock(mug.id, 1)
    stock = f"/user-products/{mug.own.user_product_id}/stock"
    shop.world.faults.add(STALE_READ, times=3)

    assert shop.get(f"/items/{mug.id}").json["available_quantity"] == 4
    assert shop.get(f"/orders/{order.id}").json["status"] == "paid"
    old = shop.get(stock)
    assert (old.headers["x-version"], old.json["locations"][0]["quantity"]) == ("2", 4)
    assert shop.get(f"/items/{mug.id}").json["available_quantity"] == 1
    assert shop.get(stock).headers["x-version"] == "3"


def test_an_unknown_kind_is_refused(shop):
    with pytest.raises(ValueError, match="unknown fault"):
        shop.world.faults.add("FIRE")


def test_something_can_happen_between_our_requests(shop, mug):
    path = f"/items/{mug.id}"
    shop.world.hooks.after("GET", path, lambda: shop.world.sell(mug.id))
    shop.world.hooks.before("PUT", path, lambda: shop.world.sell(mug.id))

    read = shop.get(path).json["available_quantity"]
    written = shop.put(path, {"available_quantity": 9}).json["available_quantity"]

    assert (read, written) == (5, 9)
    assert (mug.sold_quantity, shop.get(path).json["available_quantity"]) == (2, 9)


def test_requests_are_logged_with_what_they_said(shop, mug):
    shop.put(f"/items/{mug.id}?x=1", {"available_quantity": 9})

    line = shop.world.requests[-1]

    assert (line.method, line.path, line.query, line.status) == ("PUT", f"/items/{mug.id}", "x=1", 200)
    assert (line.user_id, line.body) == (shop.seller.user_id, {"available_quantity": 9})
    assert line.at <= line.ended_at
    assert shop.world.requests.to(f"/items/{mug.id}") == [line]
