"""One line of what staff does to stock, and what is refused with the present numbers."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.effects import Effect
from inventory.models import StockLevel

Place = tuple[int, int]  # (product_id, warehouse_id)


class StaleLevel(Exception):
    """The level moved on since the reader's page was made: `level` carries the present numbers."""

    def __init__(self, level: StockLevel) -> None:
        super().__init__(f"the level is now {level.on_hand} on hand, {level.reserved} reserved")
        self.level = level


class InsufficientStock(Exception):
    """A transfer of more units than the source has available."""

    def __init__(self, level: StockLevel) -> None:
        super().__init__(f"only {level.available} available")
        self.level = level


@dataclass(frozen=True)
class Change:
    """One line of an operation: units to add, or the number counted."""

    product_id: int
    warehouse_id: int
    kind: str
    delta: int = 0
    counted: int | None = None
    seen_seq: int | None = None
    needs_available: bool = False

    @property
    def place(self) -> Place:
        return self.product_id, self.warehouse_id

    def effect_on(self, level: StockLevel) -> Effect:
        if self.seen_seq is not None and self.seen_seq != level.seq:
            raise StaleLevel(level)
        if self.needs_available and level.available + self.delta < 0:
            raise InsufficientStock(level)
        delta = self.delta if self.counted is None else self.counted - level.on_hand
        return Effect(self.kind, on_hand=delta, reserved=0)
