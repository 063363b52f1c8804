"""Which warehouse a sale takes its units from. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A warehouse that a seller sells from. Given in the seller's order: the most preferred first."""

    warehouse_id: int
    store_id: str = ""
    network_node_id: str = ""


def allocate(
    *,
    quantity: int,
    places: Sequence[Place],
    available: Mapping[int, int],
    store_id: str = "",
    node_id: str = "",
    already: Iterable[int] = (),
) -> dict[int, int]:
    """Units by warehouse id for a sale of `quantity` units, all from one warehouse.

    1 it stays where it was allocated before (`already`), whatever happened since;
    2 else the warehouse that ML names by store or network node;
    3 else the first, in the seller's order, that has them all;
    4 else the one that has most, the first of equals: an oversold unit is recorded there, never refused.
    Empty where the seller has no warehouse or nothing was sold.
    """
    if quantity <= 0 or not places:
        return {}
    ids = [place.warehouse_id for place in places]
    stayed = next(iter(already), None)
    named = stayed if stayed is not None else _named(places, store_id, node_id)
    if named is not None:
        return {named: quantity}
    able = (one for one in ids if available.get(one, 0) >= quantity)
    return {next(able, None) or max(ids, key=lambda one: available.get(one, 0)): quantity}


def _named(places: Sequence[Place], store_id: str, node_id: str) -> int | None:
    for place in places:
        by_store = store_id and place.store_id == store_id
        by_node = node_id and place.network_node_id == node_id
        if by_store or by_node:
            return place.warehouse_id
    return None
