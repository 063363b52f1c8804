from datetime import UTC, date, datetime

import pytest

from mercadolibre import errors
from mercadolibre.client import GlobalClient
from tests.mercadolibre.canned import World

RECEIVED = {
    "id": 306705012,
    "seller_id": 55,
    "inventory_id": "DEHW09303",
    "date_created": "2026-06-18T17:55:42Z",
    "type": "INBOUND_RECEPTION",
    "detail": {"available_quantity": 100, "not_available_detail": []},
    "result": {"total": 105, "available_quantity": 100, "not_available_detail": [{"status": "lost", "quantity": 5}]},
    "external_references": [{"type": "inbound_id", "value": "0001"}, {"type": "x"}],
}
DAYS = (date(2026, 6, 1), date(2026, 6, 30))


def test_what_happened_in_full_is_read_page_by_page(world):
    world.will_answer({"results": [RECEIVED], "paging": {"total": 2, "scroll": "abc=="}})
    page = world.client.fulfillment_operations(55, ["DEHW09303", "ABCD1"], *DAYS)
    (operation,) = page.operations
    assert (operation.id, operation.type, operation.inventory_id) == (306705012, "INBOUND_RECEPTION", "DEHW09303")
    assert operation.date_created == datetime(2026, 6, 18, 17, 55, 42, tzinfo=UTC)
    assert (operation.available_change, operation.not_available_change) == (100, None)
    assert (operation.total, operation.available_quantity, operation.not_available_detail) == (105, 100, (("lost", 5),))
    assert operation.references == (("inbound_id", "0001"),)
    assert (page.total, page.scroll) == (2, "abc==")
    assert world.transport.last.name == "GET /stock/fulfillment/operations/search"

    world.will_answer({"results": [], "paging": {"total": 2, "scroll": "abc=="}})
    assert world.client.fulfillment_operations(55, ["DEHW09303"], *DAYS, scroll="abc==").scroll is None
    assert world.transport.last_query == {
        "seller_id": "55",
        "inventory_id": "DEHW09303",
        "date_from": "2026-06-01",
        "date_to": "2026-06-30",
        "limit": "100",
        "scroll": "abc==",
    }


@pytest.mark.parametrize(
    ("inventory_ids", "days", "match"),
    [([], DAYS, "some inventory"), (["../x"], DAYS, "not an inventory"), (["ABCD1"], DAYS[::-1], "first day")],
)
def test_a_search_that_makes_no_sense_asks_nothing(world, inventory_ids, days, match):
    with pytest.raises(ValueError, match=match):
        world.client.fulfillment_operations(55, inventory_ids, *days)
    assert world.transport.asked == []


def test_a_page_without_results_is_not_taken_for_the_end(world):
    world.will_answer({})
    with pytest.raises(errors.BadResponse):
        world.client.fulfillment_operations(55, ["ABCD1"], *DAYS)


@pytest.mark.parametrize(
    ("world", "name"),
    [
        (World(), "GET /stock/fulfillment/operations/306705012"),
        (World(client_class=GlobalClient), "GET /marketplace/stock/fulfillment/operations/306705012"),
    ],
    ids=["local", "global"],
)
def test_one_operation_is_what_a_notification_is_about(world, name):
    world.will_answer(RECEIVED)
    assert world.client.fulfillment_operation("306705012").available_change == 100
    assert world.transport.last.name == name


def test_stock_of_another_seller_in_full_is_forbidden(world):
    world.will_answer({"status": 403, "error": "forbidden", "message": "User 5 cannot access to x"}, status=403)
    with pytest.raises(errors.Forbidden):
        world.client.fulfillment_stock("ESZJ28231")
