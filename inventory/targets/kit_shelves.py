"""What is there of a kit's components, warehouse by warehouse, and which of them limits. For pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from catalog.models import KitComponent
from inventory.models import StockLevel
from inventory.targets.kits import available_kits, limiting


@dataclass(frozen=True)
class Part:
    """A component in one warehouse: units in one kit, units available, and whether there are fewest of it."""

    sku: str
    quantity: int
    available: int
    limits: bool

    @property
    def kits(self) -> int:
        return self.available // self.quantity


@dataclass(frozen=True)
class KitShelf:
    """One warehouse's part in a kit. `counts` says whether the seller that is asked about sells from it."""

    warehouse: str
    kits: int
    parts: tuple[Part, ...]
    counts: bool = True
    store_id: str = ""

    @property
    def limiting(self) -> str:
        return ", ".join(part.sku for part in self.parts if part.limits)


def kit_shelves(
    kit_id: int, *, counting: Collection[int] | None = None, stores: Mapping[int, str] | None = None
) -> list[KitShelf] | None:
    """The warehouses where any component was ever kept, by code; None for what is no kit. Two queries.

    `counting` are the ids of the warehouses that count, all by default; `stores` ML's store of each.
    """
    rows = list(KitComponent.objects.filter(kit=kit_id).select_related("component").order_by("component__sku"))
    if not rows:
        return None
    levels = StockLevel.objects.filter(product__in=[row.component_id for row in rows]).select_related("warehouse")
    available: dict[int, dict[int, int]] = {}
    codes = {}
    for level in levels.order_by("warehouse__code"):
        codes[level.warehouse_id] = level.warehouse.code
        available.setdefault(level.product_id, {})[level.warehouse_id] = level.available
    parts = {row.component_id: row.quantity for row in rows}
    kits = available_kits(parts, available)
    return [
        KitShelf(
            warehouse=code,
            kits=kits[place],
            parts=tuple(_part(row, available, place, limiting(parts, available, place)) for row in rows),
            counts=counting is None or place in counting,
            store_id=(stores or {}).get(place, ""),
        )
        for place, code in codes.items()
    ]


def _part(row: KitComponent, available: Mapping[int, Mapping[int, int]], place: int, fewest: set[int]) -> Part:
    there = available.get(row.component_id, {}).get(place, 0)
    return Part(row.component.sku, row.quantity, there, row.component_id in fewest)
