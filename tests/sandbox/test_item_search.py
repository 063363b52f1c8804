import base64
import json

import pytest

from tests.sandbox.caller import open_shop


@pytest.fixture
def shop():
    return open_shop()


@pytest.fixture
def search(shop):
    def ask(query=""):
        return shop.get(f"/users/{shop.seller.user_id}/items/search?{query}")

    return ask


def test_a_search_gives_ids_and_a_seller_id_that_is_text(shop, search):
    ids = {shop.seller.add_item().id for _ in range(3)}

    body = search().json

    assert set(body["results"]) == ids
    assert body["seller_id"] == str(shop.seller.user_id)
    assert body["paging"] == {"limit": 50, "offset": 0, "total": 3}
    assert any(isinstance(order["id"], dict) for order in body["available_orders"])


def test_pages_end_at_a_thousand(search):
    assert search("offset=950&limit=50").status == 200
    assert search("offset=951&limit=50").status == 400
    assert search("limit=500").json["paging"]["limit"] == 100


def test_filters(shop, search):
    mug = shop.seller.add_item(seller_sku="A-1", seller_custom_field="int-1", gtin="779")
    shirt = shop.seller.add_item(variations=[{"combination": {"SIZE": "M"}, "seller_sku": "A-2"}])
    paused = shop.seller.add_item(seller_sku="A-1")
    shop.world.pause(paused.id)

    assert set(search("status=paused").json["results"]) == {shirt.id, paused.id}
    assert set(search("seller_sku=A-1").json["results"]) == {mug.id, paused.id}
    assert search("seller_sku=A-2").json["results"] == [shirt.id]
    assert search("sku=int-1").json["results"] == [mug.id]
    assert search(f"user_product_id={mug.own.user_product_id}").json["results"] == [mug.id]
    assert search("missing_product_identifiers=false").json["results"] == [mug.id]
    assert search("status=under_review").json["results"] == []
    assert search("nonsense=1").json["paging"]["total"] == 3


def test_the_order_parameter_is_called_orders(shop, search):
    cheap, dear = shop.seller.add_item(price=10), shop.seller.add_item(price=20)

    assert search("orders=price_desc").json["results"] == [dear.id, cheap.id]
    assert search("orders=price_asc").json["results"] == [cheap.id, dear.id]
    assert search("sort=price_desc").json["orders"][0]["id"] == "stop_time_asc"


def scan_all(search, limit, **more):
    seen, scrolls, query = [], [], f"search_type=scan&limit={limit}"
    body = search(query).json
    while body["results"]:
        seen.append(body["results"])
        scrolls.append(body["scroll_id"])
        body = search(f"{query}&scroll_id={body['scroll_id']}").json
    return seen, scrolls, body


def test_a_scan_sees_every_item_once_with_a_new_scroll_id_on_every_page(shop, search):
    ids = {shop.seller.add_item().id for _ in range(25)}

    pages, scrolls, last = scan_all(search, 10)

    assert [len(page) for page in pages] == [10, 10, 5]
    assert {item_id for page in pages for item_id in page} == ids
    assert len(set(scrolls)) == 3
    assert (last["results"], last["scroll_id"]) == ([], "")
    assert last["paging"] == {"limit": 10, "total": 25}


def test_a_scan_may_end_with_null(shop, search):
    shop.world.scan_ends_with_null = True

    assert search("search_type=scan").json["scroll_id"] is None


def test_a_scroll_id_is_a_key_to_go_on_from(shop, search):
    for _ in range(6):
        shop.seller.add_item()
    first = search("search_type=scan&limit=2").json
    key = json.loads(base64.b64decode(first["scroll_id"]))

    second = search(f"search_type=scan&limit=2&scroll_id={first['scroll_id']}").json
    again = search(f"search_type=scan&limit=2&scroll_id={first['scroll_id']}").json

    assert key["id"] == first["results"][-1]
    assert set(key) == {"id", "numeric_id", "stop_time"}
    assert again["results"] == second["results"]
    assert second["scroll_id"] != first["scroll_id"]


def test_a_wrong_or_old_scroll_id_is_refused(shop, search):
    shop.seller.add_item()
    scroll_id = search("search_type=scan&limit=1").json["scroll_id"]
    shop.world.clock.advance(seconds=301)

    for bad in (scroll_id, "nonsense"):
        assert search(f"search_type=scan&scroll_id={bad}").json == {
            "message": "Invalid Scroll Id: Error decode reading Scroll ID",
            "error": "invalid.scroll.id",
            "status": 400,
            "cause": [],
        }


def test_a_scan_can_be_filtered(shop, search):
    shop.seller.add_item()
    paused = shop.seller.add_item()
    shop.world.pause(paused.id)

    assert search("search_type=scan&status=paused&limit=5").json["results"] == [paused.id]
