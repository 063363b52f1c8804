"""Invented buyers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.trade import Buyer

if TYPE_CHECKING:
    from sandbox.world import World

FIRST_NAMES = ("Ana", "Bruno", "Carla", "Diego", "Elena", "Fabio", "Gabriela", "Hugo", "Inés", "João", "Lucía", "Mateo")
LAST_NAMES = (
    "Acosta",
    "Benítez",
    "Cardoso",
    "Domínguez",
    "Esteves",
    "Fernández",
    "Gómez",
    "Herrera",
    "Lopes",
    "Moreno",
)


def new_buyer(world: World) -> Buyer:
    ids = world.ids
    first, last, number = ids.choice(FIRST_NAMES), ids.choice(LAST_NAMES), ids.number("buyer")
    nickname = f"{first[:3]}{last[:4]}{number % 10000}".upper()
    return Buyer(number, nickname, first, last, str(ids.number("billing")))
