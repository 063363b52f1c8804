"""From what is available to what a listing should show, step by step, so that the numbers add up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    BUFFER = "buffer"  # held back
    AT_LEAST_ZERO = "at_least_zero"  # what is missing is not shown as a negative number
    UNITS = "units"  # several units make one sale
    NOT_SHOWN = "not_shown"  # sales that cannot be shown: remainders by store, warehouses without one
    LAST_UNITS = "last_units"  # another listing goes on selling


class Step(NamedTuple):
    """What is taken off, added or divided by. `sign` is "−", "+" or "÷" (rounded down)."""

    kind: Kind
    sign: str
    value: int


def steps(*, available: int, buffer: int, units: int, without_last_units: int, wanted: int) -> Iterator[Step]:
    """The steps from `available` to `wanted`. `without_last_units` is what would be shown without that rule."""
    yield Step(Kind.BUFFER, "−", buffer)
    left = available - buffer
    if left < 0:
        yield Step(Kind.AT_LEAST_ZERO, "+", -left)
    sales = max(0, left) // units
    if units > 1:
        yield Step(Kind.UNITS, "÷", units)
    if sales != without_last_units:
        yield Step(Kind.NOT_SHOWN, "−", sales - without_last_units)
    if wanted != without_last_units:
        yield Step(Kind.LAST_UNITS, "−", without_last_units - wanted)


def added_up(available: int, taken: Iterable[Step]) -> int:
    """Where the steps lead."""
    left = available
    for step in taken:
        if step.sign == "÷":
            left //= step.value
        else:
            left += step.value if step.sign == "+" else -step.value
    return left
