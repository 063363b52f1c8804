import pytest

from sandbox import CLIENT_ID, SCOPES_403, World
from tests.sandbox.caller import WAREHOUSES, Caller, open_shop


@pytest.mark.parametrize("tags", [("normal",), ("normal", "user_product_seller"), WAREHOUSES[:3], WAREHOUSES])
def test_an_account_sees_its_own_tags(tags):
    shop = open_shop(tags=tags)

    me = shop.get("/users/me").json

    assert me["tags"] == list(tags)
    assert me["site_id"] == "MLA"
    assert shop.get(f"/users/{shop.seller.user_id}").json == me


def test_of_others_only_a_public_part_is_shown():
    shop = open_shop()
    other = open_shop(world=shop.world)

    seen = shop.get(f"/users/{other.seller.user_id}").json

    assert seen["nickname"] == other.seller.nickname
    assert not {"tags", "email", "first_name", "identification"} & set(seen)
    assert shop.get("/users/1").status == 404


def test_an_answer_without_a_token_is_401():
    reply = Caller(World()).get("/users/me")

    assert (reply.status, reply.json) == (
        401,
        {"message": "invalid_token", "error": "not_found", "status": 401, "cause": []},
    )


def test_the_pricing_resource_has_a_401_of_its_own():
    reply = Caller(World()).get("/pricing-automation/items/MLA1/automation")

    assert reply.json == {"code": "unauthorized", "message": "invalid access token"}


def test_only_the_owner_reads_the_application():
    owner = open_shop()
    other = open_shop(world=owner.world)

    assert owner.get(f"/applications/{CLIENT_ID}").json["max_requests_per_hour"] == 18000
    assert len(owner.get(f"/applications/{CLIENT_ID}/grants").json["grants"]) == 2
    assert other.get(f"/applications/{CLIENT_ID}").status == 403


def test_a_resource_of_another_seller_is_forbidden():
    shop = open_shop()
    other = open_shop(world=shop.world)
    mug = other.seller.add_item()
    order = shop.world.sell(mug.id)

    paths = [f"/items/{mug.id}", f"/user-products/{mug.own.user_product_id}/stock", f"/shipments/{order.shipment_id}"]
    paths += [f"/users/{other.seller.user_id}/items/search", f"/users/{other.seller.user_id}/stores/search"]
    for path in paths:
        assert shop.get(path).json == {
            "status": 403,
            "error": "access_denied",
            "message": "access to the requested resource is forbidden",
            "code": "FORBIDDEN",
        }
    assert shop.get(f"/orders/{order.id}").json["error"] == "not_owned_order"
    assert shop.put(f"/items/{mug.id}", {"available_quantity": 1}).status == 403


def test_sites_currencies_and_fees():
    shop = open_shop()

    assert {site["id"] for site in shop.get("/sites").json} >= {"MLA", "MLB", "MLM", "MLC", "MCO"}
    decimals = {currency["id"]: currency["decimal_places"] for currency in shop.get("/currencies").json}
    assert {name for name, places in decimals.items() if places == 0} == {"CLP", "COP", "HNL", "NIO", "PYG"}
    assert 0 < shop.get("/currency_conversions/search?from=ARS&to=BRL").json["ratio"] < 1
    fee = shop.get("/sites/MLA/listing_prices?price=1000&listing_type_id=gold_special").json
    assert fee["sale_fee_amount"] == 155.0


def test_a_minute_of_a_seller_is_limited_and_the_429_is_empty():
    shop = open_shop()
    other = open_shop(world=shop.world)
    shop.world.rate_per_minute = 3

    replies = [shop.get("/users/me") for _ in range(4)]

    assert [reply.status for reply in replies] == [200, 200, 200, 429]
    assert replies[-1].body == b""
    assert "Retry-After" not in replies[-1].headers
    assert other.get("/users/me").status == 200
    shop.world.clock.advance(seconds=61)
    assert shop.get("/users/me").status == 200


def test_nothing_is_found_where_there_is_nothing():
    shop = open_shop()

    assert shop.get("/nowhere").status == 404
    assert shop.get("/items/MLA1").json == {
        "message": "Item with id MLA1 not found",
        "error": "not_found",
        "status": 404,
        "cause": [],
    }


def test_some_resources_have_errors_of_their_own():
    shop = open_shop()
    other = open_shop(world=shop.world)
    mug = shop.seller.add_item()

    assert shop.get(f"/moderations/last_moderation/{mug.id}").json == {"Status": 404}
    assert shop.get(f"/item/{mug.id}/performance").json["message"].startswith("Entity not calculated")
    assert other.get(f"/suggestions/items/{mug.id}/details").json == {
        "message": "Caller is not the item's owner",
        "error": "",
        "status": 401,
        "cause": [],
    }
    billing = shop.get("/billing/integration/periods/key/2026-09-01/group/ML/details").json
    assert (billing["type"], billing["status"]) == ("BAD_REQUEST_ERROR", 400)


def test_a_scope_that_is_missing_is_403():
    shop = open_shop()
    shop.world.faults.add(SCOPES_403)

    assert shop.get("/users/me").json == {"status": 403, "error": "Invalid scopes", "code": "FORBIDDEN"}
