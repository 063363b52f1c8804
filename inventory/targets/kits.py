"""How many kits the components in each warehouse are good for. Pure.

A kit leaves from one warehouse, so each warehouse counts for itself: a cup here and its saucer elsewhere are no set.
A product that is no kit is a kit of one of itself.
"""

from __future__ import annotations

from collections.abc import Mapping

Parts = Mapping[int, int]  # product id -> units in one kit
Levels = Mapping[int, Mapping[int, int]]  # product id -> warehouse id -> units


def available_kits(parts: Parts, available: Levels) -> dict[int, int]:
    """Kits by warehouse id, where any component was ever kept.

    What is missing of a component (units oversold) counts as kits missing, as it does for a product.
    """
    places = {place for product_id in parts for place in available.get(product_id, {})}
    return {
        place: min(available.get(product_id, {}).get(place, 0) // units for product_id, units in parts.items())
        for place in places
    }


def limiting(parts: Parts, available: Levels, place: int) -> set[int]:
    """The components of which a warehouse has the fewest, counted in kits."""
    kits = {product_id: available.get(product_id, {}).get(place, 0) // units for product_id, units in parts.items()}
    fewest = min(kits.values(), default=0)
    return {product_id for product_id, many in kits.items() if many == fewest}
