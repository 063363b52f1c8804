import re
import time
from collections import Counter

import pytest

from sandbox import World, bench, demo
from sandbox.price_rules import AUTOMATED
from tests.sandbox.caller import Caller


@pytest.fixture(scope="module")
def world():
    return demo.build(World(seed=1))


def plain(sku):
    return re.sub(r"[^a-z0-9]", "", (sku or "").lower())


def test_three_sellers_in_three_countries_with_their_tags(world):
    sellers = {seller.nickname: seller for seller in world.sellers.values()}

    assert {name: seller.site_id for name, seller in sellers.items()} == {
        "CASA_DEL_SUR": "MLA",
        "BODEGA_AZTECA": "MLM",
        "LOJA_AURORA": "MLB",
    }
    assert {"user_product_seller", "warehouse_management", "multiwarehouse"} <= set(sellers["BODEGA_AZTECA"].tags)
    assert len(sellers["BODEGA_AZTECA"].stores) == 2
    assert "user_product_seller" in sellers["LOJA_AURORA"].tags


def test_about_four_hundred_listings_of_every_kind(world):
    items = list(world.items.values())
    states = Counter(item.status for item in items)

    assert 360 <= len(items) <= 440
    assert min(states[name] for name in ("active", "paused", "closed", "under_review")) > 2
    assert {"out_of_stock", "paused_by_seller"} <= {sub for item in items for sub in item.sub_status}
    assert any(item.logistic_type == "fulfillment" for item in items)
    assert any(AUTOMATED in item.tags for item in items)
    assert any(item.promotion for item in items)
    assert any(item.catalog_listing for item in items)
    assert any(len(product.item_ids) > 1 for product in world.user_products.values())
    assert all(not item.variations or item.site_id == "MLA" for item in items)
    assert any(item.variations for item in items)


def test_skus_are_as_untidy_as_real_ones(world):
    ours = {product["sku"] for product in demo.products()}
    found = [holding.seller_sku for item in world.items.values() for holding in item.holdings]

    exact = sum(sku in ours for sku in found)
    missing = sum(sku is None for sku in found)
    close = sum(sku is not None and sku not in ours and plain(sku) in {plain(one) for one in ours} for sku in found)
    assert exact > len(found) / 2
    assert missing > 10
    assert close > 10
    assert exact + missing + close == len(found)


def test_the_merchants_list_matches_the_listings(world):
    products = demo.products()

    assert len({product["sku"] for product in products}) == len(products)
    assert {"sku", "name", "cost", "currency", "gtin", "on_hand"} == set(products[0])
    sellers_of = {}
    for item in world.items.values():
        for holding in item.holdings:
            sellers_of.setdefault(plain(holding.seller_sku), set()).add(item.seller_id)
    assert sum(len(sellers_of.get(plain(product["sku"]), ())) == 3 for product in products) > 40


def test_there_is_a_history_that_ends_now(world):
    assert len(world.orders) > 30
    assert {"paid", "cancelled"} == {order.status for order in world.orders.values()}
    assert all(order.created_at < world.now() for order in world.orders.values())


def test_what_happens_in_full_is_announced():
    world = demo.build(World(seed=1))
    item = next(item for item in world.items.values() if item.own.inventory_id)
    world.grant(world.sellers[item.seller_id])

    world.receive_in_full(item.id, 5)

    told = [body["resource"] for body in world.drain_notifications() if body["topic"] == "fbm_stock_operations"]
    assert told == [f"/stock/fulfillment/operations/{max(world.operations)}"]


def test_the_same_seed_gives_the_same_world(world):
    again, other = demo.build(World(seed=1)), demo.build(World(seed=2))

    assert list(again.items) == list(world.items)
    assert list(again.orders) == list(world.orders)
    assert list(other.items) != list(world.items)


def test_twenty_thousand_listings_are_made_quickly():
    world = World(seed=1)
    started = time.perf_counter()

    accounts = bench.build(world, listings=20_000)

    assert time.perf_counter() - started < 10
    assert [len(world.items_of[account.user_id]) for account in accounts] == [10_000, 10_000]


def test_a_big_scan_is_quick_enough_to_measure_against():
    world = World(seed=1)
    (account,) = bench.build(world, listings=2_000, sellers=1)
    caller, scroll_id, seen = Caller(world, world.grant(account).access_token), "", 0
    while True:
        query = f"search_type=scan&limit=100&scroll_id={scroll_id}"
        body = caller.get(f"/users/{account.user_id}/items/search?{query}").json
        if not body["results"]:
            break
        scroll_id, seen = body["scroll_id"], seen + len(body["results"])

    assert seen == 2_000
