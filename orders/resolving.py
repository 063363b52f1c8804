"""Which sellable unit of the catalog a line of an order is. Pure: never guessed, and never two answers.

ML's order of trust: item and variation; for items of the User Products model, whose lines carry no variation, the
user product; last the seller's SKU. Old item ids (relisted, migrated) are found by the same two fallbacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar


class Line(Protocol):
    """What a line says of itself; `variation_id` is 0 where ML sent none. `stock_item_id`: whose stock was sold."""

    @property
    def stock_item_id(self) -> str: ...

    variation_id: int
    user_product_id: str
    seller_sku: str


class Unit(Protocol):
    """A sellable unit of the catalog. `meaning` is (product id, units per sale), None where it is not linked."""

    @property
    def item_id(self) -> str: ...

    @property
    def variation_id(self) -> int: ...

    @property
    def user_product_id(self) -> str: ...

    @property
    def seller_sku(self) -> str: ...

    @property
    def meaning(self) -> tuple[int, int] | None: ...


U = TypeVar("U", bound=Unit)


def resolve(line: Line, units: Iterable[U]) -> U | None:
    """The unit a line is; None where nothing fits, or where what fits does not agree on the product."""
    units = list(units)
    of_item = [unit for unit in units if unit.item_id == line.stock_item_id]
    exact = [unit for unit in of_item if unit.variation_id == line.variation_id]
    if exact:
        return exact[0]
    for among in (of_item, units):
        for same in (_same_user_product, _same_sku):
            found = [unit for unit in among if same(line, unit)]
            if found:
                return agreed(found)
    return None


def agreed(found: Sequence[U]) -> U | None:
    """One of several units that all mean the same product; the only one where it is not linked yet."""
    linked = [unit for unit in found if unit.meaning is not None]
    if len({unit.meaning for unit in linked}) == 1:
        return linked[0]
    return found[0] if len(found) == 1 else None


def _same_user_product(line: Line, unit: Unit) -> bool:
    return bool(line.user_product_id) and unit.user_product_id == line.user_product_id


def _same_sku(line: Line, unit: Unit) -> bool:
    return bool(line.seller_sku) and unit.seller_sku == line.seller_sku
