import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mercadolibre.encoding import parse_json
from mercadolibre.fields import Malformed
from mercadolibre.resources import (
    Application,
    Item,
    ItemPage,
    Order,
    OrderPage,
    Pack,
    PriceToWin,
    SalePrice,
    ScanPage,
    Shipment,
    Store,
    Token,
    User,
    UserProduct,
    UserProductStock,
)
from mercadolibre.resources.shipments import shipment_links
from tests.mercadolibre.payloads import RED, an_item, an_item_in_three_colours, an_order


def from_wire(cls, body):
    """As the client reads it: through JSON, so that amounts arrive as they do from ML."""
    return cls.from_json(parse_json(json.dumps(body).encode()))


def floats_in(value):
    if isinstance(value, dict | list | tuple):
        parts = value.values() if isinstance(value, dict) else value
        return [found for part in parts for found in floats_in(part)]
    return [value] if isinstance(value, float) else floats_in(vars(value)) if hasattr(value, "__dict__") else []


@pytest.mark.parametrize(("cls", "body"), [(Item, an_item_in_three_colours()), (Order, an_order())])
def test_money_is_never_float(cls, body):
    assert floats_in(from_wire(cls, body)) == []


@pytest.mark.parametrize(("cls", "body"), [(Item, an_item(price=10.5)), (Order, an_order(total_amount=1.5))])
def test_an_amount_that_was_a_float_before_is_refused(cls, body):
    with pytest.raises(Malformed, match="float"):
        cls.from_json(body)


def test_an_item_is_read():
    item = from_wire(Item, an_item())
    assert (item.id, item.status, item.price, item.currency_id) == ("MLA100", "active", Decimal("1500.5"), "ARS")
    assert (item.available_quantity, item.sold_quantity, item.seller_id) == (7, 3, 55)
    assert (item.shipping_mode, item.logistic_type, item.shipping_tags) == (
        "me2",
        "cross_docking",
        ("self_service_in",),
    )
    assert (item.seller_sku, item.gtins) == ("0042", ("7790000000012", "7790000000029"))
    assert item.date_created == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert [(one.id, one.stock_relation) for one in item.item_relations] == [("MLA200", 1)]
    assert (item.variations, item.is_complete, item.read_at) == ((), True, None)


def test_a_variation_is_read_with_its_own_sku():
    variation = from_wire(Item, an_item_in_three_colours()).variations[0]
    assert (variation.id, variation.price, variation.available_quantity) == (RED, Decimal(900), 4)
    assert (variation.seller_sku, variation.user_product_id) == (f"MUG-{RED}", "MLAU7")
    assert (variation.combinations, variation.picture_ids) == ((("Color", "Rojo"),), ("1-MLA1",))


@pytest.mark.parametrize(
    ("attribute", "gtins"),
    [
        ({"value_name": "779,780"}, ("779", "780")),
        ({"value_name": "779, 779"}, ("779",)),
        ({"value_name": "a,b", "values": [{"name": "779"}, {"name": "780,781"}]}, ("779", "780", "781")),
        ({"value_id": "-1", "value_name": None, "values": [{"id": "-1", "name": None}]}, ()),
        ({"value_name": None, "values": None}, ()),
    ],
)
def test_gtins_are_split(attribute, gtins):
    assert from_wire(Item, an_item(attributes=[{"id": "GTIN", **attribute}])).gtins == gtins


def test_keys_nobody_knows_pass_and_stay_in_raw():
    item = from_wire(Item, an_item(brand_new={"a": 1}))
    assert item.raw["brand_new"] == {"a": 1}
    assert "brand_new" not in repr(item)


def test_a_bare_item_is_read_with_nothing_but_its_id():
    item = from_wire(Item, {"id": "MLA1"})
    assert (item.id, item.price, item.tags, item.status, item.is_complete) == ("MLA1", None, (), "", False)


@pytest.mark.parametrize(
    "changes",
    [{"id": None}, {"variations": [{"price": 1}]}, {"variations": [None]}, {"variations": [{"id": "x"}]}],
)
def test_an_item_with_a_variation_that_cannot_be_read_is_not_read_at_all(changes):
    with pytest.raises(Malformed):
        from_wire(Item, an_item(**changes))


@pytest.mark.parametrize(
    ("body", "missing", "complete"),
    [
        (an_item(), (), True),
        (an_item(), ("description",), True),
        (an_item(), ("variations",), False),
        (an_item(), ("variations.attributes",), False),
        (an_item(variations=None), (), False),
        (an_item(variations=[{"id": 1}, {"id": 1}]), (), False),
    ],
)
def test_an_item_is_complete_only_when_its_variations_are_surely_all_there(body, missing, complete):
    read = parse_json(json.dumps(body).encode())
    assert Item.from_json(read, missing=missing).is_complete is complete


def test_an_order_is_read():
    order = from_wire(Order, an_order())
    assert (order.id, order.status, order.pack_id, order.shipping_id) == (2000018846999192, "paid", None, 48195928176)
    assert (order.buyer_id, order.buyer_nickname, order.seller_id, order.site_id) == (9, "COMPRADOR", 55, "MLA")
    assert order.last_updated == datetime(2026, 10, 7, 13, 44, 7, tzinfo=UTC)
    line = order.lines[0]
    assert (line.item_id, line.variation_id, line.seller_sku, line.quantity) == ("MLA100", RED, "010343941977", 2)
    assert (line.unit_price, line.sale_fee, line.node_id) == (Decimal("18535.0"), Decimal("1071.23"), "ARP41")
    assert (order.mediations, order.cancel_detail, order.is_test) == ((77,), None, False)


def test_approved_payments_are_summed_and_refused_attempts_are_not():
    order = from_wire(Order, an_order())
    assert order.approved_total == Decimal("42443.7") == order.paid_amount


@pytest.mark.parametrize(
    ("stock", "node_id", "store_id"),
    [
        (None, None, None),
        ({"store_id": "7", "node_id": "ARP41"}, "ARP41", "7"),
        ([{"store_id": "7", "network_node_id": "ARP41"}], "ARP41", "7"),
        ([], None, None),
    ],
)
def test_the_place_of_a_line_comes_as_object_array_or_null(stock, node_id, store_id):
    lines = [{**an_order()["order_items"][0], "stock": stock}]
    line = from_wire(Order, an_order(order_items=lines)).lines[0]
    assert (line.node_id, line.store_id) == (node_id, store_id)


@pytest.mark.parametrize("lines", [[], None, [{"item": {"id": "MLA1"}}], [{"item": {}, "quantity": 1}]])
def test_an_order_without_readable_lines_is_not_read(lines):
    with pytest.raises(Malformed):
        from_wire(Order, an_order(order_items=lines))


def test_a_cancelled_order_says_why():
    detail = {
        "group": "internal",
        "code": "pack_splitted",
        "requested_by": "meli",
        "date": "2026-06-09T15:51:15.000-04:00",
    }
    cancelled = from_wire(Order, an_order(status="cancelled", cancel_detail=detail)).cancel_detail
    assert (cancelled.group, cancelled.code, cancelled.requested_by) == ("internal", "pack_splitted", "meli")
    assert cancelled.date == datetime(2026, 6, 9, 19, 51, 15, tzinfo=UTC)


def test_changed_orders_carry_the_moment_the_filter_works_on():
    results = [
        {"id": 1, "date_last_updated": "2026-10-06T23:15:53+00:00", "last_updated": "2026-06-09T15:51:15.000-04:00"}
    ]
    page = from_wire(OrderPage, {"results": results, "paging": {"total": 9, "offset": 0, "limit": 50}})
    assert (page.ids, page.total) == ((1,), 9)
    assert page.orders[0].date_last_updated == datetime(2026, 10, 6, 23, 15, 53, tzinfo=UTC)


def test_global_selling_groups_orders_by_cart_and_the_inner_ids_count():
    assert from_wire(OrderPage, {"results": [{"id": 7, "orders": [{"id": 1}, {"id": 2}]}]}).ids == (1, 2)


@pytest.mark.parametrize("cls", [OrderPage, ItemPage, ScanPage])
def test_a_page_without_results_is_not_taken_for_an_empty_one(cls):
    for body in ({}, {"results": None}, []):
        with pytest.raises(Malformed):
            from_wire(cls, body)


OLD = {
    "id": 46, "status": "ready_to_ship", "substatus": "printed", "mode": "me2", "logistic_type": "self_service",
    "type": "forward", "order_id": 2001, "site_id": "MLB", "sender_address": {"node": {"node_id": "BRP1"}},
    "shipping_option": {"estimated_handling_limit": {"date": "2024-06-10T00:00:00.000-03:00"}},
    "date_created": "2024-06-07T16:07:56.000-04:00", "tracking_number": "46",
}  # fmt: skip
NEW = {
    "id": 46, "status": "ready_to_ship", "substatus": "printed",
    "logistic": {"mode": "me2", "type": "self_service", "direction": "forward"}, "source": {"site_id": "MLB"},
    "origin": {"shipping_address": {"node": {"node_id": "BRP1"}}},
    "lead_time": {"estimated_handling_limit": {"date": "2024-06-10T00:00:00.000-03:00"}},
    "date_created": "2024-06-07T16:07:56.000-04:00", "tracking_number": "46",
}  # fmt: skip


@pytest.mark.parametrize(("body", "order_id"), [(OLD, 2001), (NEW, None)])
def test_both_formats_of_a_shipment_say_the_same(body, order_id):
    shipment = from_wire(Shipment, body)
    assert (shipment.status, shipment.substatus, shipment.tracking_number) == ("ready_to_ship", "printed", "46")
    assert (shipment.mode, shipment.logistic_type, shipment.direction) == ("me2", "self_service", "forward")
    assert (shipment.site_id, shipment.node_id, shipment.order_id) == ("MLB", "BRP1", order_id)
    assert shipment.handling_limit == datetime(2024, 6, 10, 3, tzinfo=UTC)
    assert (shipment.buffering_date, shipment.is_full) == (None, False)


@pytest.mark.parametrize(
    ("body", "links"),
    [
        (None, None),
        ([{"id": 1, "type": "return"}, {"id": 2, "type": "forward"}], [(1, "return"), (2, "forward")]),
        ({"id": 3, "type": "forward", "status": "delivered"}, [(3, "forward")]),
        ([], []),
    ],
)
def test_an_orders_shipments_come_as_list_object_or_not_yet(body, links):
    found = shipment_links(body)
    assert (found if found is None else [(one.id, one.type) for one in found]) == links


def test_a_pack_lists_its_orders():
    pack = from_wire(Pack, {"id": 5, "status": "released", "orders": [{"id": 1}, {"id": 2}], "shipment": {"id": 9}})
    assert (pack.id, pack.order_ids, pack.shipment_id) == (5, (1, 2), 9)


def test_stock_is_read_with_the_version_of_its_header():
    body = {"id": "MLAU1", "user_id": 5, "locations": [{"type": "selling_address", "quantity": 2}]}
    stock = UserProductStock.from_json(body, version=12)
    assert (stock.user_product_id, stock.version) == ("MLAU1", 12)
    assert [(place.type, place.quantity, place.store_id) for place in stock.locations] == [("selling_address", 2, None)]


def test_a_place_without_a_quantity_makes_the_stock_unreadable():
    with pytest.raises(Malformed, match="quantity"):
        UserProductStock.from_json({"id": "MLAU1", "locations": [{"type": "selling_address"}]})


def test_a_store_tells_what_it_can_serve():
    body = {"id": "100", "user_id": "200", "status": "active", "services": {"stock_location": ["cross_docking"]}}
    store = from_wire(Store, body)
    assert (store.id, store.user_id, store.services) == ("100", 200, ("cross_docking",))


def test_a_user_products_sku_is_in_the_values_alone():
    attributes = [{"id": "SELLER_SKU", "values": [{"id": None, "name": "0042"}]}]
    assert from_wire(UserProduct, {"id": "MLAU1", "attributes": attributes}).seller_sku == "0042"


def test_a_users_tags_say_how_stock_is_kept():
    user = from_wire(User, {"id": 5, "tags": ["user_product_seller", "warehouse_management"]})
    assert (user.uses_user_products, user.keeps_stock_by_warehouse, user.may_have_several_warehouses) == (
        True,
        True,
        False,
    )


def test_an_item_not_in_the_catalog_has_no_price_to_win():
    body = {
        "item_id": "MLA1",
        "status": "not_listed",
        "price_to_win": None,
        "reason": ["item_not_opted_in"],
        "boosts": None,
    }
    found = from_wire(PriceToWin, body)
    assert (found.status, found.price_to_win, found.reasons, found.winner_price) == (
        "not_listed",
        None,
        ("item_not_opted_in",),
        None,
    )


def test_a_promotion_shows_in_the_sale_price():
    body = {"amount": 1509999.0, "regular_amount": 2381471.0, "metadata": {"promotion_type": "custom"}}
    price = from_wire(SalePrice, body)
    assert (price.amount, price.regular_amount, price.promotion_type) == (Decimal(1509999), Decimal(2381471), "custom")


def test_nothing_that_holds_a_secret_shows_it():
    token = from_wire(Token, {"access_token": "hush", "refresh_token": "hush", "expires_in": 21600, "user_id": 5})
    application = from_wire(Application, {"id": 1, "secret_key": "hush"})
    assert "hush" not in repr(token) + str(token) + repr(application)
    assert "hush" not in str(vars(application))


@pytest.mark.parametrize("changes", [{"access_token": None}, {"expires_in": None}, {"expires_in": 0}, {"user_id": "x"}])
def test_a_token_answer_without_what_we_need_is_refused(changes):
    with pytest.raises(Malformed):
        from_wire(Token, {"access_token": "a", "expires_in": 21600, "user_id": 5, **changes})
