import pytest

from mercadolibre import errors
from mercadolibre.resources.categories import CategoryAttribute, category_attributes
from tests.mercadolibre.canned import World

MEMORY = {
    "id": "INTERNAL_MEMORY",
    "name": "Memoria interna",
    "tags": {"required": True, "hidden": False},
    "value_type": "number_unit",
    "value_max_length": 255,
    "allowed_units": [{"id": "GB", "name": "GB"}, {"id": "MB", "name": "MB"}],
    "default_unit": "GB",
}


@pytest.fixture
def world():
    return World()


def test_what_a_category_asks_for_is_read(world):
    world.will_answer([MEMORY, {"id": "COLOR", "value_type": "list", "values": [{"id": "1", "name": "Rojo"}]}])

    memory, color = world.client.category_attributes("MLA1055")

    assert world.transport.last.name == "GET /categories/MLA1055/attributes"
    assert (memory.units, memory.default_unit, memory.max_length, memory.tags) == (
        ("GB", "MB"),
        "GB",
        255,
        ("required",),
    )
    assert (color.values, color.is_closed_list, color.is_required(condition="new")) == (("Rojo",), True, False)


@pytest.mark.parametrize(
    ("tags", "condition", "is_required"),
    [
        ({"required": True}, "used", True),
        (["required"], "new", True),
        ({"required": False}, "new", False),
        ({"new_required": True}, "new", True),
        ({"new_required": True}, "used", False),
        ({"required": True, "read_only": True}, "new", False),
        ({"required": True, "fixed": True}, "new", False),
        ({"catalog_required": True, "conditional_required": True}, "new", False),
        (None, "new", False),
    ],
)
def test_what_is_required_is_said_by_the_tags(tags, condition, is_required):
    attribute = CategoryAttribute.from_json({**MEMORY, "tags": tags})
    assert attribute.is_required(condition=condition) is is_required


@pytest.mark.parametrize("body", [{}, {"attributes": []}, "[]"])
def test_an_answer_that_is_no_list_is_no_empty_list(world, body):
    world.will_answer(body)
    with pytest.raises(errors.BadResponse):
        world.client.category_attributes("MLA1055")
    assert category_attributes([]) == ()


@pytest.mark.parametrize("category_id", ["", "1055", "MLA1055/x", "mla1"])
def test_what_is_no_category_is_not_asked(world, category_id):
    with pytest.raises(ValueError, match="not an item id"):
        world.client.category_attributes(category_id)
    assert world.transport.asked == []


def test_a_description_is_read_and_sent(world):
    world.will_answer({"text": "", "plain_text": "Nuevo"})
    assert world.client.description("MLA1") == "Nuevo"
    world.will_answer({"message": "not found", "error": "not_found"}, status=404)
    assert world.client.description("MLA1") == ""
    world.will_answer({"plain_text": "Nuevo"}, status=201)
    world.client.describe("MLA1", "Nuevo")
    assert (world.transport.last.name, world.transport.last_body) == (
        "POST /items/MLA1/description",
        '{"plain_text":"Nuevo"}',
    )


def test_a_description_is_not_sent_while_the_switch_is_off():
    world = World(may_write=False)
    with pytest.raises(errors.WritesDisabled):
        world.client.describe("MLA1", "Nuevo")
    assert world.transport.asked == []
