"""What a sale does to our stock, decided from what Mercado Libre says now, never from what happened before. Pure.

    order                                 parcel                   effect
    any                                   leaves from Full         full: never ours, whatever the listing says
    confirmed, paid, pending_cancel,      unknown, or still here   reserve
      partially_refunded                  left the house           ship
    payment_required, partially_paid,     as above once `date_closed` is set: that is when ML takes the units off
      payment_in_process                    the listing. Before that none: the units are still for sale
    cancelled, invalid                    never left               release
    cancelled, invalid                    left the house           ship: the units are away, staff counts them back
    cancelled as pack_splitted            never left               release: new orders take their place
    paid, tagged unfulfilled, refunded    never left               release
    tagged fraud_risk_detected            still here               reserve until it is cancelled: do not ship
    a status nobody knows                                          unknown: nothing moves, staff is shown it

A parcel of a status or logistics nobody knows cannot undo the sale: the units stay reserved, and staff is shown it.
The parcel's logistics decide, not the listing's; the listing's are a guess until the parcel is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Effect(StrEnum):
    """What the units of a line are to be, in the ledger. UNKNOWN leaves them as they are."""

    RESERVE = "reserve"
    SHIP = "ship"
    RELEASE = "release"
    NONE = "none"
    FULL = "full"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why; the sentences for staff stand in `orders.wording`."""

    SOLD = "sold"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    SPLIT = "split"
    REFUNDED = "refunded"
    INVALID = "invalid"
    WAITING_FOR_PAYMENT = "waiting_for_payment"
    BEING_CANCELLED = "being_cancelled"
    PARTLY_REFUNDED = "partly_refunded"
    DO_NOT_SHIP = "do_not_ship"
    PARCEL_CANCELLED = "parcel_cancelled"
    COMING_BACK = "coming_back"
    CAME_BACK = "came_back"
    COUNT_BACK = "count_back"
    FULL = "full"
    FULL_BY_LISTING = "full_by_listing"
    UNKNOWN_STATUS = "unknown_status"
    UNKNOWN_PARCEL = "unknown_parcel"
    UNKNOWN_LOGISTICS = "unknown_logistics"
    UNLINKED = "unlinked"
    IGNORED = "ignored"
    BEFORE_COUNT = "before_count"


# Reasons that staff has to look at because ML said something new.
UNKNOWN = {Reason.UNKNOWN_STATUS, Reason.UNKNOWN_PARCEL, Reason.UNKNOWN_LOGISTICS}

SOLD = {"confirmed", "paid", "partially_refunded", "pending_cancel"}
WAITING = {"payment_required", "payment_in_process", "partially_paid"}
CALLED_OFF = {"cancelled", "invalid"}
ORDER_STATUSES = SOLD | WAITING | CALLED_OFF

HERE = {
    "to_be_agreed",
    "pending",
    "handling",
    "ready_to_ship",
    "not_verified",
    "error",
    "active",
    "not_specified",
    "stale_ready_to_ship",
}
GONE = {"shipped", "delivered", "not_delivered", "stale_shipped", "closed"}
PARCEL_STATUSES = HERE | GONE | {"cancelled"}
HANDED_OVER = {"picked_up", "dropped_off", "in_hub", "in_transit"}  # ready_to_ship, and no longer in our hands
SHIPPED_OTHERWISE = {"inferred_shipped", "shipped_outside_me", "shipped_outside_me_trusted"}  # cancelled, and yet sent
BACK = {"returned", "returned_to_warehouse", "recovered"}

FULFILLMENT = "fulfillment"
OURS = {
    "cross_docking",
    "xd_drop_off",
    "drop_off",
    "self_service",
    "default",
    "custom",
    "not_specified",
    "melinet",
    "remote",
}


@dataclass(frozen=True)
class Parcel:
    """A shipment, in ML's words."""

    status: str
    substatus: str = ""
    logistic_type: str = ""


@dataclass(frozen=True)
class Sale:
    """An order. `taken` says that ML took the units off the listing (`date_closed` is set), `refunded` that nothing
    approved is left of its payments, `left` that its units were once seen to have left the house.
    `listing_logistic_type` serves while `parcel` is None."""

    status: str
    tags: frozenset[str] = field(default_factory=frozenset)
    cancel_code: str = ""
    taken: bool = True
    refunded: bool = False
    left: bool = False
    parcel: Parcel | None = None
    listing_logistic_type: str = ""


@dataclass(frozen=True)
class Verdict:
    effect: Effect
    reason: Reason


def effect_of(sale: Sale) -> Verdict:
    """Decide by the table at the top of this module."""
    if (full := _full(sale)) is not None:
        return full
    if sale.status not in ORDER_STATUSES:
        return Verdict(Effect.UNKNOWN, Reason.UNKNOWN_STATUS)
    if has_left(sale):
        return Verdict(Effect.SHIP, _reason_of_gone(sale))
    if sale.status in CALLED_OFF:
        return Verdict(Effect.RELEASE, _reason_of_release(sale))
    if sale.status in WAITING and not sale.taken:
        return Verdict(Effect.NONE, Reason.WAITING_FOR_PAYMENT)
    if "unfulfilled" in sale.tags and sale.refunded:
        return Verdict(Effect.RELEASE, Reason.REFUNDED)
    return Verdict(Effect.RESERVE, _reason_of_held(sale))


def has_left(sale: Sale) -> bool:
    """Whether the units are out of the house. An order's own tag says it where there is no parcel of ML's."""
    if sale.left or "delivered" in sale.tags:
        return True
    return sale.parcel is not None and parcel_has_left(sale.parcel.status, sale.parcel.substatus)


def parcel_has_left(status: str, substatus: str) -> bool:
    """Whether a parcel in this state is out of the house."""
    if status == "ready_to_ship":
        return substatus in HANDED_OVER
    return status in GONE or (status == "cancelled" and substatus in SHIPPED_OTHERWISE)


def _full(sale: Sale) -> Verdict | None:
    if sale.parcel is not None and sale.parcel.logistic_type:
        return Verdict(Effect.FULL, Reason.FULL) if sale.parcel.logistic_type == FULFILLMENT else None
    by_listing = sale.listing_logistic_type == FULFILLMENT and "no_shipping" not in sale.tags
    return Verdict(Effect.FULL, Reason.FULL_BY_LISTING) if by_listing else None


def _reason_of_gone(sale: Sale) -> Reason:
    parcel = sale.parcel
    if parcel is not None and parcel.status == "not_delivered":
        return Reason.CAME_BACK if parcel.substatus in BACK else Reason.COMING_BACK
    if sale.status in CALLED_OFF:
        return Reason.COUNT_BACK
    return _unknown_parcel(parcel) or Reason.SHIPPED


def _reason_of_release(sale: Sale) -> Reason:
    if sale.cancel_code == "pack_splitted":
        return Reason.SPLIT
    return Reason.INVALID if sale.status == "invalid" else Reason.CANCELLED


def _reason_of_held(sale: Sale) -> Reason:
    if unknown := _unknown_parcel(sale.parcel):
        return unknown
    if "fraud_risk_detected" in sale.tags:
        return Reason.DO_NOT_SHIP
    if sale.parcel is not None and sale.parcel.status == "cancelled":
        return Reason.PARCEL_CANCELLED
    return {"pending_cancel": Reason.BEING_CANCELLED, "partially_refunded": Reason.PARTLY_REFUNDED}.get(
        sale.status, Reason.SOLD
    )


def _unknown_parcel(parcel: Parcel | None) -> Reason | None:
    if parcel is None:
        return None
    if parcel.status not in PARCEL_STATUSES:
        return Reason.UNKNOWN_PARCEL
    return Reason.UNKNOWN_LOGISTICS if parcel.logistic_type and parcel.logistic_type not in OURS else None
