"""From what an owner holds to what it should hold: which movements lead there. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Demand:
    """Units of a product in a warehouse that an owner holds, and units that have left the warehouse for it."""

    reserved: int = 0
    shipped: int = 0

    def __post_init__(self) -> None:
        if self.reserved < 0 or self.shipped < 0:
            raise ValueError("a demand is zero or more units")


NOTHING = Demand()


@dataclass(frozen=True)
class Effect:
    """One movement: its kind and what it adds to on hand and to reserved."""

    kind: str
    on_hand: int
    reserved: int


def effects_between(held: Demand, wanted: Demand) -> Iterator[Effect]:
    """The movements that lead from one to the other; none where they are equal.

    Shipping takes units that were reserved out of on hand and reserved together; units that come back after they were
    shipped are on hand again.
    """
    more_reserved = wanted.reserved - held.reserved
    more_shipped = wanted.shipped - held.shipped
    if more_shipped > 0:
        from_reserved = min(more_shipped, max(0, -more_reserved))
        more_reserved += from_reserved
        yield Effect("ship", on_hand=-more_shipped, reserved=-from_reserved)
    if more_shipped < 0:
        yield Effect("return", on_hand=-more_shipped, reserved=0)
    if more_reserved > 0:
        yield Effect("reserve", on_hand=0, reserved=more_reserved)
    if more_reserved < 0:
        yield Effect("release", on_hand=0, reserved=more_reserved)
