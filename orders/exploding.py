"""What a line takes from the shelves, all from one warehouse: units of its product, or of each part of its kit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from catalog.kits import kept_compositions
from inventory.ledger import Demand
from inventory.targets.allocation import Place, allocate
from inventory.targets.kits import available_kits
from orders.models import OrderLine

Spot = tuple[int, int]  # (product_id, warehouse_id)
Demands = Mapping[Spot, Demand]
Parts = dict[int, int]  # product id -> units in one unit of the line's product


def parts_of(lines: Iterable[OrderLine]) -> dict[str, Parts]:
    """What one unit of each line's product consists of, by the line's owner: itself, or the components of the kit.

    No other composition comes between this and the end of the caller's transaction.
    """
    products = {line.owner: line.product_id for line in lines if line.product_id is not None}
    kits = kept_compositions(products.values())
    return {owner: dict(kits.get(product_id, {product_id: 1})) for owner, product_id in products.items()}


def allotted(
    line: OrderLine,
    parts: Parts,
    *,
    places: Sequence[Place],
    available: dict[int, dict[int, int]],
    held: Demands,
) -> dict[Spot, int]:
    """Units by product and warehouse. What one line is given is no longer available to the lines after it.

    A line stays in its warehouse as long as it is made of the same things. Made of others, it is allocated anew; what
    it holds by now is free for that.
    """
    _add(available, {spot: demand.reserved for spot, demand in held.items()})
    units = allocate(
        quantity=line.quantity * (line.units or 1),
        places=places,
        available=available_kits(parts, available),
        store_id=line.store_id,
        node_id=line.node_id,
        already=_stays(parts, held),
    )
    found = {(part, place): many * parts[part] for place, many in units.items() for part in sorted(parts)}
    _add(available, {spot: -many for spot, many in found.items()})
    return found


def _stays(parts: Parts, held: Demands) -> list[int]:
    """The warehouses in which the line holds all of its parts and nothing else."""
    in_place: dict[int, set[int]] = {}
    for product_id, place in held:
        in_place.setdefault(place, set()).add(product_id)
    return [place for place, products in in_place.items() if products == set(parts)]


def _add(available: dict[int, dict[int, int]], units: Mapping[Spot, int]) -> None:
    for (product_id, place), many in units.items():
        by_place = available.setdefault(product_id, {})
        by_place[place] = by_place.get(place, 0) + many
