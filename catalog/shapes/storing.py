"""What the saving of items says about the shape of listings that we had: `catalog.shapes.shapes` over rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.imports.storing_units import Row
from catalog.lifecycle import MIGRATION_TAGS
from catalog.models import Listing, SkuMapping
from catalog.shapes import shape_changes
from catalog.shapes.shapes import Change, Shape, changes
from mercadolibre.resources.items import Item
from sellers.points import point

UnitsOf = Mapping[int, Mapping[int, Row]]  # by listing and ML's variation id


def changes_of(
    items: Iterable[Item], known: Mapping[str, Any], before: UnitsOf, after: UnitsOf
) -> dict[str, tuple[str, ...]]:
    """Find and write down what became of known listings. Returns the kinds of it by item id.

    No query where nothing changed. `known` are listings as they were, with `bundle`.
    """
    shapes = {
        known[item.id].pk: (shape_of(known[item.id], before), _shape_now(item, after[known[item.id].pk]))
        for item in items
        if item.id in known and item.is_complete and known[item.id].pk in after
    }
    suspects = [pk for pk, (old, new) in shapes.items() if any(changes(old, new, linked=old.units.keys()))]
    found = _changes(shapes, suspects) if suspects else []
    relisted = _relisted(item for item in items if item.id not in known)
    if not found and not relisted:
        return {}
    shape_changes.note(found)
    point("shapes.noted")
    shape_changes.note_relisted(relisted)
    item_ids = {listing.pk: item_id for item_id, listing in known.items()}
    kinds: dict[str, tuple[str, ...]] = {}
    for pk, change in found:
        kinds[item_ids[pk]] = (*kinds.get(item_ids[pk], ()), change.kind)
    return kinds


def _changes(shapes: Mapping[int, tuple[Shape, Shape]], suspects: list[int]) -> list[tuple[int, Change]]:
    linked: dict[int, set[int]] = {}
    links = SkuMapping.objects.filter(variation__listing__in=suspects)
    for listing_id, unit in links.values_list("variation__listing_id", "variation__variation_id"):
        linked.setdefault(listing_id, set()).add(unit)
    return [(pk, one) for pk in suspects for one in changes(*shapes[pk], linked=linked.get(pk, ()))]


def shape_of(listing: Any, units: UnitsOf) -> Shape:
    """Of a listing as it was saved before."""
    return Shape(
        {number: row["user_product_id"] for number, row in units.get(listing.pk, {}).items()},
        listing.logistic_type,
        bool(listing.bundle),
        _is_migrating(listing.tags),
    )


def _shape_now(item: Item, units: Mapping[int, Row]) -> Shape:
    return Shape(
        {number: row["user_product_id"] for number, row in units.items()},
        item.logistic_type or "",
        bool(item.raw.get("bundle")),
        _is_migrating(item.tags),
    )


def _is_migrating(tags: Iterable[str]) -> bool:
    return not set(MIGRATION_TAGS).isdisjoint(tags)


def _relisted(items: Iterable[Item]) -> dict[str, str]:
    """What ML says of new listings: the item that each was relisted from."""
    named = ((item.raw.get("parent_item_id"), item.id) for item in items if item.parent_item_id is None)
    return {old: new for old, new in named if isinstance(old, str)}


def frozen_now(item_ids: Iterable[str]) -> dict[str, str]:
    """By what listings are frozen, as the database says after changes were written down."""
    return dict(Listing.objects.filter(item_id__in=list(item_ids)).values_list("item_id", "frozen_by"))
