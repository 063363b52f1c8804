"""Package measures of Global Selling: all four or none, and none too small to be true."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from sandbox.answers import Json, Refusal, error

MEASURES = ("PACKAGE_HEIGHT", "PACKAGE_LENGTH", "PACKAGE_WIDTH", "PACKAGE_WEIGHT")
# Centimetres and grams in one of each unit.
UNITS = {
    "cm": Decimal(1),
    "mm": Decimal("0.1"),
    "m": Decimal(100),
    "in": Decimal("2.54"),
    '"': Decimal("2.54"),
    "g": Decimal(1),
    "kg": Decimal(1000),
    "lb": Decimal("453.592"),
    "oz": Decimal("28.3495"),
}
SMALLEST_SIDE, SMALLEST_WEIGHT, SMALLEST_VOLUME = Decimal(3), Decimal(50), Decimal("0.02")
# More than any carrier takes.
LONGEST_SIDE, HEAVIEST = Decimal(200), Decimal(70_000)

UNREAL = (
    "The submitted dimensions and/or weights do not correspond to real measurements of the package. "
    "You must use the correct dimensions of the package that you'll use to dispatch your product, "
    "as well as the net weight of the item."
)


def check_attributes(attributes: list[Json]) -> None:
    """Refuses what ML refuses of the attributes of a write."""
    given = {one.get("id"): one for one in attributes}
    if _is_yes(given.get("IS_FLAMMABLE")):
        raise unshippable()
    measures = [name for name in MEASURES if name in given]
    if not measures:
        return
    sizes = [_size(given[name].get("value_name")) for name in measures]
    if len(sizes) < len(MEASURES) or None in sizes:
        raise Refusal(error(400, "bad_request", "Error processing dimensions for item"))
    *sides, weight = [size for size in sizes if size is not None]
    _check_sizes(sides, weight)


def _is_yes(attribute: Json | None) -> bool:
    if attribute is None:
        return False
    return attribute.get("value_id") == "242085" or str(attribute.get("value_name")).lower() in ("yes", "sí", "sim")


def _size(value: Any) -> Decimal | None:
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) *([a-z\"]+)", str(value))
    return Decimal(found[1]) * UNITS[found[2]] if found and found[2] in UNITS else None


def _check_sizes(sides: list[Decimal], weight: Decimal) -> None:
    volume = sides[0] * sides[1] * sides[2] / 5000
    if min(sides) < SMALLEST_SIDE or weight < SMALLEST_WEIGHT or volume <= SMALLEST_VOLUME:
        raise Refusal(error(422, "bad_request", UNREAL))
    if max(sides) > LONGEST_SIDE or weight > HEAVIEST:
        raise unshippable()


def unshippable() -> Refusal:
    return Refusal(error(400, "validation_error", "Shipping configuration is not valid for item."))
