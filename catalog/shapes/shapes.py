"""What a listing is, whether ML made something else of it, and what is done about that. Pure.

The shape of a listing is what its links and quantities rest on: which sellable units it has, under which user
products, whether it is a kit, how its parcels leave. Price, title and status are no shape.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

ITEM_ITSELF = 0


class Kind(StrEnum):
    """The values of `ShapeChange.Kind`."""

    MIGRATED = "migrated"
    FLATTENED = "flattened"
    VARIATIONS_GONE = "variations_gone"
    RELISTED = "relisted"
    BECAME_KIT = "became_kit"
    KIT_ENDED = "kit_ended"
    LOGISTICS = "logistics"
    REGROUPED = "regrouped"


class Proposal(StrEnum):
    """What one click does."""

    MOVE = "move"  # what took the units' place is linked like them
    UNLINK = "unlink"  # the links say something that is no longer true
    LOOK = "look"  # nothing but saying that somebody looked
    NONE = "none"


class Rule(NamedTuple):
    freezes: bool
    needs_person: bool
    proposal: Proposal


@dataclass(frozen=True)
class Shape:
    """`units` maps ML's variation ids (0: the item itself) to user product ids, "" where there is none."""

    units: Mapping[int, str] = field(default_factory=dict)
    logistic_type: str = ""
    is_kit: bool = False
    is_migrating: bool = False

    @property
    def has_variations(self) -> bool:
        return ITEM_ITSELF not in self.units


@dataclass(frozen=True)
class Change:
    """What changed, as facts by name for the page."""

    kind: Kind
    before: Mapping[str, Any]
    after: Mapping[str, Any]


RULES = {
    Kind.MIGRATED: Rule(True, True, Proposal.MOVE),
    Kind.FLATTENED: Rule(True, True, Proposal.MOVE),
    Kind.VARIATIONS_GONE: Rule(False, True, Proposal.MOVE),
    Kind.RELISTED: Rule(True, True, Proposal.MOVE),
    Kind.BECAME_KIT: Rule(True, True, Proposal.UNLINK),
    Kind.KIT_ENDED: Rule(True, True, Proposal.LOOK),
    Kind.LOGISTICS: Rule(False, False, Proposal.NONE),
    Kind.REGROUPED: Rule(False, False, Proposal.NONE),
}


def rule_of(kind: str) -> Rule:
    """Whether a change freezes the listing, needs a person, and what is proposed.

    Frozen is what would otherwise be written on the word of a link that may no longer be true; where links stay true,
    a freeze would only let the number grow old, and an old number oversells.

    migrated         ML takes the listing apart and answers 404 to writes; its units go on as listings without links
    flattened        the units that were linked are gone and another one sells in their place: whose stock it sells
                     nobody has said, and a seller SKU that happens to match is not enough
    variations gone  the variations that stay keep their ids and links, and go on being written; for those that went,
                     a person says whether something took their place
    relisted         the old listing ended and takes nothing, neither stock nor price; the links follow with one click
    became a kit     ML makes its stock from its parts, and the floor of the one product is none for several: no price
                     either, until the link is taken away or kept on purpose
    kit ended        its quantity would be written again, by a link that nobody used while it was a kit
    logistics        the call is chosen anew with every push, Full is never written: nothing to answer
    regrouped        links follow the unit, not its user product; listings under one user product that are linked to
                     different products are not written anyway
    """
    return RULES[Kind(kind)]


def changes(before: Shape, after: Shape, *, linked: Collection[int]) -> Iterator[Change]:
    """What became of a listing of which these units (by ML's variation id) are linked; nothing where none is."""
    if not linked:
        return
    gone = sorted(unit for unit in before.units if unit in linked and unit not in after.units)
    if after.is_migrating and not before.is_migrating:
        yield Change(Kind.MIGRATED, {"units": _ids(before)}, {"units": []})
    elif gone and not before.is_migrating:
        flat = before.has_variations != after.has_variations
        kind = Kind.FLATTENED if flat else Kind.VARIATIONS_GONE
        yield Change(kind, {"units": _ids(before), "gone": gone}, {"units": _ids(after)})
    if before.is_kit != after.is_kit:
        kind = Kind.BECAME_KIT if after.is_kit else Kind.KIT_ENDED
        yield Change(kind, {"kit": before.is_kit}, {"kit": after.is_kit})
    if before.logistic_type and before.logistic_type != after.logistic_type:
        yield Change(Kind.LOGISTICS, {"logistic_type": before.logistic_type}, {"logistic_type": after.logistic_type})
    moved = [unit for unit in linked if _regrouped(before.units.get(unit), after.units.get(unit))]
    if moved:
        there = sorted({before.units[unit] for unit in moved}), sorted({after.units[unit] for unit in moved})
        yield Change(Kind.REGROUPED, {"user_products": there[0]}, {"user_products": there[1]})


def _regrouped(old: str | None, new: str | None) -> bool:
    """A unit that had no user product, or has none now, only shows more or less of itself."""
    return bool(old) and bool(new) and old != new


def _ids(shape: Shape) -> list[int]:
    return sorted(shape.units)
