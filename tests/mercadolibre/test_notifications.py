import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercadolibre.notifications import (
    MalformedNotification,
    Notification,
    ResourceKey,
    parse_notification,
    resource_key,
)
from tests.mercadolibre.strategies import json_values, patient, words

BODY = {
    "_id": "8e13a6ae-590e-4d35-9bbe-3c28c1750cd3",
    "topic": "items",
    "resource": "/items/MLA3510129282",
    "user_id": 413658225,
    "application_id": 7211863044554429,
    "sent": "2026-10-06T13:23:06.247Z",
    "received": "2026-10-06T13:23:06.116Z",
    "attempts": 1,
    "actions": ["is_test:true"],
}


def parse(**changes):
    body = {key: value for key, value in (BODY | changes).items() if value is not ...}
    return parse_notification(json.dumps(body).encode())


def test_a_notification_is_read_whole():
    assert parse() == Notification(
        topic="items",
        resource="/items/MLA3510129282",
        user_id=413658225,
        application_id=7211863044554429,
        event_id="8e13a6ae-590e-4d35-9bbe-3c28c1750cd3",
        sent_at=datetime(2026, 10, 6, 13, 23, 6, 247000, tzinfo=UTC),
        received_at=datetime(2026, 10, 6, 13, 23, 6, 116000, tzinfo=UTC),
        attempts=1,
        actions=("is_test:true",),
    )


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"_id": ..., "id": "aaa123"}, "event_id", "aaa123"),
        ({"_id": ...}, "event_id", ""),
        ({"user_id": "413658225"}, "user_id", 413658225),
        ({"user_id": "me"}, "user_id", None),
        ({"user_id": 1.5}, "user_id", None),
        ({"user_id": 2**70}, "user_id", None),
        ({"received": ..., "recieved": "2021-12-23T17:13:53.6170746Z"}, "attempts", 1),
        ({"actions": ...}, "actions", ()),
        ({"actions": "claims"}, "actions", ()),
        ({"topic": ...}, "topic", ""),
        ({"resource": "items/MLA1"}, "resource", "items/MLA1"),
    ],
)
def test_variants_of_the_body_are_tolerated(changes, field, value):
    assert getattr(parse(**changes), field) == value


def test_the_misspelt_moment_of_receipt_is_read():
    assert parse(received=..., recieved="2021-12-23T17:13:53.61Z").received_at.year == 2021


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"resource": ""}',
        b'{"resource": {}}',
        b"1" * 5000,
        json.dumps({"resource": "/items/MLA1", "topic": "x" * 1000}).encode(),
        json.dumps({"resource": "/" * 2000}).encode(),
    ],
)
def test_anything_else_is_malformed(body):
    with pytest.raises(MalformedNotification):
        parse_notification(body)


@patient
@given(st.binary())
def test_no_bytes_raise_anything_but_malformed(body):
    with pytest.raises(MalformedNotification):
        parse_notification(body)


@pytest.mark.parametrize("depth", [300, 600, 900, 30_000])
def test_however_deep_a_body_is_nested_it_is_read_or_malformed(depth):
    body = b'{"resource": "/orders/1", "actions": ["\\u0000", ' + b"[" * depth + b"]" * depth + b"]}"

    with contextlib.suppress(MalformedNotification):
        parse_notification(body)


@patient
@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*BODY, "id", "recieved"], json_values)))
def test_no_json_raises_anything_but_malformed(body):
    try:
        notification = parse_notification(json.dumps(body).encode())
    except MalformedNotification:
        return
    assert "\x00" not in notification.resource
    notification.resource.encode()


@pytest.mark.parametrize(
    ("topic", "resource", "kind", "key"),
    [
        ("orders_v2", "/orders/2000018846999192", "order", "2000018846999192"),
        ("orders_v2", "orders/2000018846999192", "order", "2000018846999192"),
        ("marketplace_orders", "/marketplace/orders/1499", "order", "1499"),
        ("marketplace_orders_on_site", "/marketplace/orders/1499", "order", "1499"),
        ("orders_feedback", "/orders/1499/feedback", "order_feedback", "1499"),
        ("items", "/items/MLA123", "item", "MLA123"),
        ("items", "/items/CBT123", "item", "CBT123"),
        ("marketplace_items", "/marketplace/items/MLM123", "item", "MLM123"),
        ("items_prices", "/items/MLA1/prices", "item_prices", "MLA1"),
        ("price_suggestion", "suggestions/items/MLA1/details", "price_suggestion", "MLA1"),
        ("catalog_item_competition_status", "/items/MLA1/price_to_win", "item_competition", "MLA1"),
        ("", "/items/MLA1/price_to_win", "item_competition", "MLA1"),
        ("stock-locations", "/user-products/MLAU1/stock", "user_product_stock", "MLAU1"),
        ("stock_locations", "/user-products/MLAU1/stock", "user_product_stock", "MLAU1"),
        ("stock-location", "/user-products/MLAU1/stock", "user_product_stock", "MLAU1"),
        ("user-products-families", "/sites/MLA/user-products-families/987", "user_product_family", "MLA/987"),
        ("shipments", "/shipments/46", "shipment", "46"),
        ("shipments", "/marketplace/shipments/46", "shipment", "46"),
        ("fbm_stock_operations", "/stock/fulfillment/operations/9876", "fulfillment_operation", "9876"),
        ("flex-handshakes", "/flex/sites/MLA/shipments/40/assignment/v1", "flex_handshake", "MLA/40"),
        ("payments", "/collections/12", "payment", "12"),
        ("invoices", "/users/5/invoices/6", "invoice", "5/6"),
        ("questions", "/questions/5036111111", "question", "5036111111"),
        ("messages", "3f6da1e35ac84f70a24af7360d24c7bc", "message", "3f6da1e35ac84f70a24af7360d24c7bc"),
        ("marketplace_messages", "/marketplace/messages/3f6da1e3", "message", "3f6da1e3"),
        ("post_purchase", "/post-purchase/v1/claims/51", "claim", "51"),
        ("claims", "/claims/51", "claim", "51"),
        ("public_offers", "/seller-promotions/offers/OFFER-MLA1-1", "offer", "OFFER-MLA1-1"),
        ("public_candidates", "/seller-promotions/candidates/CANDIDATE-MLA1-1", "candidate", "CANDIDATE-MLA1-1"),
        ("catalog_suggestions", "/catalog_suggestions/19", "catalog_suggestion", "19"),
        ("marketplace_questions", "/marketplace/questions/5036111111", "question", "5036111111"),
        ("marketplace_claims", "/marketplace/claims/1041417027", "claim", "1041417027"),
        ("marketplace_fbm_stock", "/marketplace/stock/fulfillment/operations/9876", "fulfillment_operation", "9876"),
        ("marketplace_messages", "a35cf79864a845ca9a3bf6aee59bb4d7", "message", "a35cf79864a845ca9a3bf6aee59bb4d7"),
        ("items", "/global/items/CBT123", "item", "CBT123"),
        ("price_suggestion", "/marketplace/benchmarks/items/MLM1/details", "price_suggestion", "MLM1"),
        ("marketplace_cbt_item_uptin", "/marketplace/items/CBT1/migration_live_listing", "item_migration", "CBT1"),
        (
            "public_offers",
            "/seller-promotions/promotions/offer/OFFER-MLM1234567-00001/123456",
            "offer",
            "OFFER-MLM1234567-00001/123456",
        ),
        (
            "public_candidates",
            "/seller-promotions/promotions/candidate/CANDIDATE-MLM1234567-00001/123456",
            "candidate",
            "CANDIDATE-MLM1234567-00001/123456",
        ),
    ],
)
def test_a_resource_points_to_a_kind_and_a_key(topic, resource, kind, key):
    assert resource_key(topic, resource) == ResourceKey(kind, key)


def test_a_missed_notification_of_global_selling_is_read():
    entry = {
        "_id": "/marketplace/messages/5da8a1b24be30a49eb66c52a",
        "resource": "a35cf79864a845ca9a3bf6aee59bb4d7",
        "user_id": "465432224",
        "topic": "marketplace_messages",
        "request": {"data": "{}"},
        "response": {"http_code": 400},
    }
    found = Notification.from_json(entry)
    assert (found.event_id, found.user_id) == ("/marketplace/messages/5da8a1b24be30a49eb66c52a", 465432224)
    assert resource_key(found.topic, found.resource) == ResourceKey("message", "a35cf79864a845ca9a3bf6aee59bb4d7")


HOSTILE = [
    "",
    "/",
    "//evil",
    "//orders/1",
    "https://evil.example/orders/1",
    "http://169.254.169.254/",
    "@evil/orders/1",
    "/orders/../users/me",
    "/orders/1/..",
    "/orders/1/../../users/me",
    "/orders/1%2f..",
    "/orders/%31",
    "/orders/1?access_token=x",
    "/orders/1#x",
    "/orders/1;x",
    "/orders/1 ",
    " /orders/1",
    "/orders/1\n",
    "/orders/1\r\nHost: evil",
    "/orders/1\x00",
    "/orders/1\ufffd",
    "/orders/\x001",
    "/orders/١٢",
    "/orders/１２",
    "/orders/0",
    "/orders/-1",
    "/orders/1e3",
    "/orders/1.0",
    "/orders/me",
    "/orders/",
    "/orders",
    "/Orders/1",
    "\\orders\\1",
    "/orders/" + "1" * 10_000,
    "/items/mla1",
    "/items/MLA",
    "/items/MLAU1",
    "/items/ＭＬＡ1",
    "/items/MLA1/../MLA2",
    "/items/MLA1\u2028",
    "/user-products/MLA1/stock",
    "/user-products/MLAU1/stock/",
    "/shipments/46/..",
    "/x" * 5000,
    "/seller-promotions/promotions/offer/OFFER-1/me",
    "/global/orders/1",
    "{{7*7}}",
    "<script>",
]


@pytest.mark.parametrize("resource", HOSTILE)
@pytest.mark.parametrize("topic", ["orders_v2", "items", "shipments", "stock-locations", "messages", ""])
def test_a_hostile_resource_points_nowhere(topic, resource):
    assert resource_key(topic, resource) is None


@pytest.mark.parametrize(
    ("topic", "resource"),
    [("items", "/orders/1"), ("orders_v2", "/items/MLA1"), ("vis_leads", "/vis_leads/1"), ("x", "/orders/1")],
)
def test_a_topic_we_do_not_know_or_that_does_not_fit_points_nowhere(topic, resource):
    assert resource_key(topic, resource) is None


@patient
@given(words, words)
def test_resource_key_never_raises(topic, resource):
    assert resource_key(topic, resource) is None or isinstance(resource_key(topic, resource), ResourceKey)
