from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from mercadolibre import errors
from mercadolibre.notifications import MissedPage
from mercadolibre.resources import UserProductStock
from mercadolibre.warehouses import WarehouseSet
from tests.mercadolibre.canned import World
from tests.mercadolibre.payloads import an_order


def test_an_order_is_fetched_by_its_id(world):
    world.will_answer(an_order())
    assert world.client.order(2000018846999192).id == 2000018846999192
    assert world.transport.last.name == "GET /orders/2000018846999192"


def test_a_partial_order_is_usable(world):
    world.will_answer(an_order(), status=206, headers={"X-Content-Missing": "buyer, feedback"})
    assert world.client.order("2000018846999192").missing == ("buyer", "feedback")


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (lambda client: client.order(1), an_order(id=2)),
        (lambda client: client.pack(1), {"id": 2}),
        (lambda client: client.shipment(1), {"id": 2}),
        (lambda client: client.user(1), {"id": 2}),
        (lambda client: client.user_product("MLAU1"), {"id": "MLAU2"}),
        (lambda client: client.user_product_stock("MLAU1"), {"id": "MLAU2"}),
        (lambda client: client.user_product_family("MLA", 1), {"family_id": 2}),
        (lambda client: client.prices("MLA1"), {"id": "MLA2"}),
        (lambda client: client.price_to_win("MLA1"), {"item_id": "MLA2"}),
        (lambda client: client.fulfillment_stock("ABCD1"), {"inventory_id": "ABCD2"}),
        (lambda client: client.fulfillment_operation(1), {"id": 2}),
        (lambda client: client.migration("MLA1"), {"item_id": "MLA2"}),
    ],
)
def test_an_answer_about_something_else_is_refused(world, call, body):
    world.will_answer(body)
    with pytest.raises(errors.WrongResource):
        call(world.client)


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.order("1/../users/me"),
        lambda client: client.order(0),
        lambda client: client.order(-1),
        lambda client: client.order("１"),
        lambda client: client.order(True),
        lambda client: client.pack("1\n"),
        lambda client: client.shipment(1.0),
        lambda client: client.user("me"),
        lambda client: client.user_product("MLA1"),
        lambda client: client.user_product_stock("MLAU1/x"),
        lambda client: client.set_selling_address_stock("MLAU", 1, 1),
        lambda client: client.user_product_family("ML", 1),
        lambda client: client.fulfillment_stock("../x"),
        lambda client: client.fulfillment_operation("x"),
        lambda client: client.migration("MLA1/x"),
        lambda client: client.shipment_orders("x"),
        lambda client: client.listing_prices("MLAX", Decimal(1), "gold_pro", "MLA1"),
        lambda client: client.revoke(5, "x"),
        lambda client: client.scan_items("55x"),
        lambda client: client.stores(None),
        lambda client: client.missed_feeds("x"),
        lambda client: client.missed_feeds(1, site_id="x"),
    ],
)
def test_keys_of_another_shape_are_refused_before_anything_is_sent(world, call):
    with pytest.raises(ValueError, match="not a"):
        call(world.client)
    assert world.transport.asked == []


def test_a_search_for_changed_orders_is_widened_to_whole_hours(world):
    world.will_answer({"results": [], "paging": {"total": 0, "offset": 0, "limit": 50}})
    buenos_aires = timezone(-timedelta(hours=3))
    world.client.search_orders(
        55, datetime(2026, 10, 7, 10, 59, tzinfo=buenos_aires), datetime(2026, 10, 7, 14, 0, 1, tzinfo=UTC), offset=50
    )
    assert world.transport.last_query == {
        "seller": "55",
        "order.date_last_updated.from": "2026-10-07T13:00:00.000-00:00",
        "order.date_last_updated.to": "2026-10-07T15:00:00.000-00:00",
        "sort": "date_asc",
        "offset": "50",
        "limit": "50",
    }


def test_a_whole_hour_stays_as_it_is_and_an_open_end_is_left_out(world):
    world.will_answer({"results": [{"id": 1}]})
    page = world.client.search_orders(55, date_last_updated_from=datetime(2026, 10, 7, 13, tzinfo=UTC))
    assert page.ids == (1,)
    assert world.transport.last_query["order.date_last_updated.from"] == "2026-10-07T13:00:00.000-00:00"
    assert "order.date_last_updated.to" not in world.transport.last_query


@pytest.mark.parametrize(
    ("moment", "offset", "limit"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), 0, 51),
        (datetime(2026, 1, 1, tzinfo=UTC), 10_001, 50),
        (datetime(2026, 1, 1), 0, 50),
    ],
)
def test_a_search_ml_would_not_honour_is_refused(world, moment, offset, limit):
    with pytest.raises(ValueError, match=r"a page|a zone"):
        world.client.search_orders(55, moment, offset=offset, limit=limit)
    assert world.transport.asked == []


def test_shipments_are_asked_for_in_the_new_format(world):
    world.will_answer({"id": 46, "logistic": {"type": "fulfillment"}})
    assert world.client.shipment(46).is_full
    assert world.transport.last.headers == {"x-format-new": "true"}


def test_an_order_just_made_has_no_shipments_to_show_yet(world):
    world.will_answer(b"", status=204)
    assert world.client.order_shipments(2001) is None
    assert (world.transport.last.name, world.transport.last.headers) == (
        "GET /orders/2001/shipments",
        {"X-New-Domain": "true"},
    )


def test_a_shipment_tells_its_orders(world):
    lines = [
        {"order_id": "2001", "pack_id": "5", "item_id": "MLA1", "variation_id": None, "requested_quantity": 2},
        {"order_id": 2002, "user_product_id": "MLAU7", "seller_id": 55, "quantity": 1},
        {"id": 2003},
    ]
    world.will_answer(lines)
    found = world.client.shipment_orders(46)
    assert [(one.order_id, one.pack_id, one.item_id, one.quantity) for one in found] == [
        (2001, 5, "MLA1", 2),
        (2002, None, None, 1),
        (2003, None, None, None),
    ]
    assert (world.transport.last.name, world.transport.last.headers) == (
        "GET /shipments/46/orders",
        {"X-New-Domain": "true"},
    )
    world.will_answer(b"", status=204)
    assert world.client.shipment_orders(46) == ()


@pytest.mark.parametrize("body", [{}, {"results": []}, [{"item_id": "MLA1"}]])
def test_orders_of_a_shipment_that_cannot_be_read_are_a_bad_response(world, body):
    world.will_answer(body)
    with pytest.raises(errors.BadResponse):
        world.client.shipment_orders(46)


def test_an_old_listing_leads_to_those_that_took_its_place(world):
    made = {"new_item_id": "MLA9", "variation_id": "45674567", "migration_status": "created"}
    coming = {"new_item_id": None, "variation_id": 987654, "migration_status": "pending"}
    body = {"item_id": "MLA1", "migration_completed": "2026-07-30T16:22:53Z", "activation_completed": None}
    world.will_answer({**body, "new_items": [made, coming]})
    found = world.client.migration("MLA1")
    assert [(one.variation_id, one.item_id, one.status) for one in found.successors] == [
        (45674567, "MLA9", "created"),
        (987654, None, "pending"),
    ]
    assert (found.migrated_at, found.activated_at) == (datetime(2026, 7, 30, 16, 22, 53, tzinfo=UTC), None)
    assert world.transport.last.name == "GET /items/MLA1/migration_live_listing"


@pytest.mark.parametrize("body", [{"messages": None}, {"messages": []}, b""])
def test_missed_feeds_end_with_null(world, body):
    world.will_answer(body)
    assert world.client.missed_feeds(123, topic="items", site_id="MLA", offset=50) == MissedPage((), 0)
    assert world.transport.last_query == {
        "app_id": "123",
        "offset": "50",
        "limit": "50",
        "topic": "items",
        "site_id": "MLA",
    }


def test_a_missed_feed_that_cannot_be_read_does_not_hide_the_others(world):
    world.will_answer({"messages": [{"_id": "a"}, None, {"_id": "b", "topic": "items", "resource": "/items/MLA1"}]})
    page = world.client.missed_feeds(123)
    assert ([one.event_id for one in page.notifications], page.entries) == (["b"], 3)


@pytest.mark.parametrize("body", [{}, {"messages": "x"}, "x"])
def test_missed_feeds_of_another_shape_are_not_taken_for_the_end(world, body):
    world.will_answer(body)
    with pytest.raises(errors.BadResponse):
        world.client.missed_feeds(123)


def test_the_version_of_stock_is_read_from_its_header_and_sent_back(world):
    world.will_answer({"id": "MLAU1", "locations": []}, headers={"X-Version": "17"})
    stock = world.client.user_product_stock("MLAU1")
    assert (stock.version, stock.locations) == (17, ())

    world.will_answer({"id": "MLAU1"})
    world.client.set_seller_warehouse_stock(WarehouseSet.from_stock(stock, {"100": "MXP1"}).with_quantity("100", 10))
    assert world.transport.last.name == "PUT /user-products/MLAU1/stock/type/seller_warehouse"
    assert world.transport.last.headers == {"x-version": "17"}
    assert world.transport.last.json == {"locations": [{"store_id": "100", "network_node_id": "MXP1", "quantity": 10}]}


A_STOCK = UserProductStock("MLAU1", None, (), None, 1)


@pytest.mark.parametrize(("version", "headers"), [(3, {"x-version": "3"}), (None, {})])
def test_stock_at_the_selling_address_is_taken_in_and_applied_later(world, version, headers):
    world.will_answer(b"", status=204)
    result = world.client.set_selling_address_stock("MLAU1", version, 4)
    assert (result.status, world.transport.last.json, world.transport.last.headers) == (204, {"quantity": 4}, headers)


def test_stock_that_changed_meanwhile_is_a_version_mismatch(world):
    world.will_answer({"message": "Version mismatch", "status": 409}, status=409)
    with pytest.raises(errors.VersionMismatch):
        world.client.set_selling_address_stock("MLAU1", 3, 4)


@pytest.mark.parametrize(
    "write",
    [
        lambda client: client.set_seller_warehouse_stock(WarehouseSet.from_stock(A_STOCK, {"1": None})),
        lambda client: client.set_selling_address_stock("MLAU1", 1, 1),
    ],
)
def test_no_stock_is_written_while_the_switch_is_off(write):
    world = World(may_write=False)
    with pytest.raises(errors.WritesDisabled):
        write(world.client)
    assert world.transport.asked == []


def test_a_grant_can_be_revoked_while_writing_is_off():
    world = World(may_write=False)
    world.will_answer({"user_id": 55, "app_id": 123, "msg": "Autorización eliminada"})
    world.client.revoke(55, 123)
    assert world.transport.last.name == "DELETE /users/55/applications/123"


def test_all_pages_of_warehouses_are_read(world):
    for first, count in ((0, 50), (50, 10)):
        stores = [{"id": str(n), "status": "active"} for n in range(first, first + count)]
        world.will_answer({"results": stores, "paging": {"limit": 50, "total": 60}})
    stores = world.client.stores(55)
    assert [store.id for store in stores] == [str(n) for n in range(60)]
    assert [dict(request.query)["offset"] for request in world.transport.asked] == ["0", "50"]


def test_a_page_of_warehouses_that_comes_back_ends_the_reading(world):
    for _ in range(30):
        world.will_answer({"results": [{"id": "1"}], "paging": {"total": 1000}})
    assert len(world.client.stores(55)) == 1
    assert len(world.transport.asked) == 2


def test_full_stock_is_read(world):
    detail = [{"status": "damage", "quantity": 2}]
    world.will_answer({"inventory_id": "ABCD1", "total": 12, "available_quantity": 10, "not_available_detail": detail})
    stock = world.client.fulfillment_stock("ABCD1")
    assert (stock.total, stock.available_quantity, stock.not_available_detail) == (12, 10, (("damage", 2),))


def test_the_fee_of_a_sale_is_asked_for_at_a_price(world):
    world.will_answer({"listing_type_id": "gold_pro", "currency_id": "ARS", "sale_fee_amount": 1071.23})
    fees = world.client.listing_prices("MLA", Decimal("1500.50"), "gold_pro", "MLA3561")
    assert [(fee.listing_type_id, fee.sale_fee_amount) for fee in fees] == [("gold_pro", Decimal("1071.23"))]
    assert world.transport.last_query == {"price": "1500.50", "listing_type_id": "gold_pro", "category_id": "MLA3561"}


def test_prices_and_catalog_competition_are_read(world):
    world.will_answer({"amount": 10.5, "currency_id": "ARS"})
    assert world.client.sale_price("MLA1").amount == Decimal("10.5")
    world.will_answer({"item_id": "MLA1", "status": "competing", "price_to_win": 99, "winner": {"price": 98.5}})
    found = world.client.price_to_win("MLA1")
    assert (found.status, found.price_to_win, found.winner_price) == ("competing", Decimal(99), Decimal("98.5"))
    assert world.transport.last_query == {"version": "v2"}


def test_me_is_the_user_of_the_token(world):
    world.will_answer({"id": 55, "nickname": "TIENDA", "site_id": "MLA", "tags": ["normal"]})
    assert world.client.me().nickname == "TIENDA"


def test_what_the_transport_raises_is_not_swallowed(world):
    world.transport.answers.append(errors.TimedOut("ReadTimeout", request="GET /users/me"))
    with pytest.raises(errors.TimedOut):
        world.client.me()
