"""Which unit of a Global Selling item a unit of its listing on a marketplace is. Pure.

Both have ids of their own. They agree on the user product, else on the SKU, else on what the variation differs by;
where several agree, it is none of them: never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar


class Unit(Protocol):
    """A sellable unit: a variation, or the item itself (variation_id 0)."""

    @property
    def variation_id(self) -> int: ...

    @property
    def user_product_id(self) -> str: ...

    @property
    def seller_sku(self) -> str: ...

    @property
    def attributes_text(self) -> str: ...


U = TypeVar("U", bound=Unit)
SAME: tuple[Callable[[Unit], str], ...] = (
    lambda unit: unit.user_product_id,
    lambda unit: unit.seller_sku,
    lambda unit: unit.attributes_text,
)


def twin_of(unit: Unit, of_parent: Iterable[U]) -> U | None:
    """The parent's unit that a marketplace's unit sells; None where it cannot be told."""
    units = list(of_parent)
    if not unit.variation_id:
        whole = [one for one in units if not one.variation_id]
        return whole[0] if whole and len(units) == 1 else None
    for word in SAME:
        found = [one for one in units if word(unit) and word(one) == word(unit)]
        if len(found) == 1:
            return found[0]
    return None
