"""Writing the sellable units of listings. Rows are dicts of all columns: quicker than objects for a whole catalog."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from catalog.imports.upserts import upsert
from catalog.listing_rows import VARIATION_FIELDS, variation_rows
from catalog.models import Variation
from mercadolibre.resources.items import Item

Row = dict[str, Any]
Units = dict[tuple[int, int], Row]  # by (listing, ML's variation id)

COLUMNS = tuple(field.attname for field in Variation._meta.concrete_fields)
KEYS = ("listing_id", "variation_id")
EMPTY: Row = {**dict.fromkeys(COLUMNS), "ignored": False}


def units_of(listing_ids: Collection[int]) -> Units:
    """What we have of listings, units that are gone too."""
    if not listing_ids:
        return {}
    rows = Variation.objects.filter(listing__in=listing_ids).values(*COLUMNS)
    return {(row["listing_id"], row["variation_id"]): row for row in rows}


def write_units(present: Units, items: Sequence[tuple[int, Item]], now: datetime) -> tuple[Units, set[tuple[int, int]]]:
    """Write the units of (listing, item) pairs. Returns all units, and the keys of the new ones.

    An item that was not read whole leaves its units alone.
    """
    whole = [(listing_id, item) for listing_id, item in items if item.is_complete]
    shown = {(listing_id, row["variation_id"]): row for listing_id, item in whole for row in variation_rows(item)}
    changed = {key: _merged(key, row, present) for key, row in shown.items() if _differs(row, present.get(key))}
    if changed:
        _upsert(changed)
    gone = _mark_gone(present, shown.keys(), {listing_id for listing_id, _item in whole}, now)
    return present | changed | gone, changed.keys() - present.keys()


def _upsert(units: Units) -> None:
    fields = [*VARIATION_FIELDS, "gone_at"]
    for key, pk in upsert(Variation, units.values(), keys=KEYS, fields=fields, once=["ignored"]).items():
        units[key[0], key[1]]["id"] = pk


def _differs(row: Mapping[str, Any], unit: Row | None) -> bool:
    return unit is None or unit["gone_at"] is not None or any(unit[name] != row[name] for name in VARIATION_FIELDS)


def _merged(key: tuple[int, int], row: Mapping[str, Any], present: Units) -> Row:
    return {**present.get(key, EMPTY), **row, "listing_id": key[0], "gone_at": None}


def _mark_gone(present: Units, shown: Collection[tuple[int, int]], whole: Collection[int], now: datetime) -> Units:
    gone = {
        key: {**row, "gone_at": now}
        for key, row in present.items()
        if key not in shown and key[0] in whole and row["gone_at"] is None
    }
    if gone:
        Variation.objects.filter(pk__in=[row["id"] for row in gone.values()]).update(gone_at=now)
    return gone
