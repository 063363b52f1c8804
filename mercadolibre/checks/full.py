"""What cannot be changed of a Global Selling item while a listing of it has units in Full, or on their way there."""

from collections.abc import Mapping, Sequence
from typing import Any

from mercadolibre.checks.refusal import Refusal
from mercadolibre.fields import mapping, sequence
from mercadolibre.marking import gettext_noop
from mercadolibre.resources.attributes import combinations_of
from mercadolibre.resources.items import Item

CLOSING = Refusal("status", gettext_noop("The item has units in Full, so it can be neither closed nor deleted."))
REMOVING = Refusal("variations", gettext_noop("The item has units in Full, so no variation can be removed."))
ADDING = Refusal("variations", gettext_noop("The item has units in Full and no variations, so none can be added."))
COMBINING = Refusal(
    "attribute_combinations",
    gettext_noop("The item has units in Full, so what its variations differ by cannot be changed."),
)


def check_full(item: Item, body: Mapping[str, Any], *, has_units: bool) -> tuple[Refusal, ...]:
    """What ML would refuse of the body of a PUT. `has_units`: a listing of the item is in Full, with stock there or a
    delivery announced.
    """
    if not has_units:
        return ()
    entries = [mapping(one) for one in sequence(body.get("variations"))] if "variations" in body else None
    found = (
        (CLOSING, body.get("status") in ("closed", "deleted")),
        (REMOVING, entries is not None and not {one.id for one in item.variations} <= _ids(entries)),
        (ADDING, bool(entries) and not item.variations),
        (COMBINING, bool(entries) and _combines_anew(item, entries or [])),
    )
    return tuple(refusal for refusal, is_so in found if is_so)


def _ids(entries: Sequence[Mapping[str, Any]]) -> set[Any]:
    return {entry.get("id") for entry in entries}


def _combines_anew(item: Item, entries: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an entry gives a variation that exists other combinations than it has."""
    known = {one.id: set(one.combinations) for one in item.variations}
    return any(
        set(combinations_of(entry["attribute_combinations"])) != known[entry["id"]]
        for entry in entries
        if "attribute_combinations" in entry and entry.get("id") in known
    )
