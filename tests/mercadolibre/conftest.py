from collections.abc import Callable
from typing import Any

import pytest

from mercadolibre.resources import Item
from tests.mercadolibre.canned import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def read(world: World) -> Callable[[dict[str, Any]], Item]:
    """Reads an item through the client, so that it is fresh."""

    def read_item(body: dict[str, Any]) -> Item:
        world.will_answer(body)
        return world.client.item(body["id"])

    return read_item
