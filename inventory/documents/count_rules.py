"""What a count does when it is approved some time after it was made, and who may approve it. Pure.

A count says how many units were in the house at one moment: sold and packed ones too, as long as they had not left. Its
difference is to what the ledger had then. What the ledger wrote between counting and approving decides what of that
difference is still to be added:

    written since the counting                 were the units counted?              the difference
    reserved, released                         yes: nothing moved in the house      stays
    received, sent, taken in by a transfer     they moved when it was written       stays
    a parcel that left after the counting      yes, and then they left              stays
    a parcel that left before the counting     no, and now the ledger knows why     is short of them no longer: + units
    a parcel taken back from the ledger,       yes: they had never left             has them no longer: − units
      which had never left our house
    counted or adjusted                        nobody knows                         is refused: count anew

A parcel counts as gone before the counting only where Mercado Libre's time is clearly before it: our clocks differ, and
a unit too few for sale is better than one too many. One that is reserved, collected and not yet reported as gone is
missing on the shelf all the same: whoever approves sees how many were reserved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CLOCKS_DIFFER = timedelta(minutes=5)
LARGE = 5  # a difference is large where it is more than a fifth of the units


def was_gone(*, left_at: datetime | None, counted_at: datetime) -> bool:
    """Whether a parcel had left when its product was counted; where nobody knows when it left, it had not."""
    return left_at is not None and left_at + CLOCKS_DIFFER < counted_at


@dataclass(frozen=True)
class Parcel:
    """What the ledger wrote for one order line since a counting: units below zero left, above zero are back in it."""

    owner: str
    units: int
    left_at: datetime | None = None


def known_later(parcels: Iterable[Parcel], *, counted_at: datetime) -> list[Parcel]:
    """Those that the counting had seen already, and the ledger had not."""
    return [one for one in parcels if one.units > 0 or was_gone(left_at=one.left_at, counted_at=counted_at)]


def still_to_add(*, difference: int, parcels: Iterable[Parcel], counted_at: datetime) -> int:
    """What approving a count adds to on hand, by the table at the top of this module."""
    return difference - sum(one.units for one in known_later(parcels, counted_at=counted_at))


# --- four eyes -------------------------------------------------------------------------------------------------------


class Approval(StrEnum):
    """Whether somebody may approve a count."""

    YES = "yes"
    WITH_REASON = "with_reason"
    BY_ANOTHER = "by_another"


def is_large(*, differing: int, on_hand: int) -> bool:
    """Whether the units that differ, found and missing added up, are more than a fifth of those that were there.

    The first count of a product in a warehouse differs from nothing: leave such lines out.
    """
    return differing * LARGE > max(0, on_hand)


def approval(*, own: bool, large: bool, others: bool, administrator: bool) -> Approval:
    """Who approves what they counted themselves.

    a count of somebody else's, or a small difference     yes
    nobody else is there who may approve                  yes
    large, others may, asked by an administrator          with a reason that is kept
    large, others may                                     no: another person does it
    """
    if not own or not large or not others:
        return Approval.YES
    return Approval.WITH_REASON if administrator else Approval.BY_ANOTHER
