import inspect
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mercadolibre import errors
from mercadolibre.checks import Package
from mercadolibre.client import Client, GlobalClient, VariationSet, client_class
from mercadolibre.resources import Item, Marketplace
from mercadolibre.variations import NewVariation
from tests.mercadolibre.canned import World
from tests.mercadolibre.global_payloads import (
    LISTING,
    PARENT,
    a_global_order,
    a_listing,
    a_parent,
    a_parent_in_two_colours,
)
from tests.mercadolibre.payloads import BLUE, RED


@pytest.fixture
def world():
    return World(client_class=GlobalClient)


@pytest.mark.parametrize(("site_id", "kind"), [("CBT", GlobalClient), ("MLM", Client), ("", Client), ("XXX", Client)])
def test_the_site_of_a_seller_chooses_the_client(site_id, kind):
    assert client_class(site_id) is kind


def test_a_seller_has_a_number_on_each_marketplace(world):
    there = {"user_id": 801, "site_id": "MLM", "logistic_type": "remote"}
    world.will_answer({"user_id": 55, "site_id": "CBT", "marketplaces": [there]})
    (account,) = world.client.marketplaces(55)
    assert (account.user_id, account.site_id, account.logistic_type) == (801, "MLM", "remote")
    assert world.transport.last.name == "GET /marketplace/users/55"


@pytest.mark.parametrize("body", [{}, {"marketplaces": None}, {"marketplaces": [{"site_id": "MLM"}]}])
def test_an_answer_without_marketplaces_is_not_taken_for_none(world, body):
    world.will_answer(body)
    with pytest.raises(errors.BadResponse):
        world.client.marketplaces(55)


CALLS = sorted(name for name in dir(Client) if not name.startswith("_") and callable(getattr(Client, name)))


@pytest.mark.parametrize("name", CALLS)
def test_whoever_has_a_client_need_not_know_which_of_the_two_it_is(name):
    local = inspect.signature(getattr(Client, name)).parameters
    global_ = inspect.signature(getattr(GlobalClient, name)).parameters
    assert list(global_.values())[: len(local)] == list(local.values())
    assert all(one.default is not inspect.Parameter.empty for one in list(global_.values())[len(local) :])


# --- items ------------------------------------------------------------------------------------------------------------


def test_a_parent_is_read_with_its_listings(world, read):
    item = read(a_parent())
    assert (world.transport.last.name, world.transport.last_query) == (
        "GET /global/items/CBT700",
        {"include_attributes": "all"},
    )
    assert (item.is_global, item.parent_item_id, item.price) == (True, None, Decimal("24.5"))
    assert [(one.item_id, one.site_id, one.user_id, one.logistic_type) for one in item.marketplace_items] == [
        (LISTING, "MLM", 801, "remote"),
        ("MLB702", "MLB", 802, "remote"),
    ]


def test_a_listing_is_read_by_its_own_path_and_knows_its_parent(world, read):
    item = read(a_listing())
    assert world.transport.last.name == "GET /marketplace/items/MLM701"
    assert (item.is_global, item.parent_item_id, item.net_proceeds) == (False, PARENT, Decimal("13.75"))


@pytest.mark.parametrize(
    ("changes", "parent"),
    [
        ({"cbt_item_id": "", "parent_item_id": PARENT}, PARENT),
        ({"cbt_item_id": None, "parent_id": PARENT}, PARENT),
        ({"cbt_item_id": None, "parent_item_id": "MLM1"}, None),
        ({"cbt_item_id": 5}, None),
    ],
)
def test_only_a_global_item_is_a_parent(read, changes, parent):
    assert read(a_listing(**changes)).parent_item_id == parent


@pytest.mark.parametrize(("value", "amount"), [(45, Decimal(45)), ({"amount": 9.5}, Decimal("9.5")), (None, None)])
def test_net_proceeds_come_as_a_number_or_an_object(read, value, amount):
    assert read(a_listing(net_proceeds=value)).net_proceeds == amount


def test_many_items_are_read_one_by_one_and_a_missing_one_is_none(world):
    world.will_answer(a_parent())
    world.will_answer({"message": "Item with id CBT1 not found", "error": "not_found"}, status=404)
    found = world.client.items([PARENT, "CBT1", PARENT])
    assert {item_id: item and item.id for item_id, item in found.items()} == {PARENT: PARENT, "CBT1": None}
    assert [one.name for one in world.transport.asked] == ["GET /global/items/CBT700", "GET /global/items/CBT1"]


def test_more_than_twenty_items_ask_nothing(world):
    with pytest.raises(ValueError, match="at most 20"):
        world.client.items(f"CBT{n}" for n in range(21))
    assert world.transport.asked == []


def test_one_number_of_units_is_for_all_sites_and_an_empty_answer_is_no_error(world, read):
    item = read(a_parent())
    world.will_answer({})
    result = world.client.set_quantity(item, 55)
    assert (world.transport.last.name, world.transport.last_body) == (
        "PUT /global/items/CBT700",
        '{"available_quantity":55}',
    )
    assert (result.status, result.warnings) == (200, ())


def test_stock_of_a_parent_with_variations_names_all_of_them(world, read):
    item = read(a_parent_in_two_colours())
    world.will_answer({})
    world.client.set_quantity(item, VariationSet.from_item(item).with_quantity(BLUE, 8))
    assert json.loads(world.transport.last_body) == {"variations": [{"id": RED}, {"id": BLUE, "available_quantity": 8}]}


def test_a_listings_stock_is_its_parents(world, read):
    item = read(a_listing())
    with pytest.raises(ValueError, match="parent"):
        world.client.set_quantity(item, 5)
    assert len(world.transport.asked) == 1


def test_a_price_is_in_dollars_whatever_the_listing_shows(world, read):
    item = read(a_listing(currency_id="CLP"))
    world.will_answer({})
    world.client.set_price(item, Decimal("68.504"))
    assert (world.transport.last.name, world.transport.last_body) == ("PUT /global/items/MLM701", '{"price":68.50}')


@pytest.mark.parametrize(
    ("write", "body"),
    [
        (lambda client, item: client.set_price(item, Decimal("72.99")), '{"price":72.99}'),
        (
            lambda client, item: client.set_price(item, Decimal("68.5"), on=Marketplace("MLC", "remote")),
            '{"site_id":"MLC","logistic_type":"remote","price":68.50}',
        ),
        (lambda client, item: client.set_status(item, "paused"), '{"status":"paused"}'),
        (
            lambda client, item: client.set_status(item, "active", on=Marketplace("MLC", "fulfillment")),
            '{"site_id":"MLC","logistic_type":"fulfillment","status":"active"}',
        ),
    ],
)
def test_a_change_is_for_all_marketplaces_or_for_the_one_named(world, read, write, body):
    item = read(a_parent())
    world.will_answer({})
    write(world.client, item)
    assert (world.transport.last.name, world.transport.last_body) == ("PUT /global/items/CBT700", body)


def test_one_price_goes_to_every_variation(world, read):
    item = read(a_parent_in_two_colours())
    world.will_answer({})
    world.client.set_price(item, Decimal("10.5"))
    assert world.transport.last_body == (
        f'{{"variations":[{{"id":{RED},"price":10.50}},{{"id":{BLUE},"price":10.50}}]}}'
    )


@pytest.mark.parametrize(
    ("body", "changes", "sent"),
    [
        (
            a_parent_in_two_colours(),
            {"on": Marketplace("MLC", "remote")},
            {"site_id": "MLC", "logistic_type": "remote"},
        ),
        (a_listing(variations=[{"id": 88}, {"id": 90}]), {}, {}),
    ],
)
def test_one_marketplaces_price_names_no_variations_so_none_can_be_left_out(world, read, body, changes, sent):
    item = read(body)
    world.will_answer({})
    world.client.set_price(item, Decimal(12), **changes)
    assert world.transport.last.json == {**sent, "price": 12}


def test_net_proceeds_are_set_on_a_listing(world, read):
    item = read(a_listing())
    world.will_answer({})
    world.client.set_net_proceeds(item, Decimal(45))
    assert (world.transport.last.name, world.transport.last_body) == ("PUT /global/items/MLM701", '{"net_proceeds":45}')


PICTURES = '{"pictures":[{"id":"1-CBT"},{"source":"https://example.com/2.jpg"}]}'


@pytest.mark.parametrize(
    ("write", "body"),
    [
        (lambda client, item: client.set_title(item, "Mate"), '{"title":"Mate"}'),
        (lambda client, item: client.set_pictures(item, ["1-CBT"], ["https://example.com/2.jpg"]), PICTURES),
        (
            lambda client, item: client.set_package(item, Package(*map(Decimal, ("15", "10.5", "20", "400")))),
            '{"attributes":[{"id":"PACKAGE_WIDTH","value_name":"15 cm"},{"id":"PACKAGE_HEIGHT","value_name":"10.5 cm"},'
            '{"id":"PACKAGE_LENGTH","value_name":"20 cm"},{"id":"PACKAGE_WEIGHT","value_name":"400 g"}]}',
        ),
    ],
)
def test_words_pictures_and_package_of_a_parent(world, read, write, body):
    item = read(a_parent())
    world.will_answer({})
    write(world.client, item)
    assert (world.transport.last.name, world.transport.last_body) == ("PUT /global/items/CBT700", body)


def test_a_new_variation_names_all_that_there_are(world, read):
    item = read(a_parent_in_two_colours())
    world.will_answer({})
    world.client.add_variation(item, NewVariation({"COLOR": "Green"}, 3))
    assert world.transport.last.json["variations"] == [
        {"id": RED},
        {"id": BLUE},
        {"attribute_combinations": [{"id": "COLOR", "value_name": "Green"}], "available_quantity": 3},
    ]


@pytest.mark.parametrize("status", ["paused", "closed"])
def test_a_listing_at_rest_may_be_deleted(world, read, status):
    item = read(a_listing(status=status))
    world.will_answer({})
    world.client.set_status(item, "deleted")
    assert world.transport.last_body == '{"status":"deleted"}'


MLC = Marketplace("MLC", "remote")


@pytest.mark.parametrize(
    ("body", "write"),
    [
        (a_listing(), lambda client, item: client.set_price(item, Decimal(5), on=MLC)),
        (a_listing(), lambda client, item: client.set_status(item, "paused", on=MLC)),
        (a_listing(), lambda client, item: client.set_status(item, "deleted")),
        (a_listing(), lambda client, item: client.set_status(item, "closed")),
        (a_parent(status="paused"), lambda client, item: client.set_status(item, "deleted")),
        (a_parent(), lambda client, item: client.set_status(item, "closed")),
        (a_parent(), lambda client, item: client.set_price(item, Decimal(0))),
        (a_parent(), lambda client, item: client.set_net_proceeds(item, Decimal(5))),
        (a_parent(), lambda client, item: client.set_package(item, Package(width=Decimal(5)))),
        (a_listing(), lambda client, item: client.set_package(item, Package())),
        (a_parent(), lambda client, item: client.set_pictures(item, [], [])),
        (a_listing(), lambda client, item: client.add_variation(item, NewVariation({"COLOR": "Green"}, 3))),
        (a_listing(), lambda client, item: client.set_net_proceeds(item, Decimal(0))),
    ],
)
def test_what_ml_would_refuse_or_misread_is_not_sent(world, read, body, write):
    item = read(body)
    with pytest.raises(ValueError, match=r"listing|status|parent|range|measures"):
        write(world.client, item)
    assert len(world.transport.asked) == 1


@pytest.mark.parametrize(("site_id", "logistic_type"), [("MLA", "remote"), ("MLC", "cross_docking"), ("INVALID", "")])
def test_a_marketplace_is_one_that_sells_across_borders(site_id, logistic_type):
    with pytest.raises(ValueError, match="not a marketplace"):
        Marketplace(site_id, logistic_type)


WRITES = {
    "quantity": lambda client, item: client.set_quantity(item, 5),
    "price": lambda client, item: client.set_price(item, Decimal(5), on=MLC),
    "status": lambda client, item: client.set_status(item, "paused"),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_parent_read_ten_seconds_ago_is_not_written(world, read, write):
    item = read(a_parent())
    world.now += 10.0
    with pytest.raises(errors.StaleRead):
        write(world.client, item)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_nothing_is_written_while_the_switch_is_off(write):
    world = World(may_write=False, client_class=GlobalClient)
    world.will_answer(a_parent())
    item = world.client.item(PARENT)
    with pytest.raises(errors.WritesDisabled):
        write(world.client, item)


def test_a_parent_whose_variations_are_not_surely_known_gets_no_stock(world):
    world.will_answer(a_parent(), status=206, headers={"X-Content-Missing": "variations"})
    item = world.client.item(PARENT)
    with pytest.raises(errors.IncompleteVariations):
        world.client.set_quantity(item, 5)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, {"message": "Item with id CBT1 not found", "error": "not_found"}, errors.NotFound),
        (403, {"message": "At least one policy returned UNAUTHORIZED."}, errors.PolicyDenied),
        (422, {"message": "The submitted dimensions and/or weights do not correspond"}, errors.Rejected),
        (429, b"", errors.RateLimited),
    ],
)
def test_a_refusal_is_an_error_of_the_tree(world, read, status, body, kind):
    item = read(a_parent())
    world.will_answer(body, status=status)
    with pytest.raises(kind):
        world.client.set_quantity(item, 5)


# --- orders -----------------------------------------------------------------------------------------------------------


def test_an_order_is_an_order_of_the_parents_stock(world):
    world.will_answer(a_global_order())
    order = world.client.order(2000018846999192)
    (line,) = order.lines
    assert world.transport.last.name == "GET /marketplace/orders/2000018846999192"
    assert (order.site_id, order.currency_id, order.seller_id, order.status_detail) == ("MLM", "USD", 801, None)
    assert (line.item_id, line.parent_item_id, line.stock_item_id) == (LISTING, PARENT, PARENT)
    assert (line.unit_price, line.base_exchange_rate) == (Decimal("24.5"), Decimal("19.25"))


def test_a_search_finds_the_orders_in_its_carts_with_their_carts_dates(world):
    carts = [
        {"id": 1, "date_last_updated": "2026-10-07T13:30:00+00:00", "orders": [{"id": 11}, {"id": 12}]},
        {"id": 2, "orders": [{"id": 2, "date_last_updated": "2026-10-07T14:00:00+00:00"}]},
        {"id": 3, "orders": []},
    ]
    world.will_answer({"results": carts, "paging": {"total": 3, "limit": 50}})
    page = world.client.search_orders(55, datetime(2026, 10, 7, 13, 5, tzinfo=UTC))
    assert world.transport.last.name == "GET /marketplace/orders/search"
    assert world.transport.last_query["order.date_last_updated.from"] == "2026-10-07T13:00:00.000-00:00"
    assert (page.ids, page.total) == ((11, 12, 2), 3)
    assert [ref.date_last_updated and ref.date_last_updated.hour for ref in page.orders] == [13, 13, 14]


@pytest.mark.parametrize(
    ("call", "body", "name"),
    [
        (lambda client: client.pack(5), {"id": 5, "orders": [{"id": 11}]}, "GET /marketplace/orders/pack/5"),
        (lambda client: client.shipment(46), {"id": 46, "order_id": 11}, "GET /marketplace/shipments/46"),
    ],
)
def test_carts_and_shipments_have_paths_of_their_own(world, call, body, name):
    world.will_answer(body)
    assert call(world.client).id == body["id"]
    assert world.transport.last.name == name


def test_a_local_item_has_no_listings_on_other_sites():
    item = Item.from_json({"id": "MLA1", "parent_item_id": "MLA2", "variations": []})
    assert (item.is_global, item.parent_item_id, item.marketplace_items, item.net_proceeds) == (False, None, (), None)
