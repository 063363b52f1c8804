import json
from decimal import Decimal

import pytest

from mercadolibre import errors
from mercadolibre.client import VariationSet
from mercadolibre.errors import Cause
from mercadolibre.resources import Item
from tests.mercadolibre.canned import World
from tests.mercadolibre.payloads import BLUE, GREEN, RED, an_item, an_item_in_three_colours


def test_an_item_is_asked_for_with_all_attributes_and_the_token(world):
    world.will_answer(an_item())
    item = world.client.item("MLA100")
    assert (item.id, item.seller_sku, item.read_at) == ("MLA100", "0042", 1000.0)
    assert (world.transport.last.name, world.transport.last_query) == (
        "GET /items/MLA100",
        {"include_attributes": "all"},
    )
    assert world.transport.tokens == ["APP_USR-token-of-the-seller"]


def test_an_answer_about_another_item_is_refused(world):
    world.will_answer(an_item(id="MLA999"))
    with pytest.raises(errors.WrongResource):
        world.client.item("MLA100")


def test_a_partial_answer_says_what_is_missing(world):
    world.will_answer(an_item(), status=206, headers={"X-Content-Missing": "variations, health"})
    item = world.client.item("MLA100")
    assert (item.missing, item.is_complete) == (("variations", "health"), False)


@pytest.mark.parametrize("body", [[], "text", {}, {"id": None}])
def test_an_answer_that_is_no_item_is_a_bad_response(world, body):
    world.will_answer(body)
    with pytest.raises(errors.BadResponse) as caught:
        world.client.item("MLA100")
    assert caught.value.request == "GET /items/MLA100"


@pytest.mark.parametrize("item_id", ["", "MLA", "mla1", "MLA1/../2", "MLA１", "MLA1\n", "MLA1?x", "MLAU1", 5, None])
def test_a_key_of_another_shape_is_refused_before_anything_is_sent(world, item_id):
    for call in (world.client.item, world.client.prices, world.client.price_to_win, world.client.sale_price):
        with pytest.raises(ValueError, match="not an item id"):
            call(item_id)
    assert world.transport.asked == []


def bulk(world, elements, ids=("MLA1", "MLA2", "MLA3")):
    world.will_answer(elements)
    return world.client.items(ids)


def test_many_items_are_told_apart_by_id_and_never_by_position(world):
    elements = [
        {"id": "MLA3", "status_code": 200, "body": an_item(id="MLA3", title="three")},
        {"id": "MLA2", "status_code": 404, "error": {"message": "Item with id MLA2 not found"}},
        {"id": "MLA1", "status_code": 200, "body": an_item(id="MLA1", title="one")},
    ]
    found = bulk(world, elements)
    assert {item_id: item and item.title for item_id, item in found.items()} == {
        "MLA1": "one",
        "MLA2": None,
        "MLA3": "three",
    }
    assert list(found) == ["MLA1", "MLA2", "MLA3"]
    assert world.transport.last.name == "GET /items/bulk"
    assert world.transport.last_query == {"ids": "MLA1,MLA2,MLA3", "include_attributes": "all"}
    assert found["MLA1"].read_at == 1000.0


@pytest.mark.parametrize(
    "elements",
    [
        [{"code": 200, "body": an_item(id="MLA1")}, {"code": 404, "body": {"id": "MLA2", "error": "not_found"}}],
        [{"body": an_item(id="MLA1")}, {}, {}],
        [{"id": "MLA1", "status_code": 200, "body": an_item(id="MLA1")}, {"id": "MLA2", "status_code": 200}],
        [{"id": "MLA2", "status_code": 403, "body": {"error": "access_denied"}}, {"body": an_item(id="MLA1")}],
    ],
)
def test_every_envelope_of_a_missing_item_is_none(world, elements):
    found = bulk(world, elements)
    assert [item_id for item_id, item in found.items() if item] == ["MLA1"]


def test_a_repeated_id_is_asked_once(world):
    bulk(world, [{"body": an_item(id="MLA1")}], ids=["MLA1", "MLA1"])
    assert world.transport.last_query["ids"] == "MLA1"


@pytest.mark.parametrize(("code", "kind"), [(500, errors.ServerError), (429, errors.RateLimited)])
def test_an_item_ml_failed_to_look_up_is_not_a_missing_one(world, code, kind):
    with pytest.raises(kind):
        bulk(world, [{"id": "MLA1", "status_code": code}])


@pytest.mark.parametrize(
    ("elements", "kind"),
    [
        ([], errors.BadResponse),
        ({}, errors.BadResponse),
        ([{"id": "MLA2", "status_code": 200, "body": an_item(id="MLA1")}], errors.BadResponse),
        ([{"body": an_item(id="MLA9")}], errors.WrongResource),
    ],
)
def test_a_bulk_answer_about_something_else_is_refused(world, elements, kind):
    with pytest.raises(kind):
        bulk(world, elements)


def test_more_than_twenty_items_or_none_ask_nothing(world):
    with pytest.raises(ValueError, match="at most 20"):
        world.client.items(f"MLA{n}" for n in range(21))
    assert world.client.items([]) == {}
    assert world.transport.asked == []


def test_a_scan_begins_without_and_goes_on_with_the_newest_scroll_id(world):
    world.will_answer({"results": ["MLA1"], "scroll_id": "next", "paging": {"limit": 100, "total": 7789}})
    page = world.client.scan_items(55, status="active")
    assert (page.ids, page.scroll_id, page.total) == (("MLA1",), "next", 7789)
    assert world.transport.last_query == {"search_type": "scan", "limit": "100", "status": "active"}

    world.will_answer({"results": [], "scroll_id": "next again", "paging": {"total": 7789}})
    assert world.client.scan_items(55, scroll_id="next").scroll_id is None
    assert world.transport.last_query == {"search_type": "scan", "limit": "100", "scroll_id": "next"}


@pytest.mark.parametrize("scroll_id", ["", None])
def test_a_scan_without_a_scroll_id_is_finished(world, scroll_id):
    world.will_answer({"results": ["MLA1"], "scroll_id": scroll_id, "paging": {}})
    assert world.client.scan_items(55).scroll_id is None


def test_an_expired_scan_says_so(world):
    world.will_answer({"message": "Invalid Scroll Id", "error": "invalid.scroll.id", "cause": []}, status=400)
    with pytest.raises(errors.InvalidScroll):
        world.client.scan_items(55, scroll_id="old")


def test_a_search_sends_its_filters(world):
    world.will_answer({"seller_id": "55", "results": ["MLA1"], "paging": {"limit": 50, "offset": 0, "total": 1}})
    page = world.client.search_items(55, status="paused", seller_sku="00 42", user_product_id=["MLAU1", "MLAU2"])
    assert (page.ids, page.total) == (("MLA1",), 1)
    assert world.transport.last_query == {
        "offset": "0",
        "limit": "50",
        "status": "paused",
        "seller_sku": "00 42",
        "user_product_id": "MLAU1,MLAU2",
    }


@pytest.mark.parametrize(("offset", "limit"), [(0, 101), (0, 0), (951, 50), (-1, 50)])
def test_a_search_ends_at_the_thousandth(world, offset, limit):
    with pytest.raises(ValueError, match="thousandth"):
        world.client.search_items(55, offset=offset, limit=limit)
    assert world.transport.asked == []


def test_stock_of_an_item_without_variations(world, read):
    item = read(an_item())
    world.will_answer({})
    result = world.client.set_quantity(item, 6)
    assert (world.transport.last.name, world.transport.last_body) == ("PUT /items/MLA100", '{"available_quantity":6}')
    assert (result.status, result.warnings) == (200, ())


def test_stock_of_an_item_with_variations_names_all_of_them(world, read):
    item = read(an_item_in_three_colours())
    world.will_answer(b"")
    world.client.set_quantity(item, VariationSet.from_item(item).with_quantity(BLUE, 0))
    assert json.loads(world.transport.last_body) == {
        "variations": [{"id": RED}, {"id": BLUE, "available_quantity": 0}, {"id": GREEN}]
    }


@pytest.mark.parametrize(
    ("currency_id", "price", "body"),
    [
        ("ARS", "1509999.99", '{"price":1509999.99}'),
        ("ARS", "1500.00", '{"price":1500}'),
        ("ARS", "0.005", '{"price":0.01}'),
        ("CLP", "55882.50", '{"price":55883}'),
    ],
)
def test_a_price_goes_out_to_the_digit_in_its_currency(world, read, currency_id, price, body):
    item = read(an_item(currency_id=currency_id))
    world.will_answer({})
    world.client.set_price(item, Decimal(price))
    assert world.transport.last_body == body


def test_one_price_goes_to_every_variation(world, read):
    item = read(an_item_in_three_colours())
    world.will_answer({})
    world.client.set_price(item, Decimal("10.5"))
    assert world.transport.last_body == (
        f'{{"variations":[{{"id":{RED},"price":10.50}},{{"id":{BLUE},"price":10.50}},{{"id":{GREEN},"price":10.50}}]}}'
    )


@pytest.mark.parametrize("price", ["0", "-1", "0.004", "9999999999", "NaN"])
def test_a_price_out_of_range_is_not_sent(world, read, price):
    item = read(an_item())
    with pytest.raises(ValueError, match=r"out of range|not an amount"):
        world.client.set_price(item, Decimal(price))
    assert len(world.transport.asked) == 1


def test_a_price_in_an_unknown_currency_is_not_sent(world, read):
    item = read(an_item(currency_id=None))
    with pytest.raises(ValueError, match="currency"):
        world.client.set_price(item, Decimal(5))


def test_a_status_is_set(world, read):
    item = read(an_item_in_three_colours())
    world.will_answer({})
    world.client.set_status(item, "paused")
    assert world.transport.last_body == '{"status":"paused"}'


def test_no_other_status_can_be_set(world, read):
    item = read(an_item())
    with pytest.raises(ValueError, match="not a status"):
        world.client.set_status(item, "deleted")


def test_a_warning_is_the_sign_of_a_field_that_was_dropped(world, read):
    item = read(an_item())
    warning = {"department": "items", "cause_id": 502, "code": "item.price.not_modifiable", "message": "dynamic"}
    world.will_answer({"id": "MLA100", "warnings": [{**warning, "references": ["item.price"]}]})
    assert world.client.set_price(item, Decimal(5)).warnings == (
        Cause("item.price.not_modifiable", "dynamic", 502, "", "items", ("item.price",)),
    )


WRITES = {
    "quantity": lambda client, item: client.set_quantity(item, 5),
    "price": lambda client, item: client.set_price(item, Decimal(5)),
    "status": lambda client, item: client.set_status(item, "paused"),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_an_item_read_ten_seconds_ago_is_not_written(world, read, write):
    item = read(an_item())
    world.now += 10.0
    with pytest.raises(errors.StaleRead):
        write(world.client, item)
    assert len(world.transport.asked) == 1


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_an_item_just_under_ten_seconds_old_is_written(world, read, write):
    item = read(an_item())
    world.now += 9.9
    world.will_answer({})
    assert write(world.client, item).status == 200


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_an_item_that_was_not_read_from_ml_is_not_written(world, write):
    item = Item.from_json(an_item(price=1, base_price=1))
    with pytest.raises(errors.StaleRead):
        write(world.client, item)
    assert world.transport.asked == []


@pytest.mark.parametrize("may_write", [False, lambda: False])
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_nothing_is_written_while_the_switch_is_off(write, may_write):
    world = World(may_write=may_write)
    world.will_answer(an_item())
    item = world.client.item("MLA100")
    with pytest.raises(errors.WritesDisabled):
        write(world.client, item)
    assert [request.method for request in world.transport.asked] == ["GET"]


def test_the_switch_is_asked_before_every_write():
    answers = [True, False]
    world = World(may_write=lambda: answers.pop(0))
    world.will_answer(an_item())
    item = world.client.item("MLA100")
    world.will_answer({})
    world.client.set_quantity(item, 5)
    with pytest.raises(errors.WritesDisabled):
        world.client.set_quantity(item, 6)


@pytest.mark.parametrize("status", [200, 206])
def test_an_item_whose_variations_are_not_surely_known_gets_no_stock_or_price(world, status):
    body = an_item(variations=None) if status == 200 else an_item()
    world.will_answer(body, status=status, headers={"X-Content-Missing": "variations"} if status == 206 else {})
    item = world.client.item("MLA100")
    for write in (WRITES["quantity"], WRITES["price"]):
        with pytest.raises(errors.IncompleteVariations):
            write(world.client, item)
    assert len(world.transport.asked) == 1


def test_a_number_for_an_item_with_variations_is_not_sent(world, read):
    item = read(an_item_in_three_colours())
    with pytest.raises(errors.IncompleteVariations):
        world.client.set_quantity(item, 5)
    assert len(world.transport.asked) == 1


def test_a_set_made_before_a_variation_appeared_is_not_sent(world, read):
    old = read(an_item(variations=[{"id": RED}, {"id": BLUE}]))
    wanted = VariationSet.from_item(old).with_quantity(RED, 1)
    new = read(an_item_in_three_colours())
    with pytest.raises(errors.IncompleteVariations):
        world.client.set_quantity(new, wanted)
    assert [request.method for request in world.transport.asked] == ["GET", "GET"]


def test_a_set_of_another_item_or_without_a_quantity_is_not_sent(world, read):
    item, other = read(an_item_in_three_colours()), read(an_item_in_three_colours(id="MLA200"))
    for wanted in (VariationSet.from_item(other).with_quantity(RED, 1), VariationSet.from_item(item)):
        with pytest.raises(ValueError, match="another item, or none"):
            world.client.set_quantity(item, wanted)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (409, {"message": "item optimistic locking error: conflict"}, errors.Conflict),
        (400, {"message": "x", "error": "item.available_quantity.not_updatable"}, errors.StockNotModifiable),
        (429, b"", errors.RateLimited),
        (502, b"<html>", errors.ServerError),
    ],
)
def test_a_refused_write_is_sent_once(world, read, status, body, kind):
    item = read(an_item())
    world.will_answer(body, status=status)
    with pytest.raises(kind):
        world.client.set_quantity(item, 5)
    assert [request.method for request in world.transport.asked] == ["GET", "PUT"]


def test_a_client_does_not_show_its_token(world):
    assert "token" not in repr(world.client)
