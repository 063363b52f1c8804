"""Mercado Libre's words for orders, parcels, payments and cancellations, as staff reads them.

A word that ML adds later is shown as it is: nothing is hidden because we have no name for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.stock_effects import FULFILLMENT, Reason

ORDER = {
    "confirmed": _("Confirmed"),
    "payment_required": _("Waiting for payment"),
    "payment_in_process": _("Payment being checked"),
    "partially_paid": _("Partly paid"),
    "paid": _("Paid"),
    "partially_refunded": _("Partly refunded"),
    "pending_cancel": _("Being cancelled"),
    "cancelled": _("Cancelled"),
    "invalid": _("Invalid"),
}
PARCEL = {
    "to_be_agreed": _("To be agreed with the buyer"),
    "pending": _("Not ready yet"),
    "handling": _("Being prepared"),
    "ready_to_ship": _("Ready to ship"),
    "shipped": _("On its way"),
    "delivered": _("Delivered"),
    "not_delivered": _("Not delivered"),
    "not_verified": _("Not verified"),
    "cancelled": _("Shipment cancelled"),
    "closed": _("Closed"),
    "error": _("Shipment with an error"),
    "active": _("Active"),
    "not_specified": _("Not specified"),
    "stale_ready_to_ship": _("Ready to ship for too long"),
    "stale_shipped": _("On its way for too long"),
}
SUBSTATUS = {
    "buffered": _("label comes later"),
    "shipment_paid": _("shipping is paid"),
    "waiting_for_payment": _("waiting for the payment of shipping"),
    "invoice_pending": _("invoice missing"),
    "ready_to_print": _("print the label"),
    "printed": _("label printed"),
    "picked_up": _("picked up"),
    "dropped_off": _("dropped off"),
    "in_hub": _("at Mercado Libre's hub"),
    "in_transit": _("in transit"),
    "out_for_delivery": _("out for delivery"),
    "receiver_absent": _("nobody was at home"),
    "delayed": _("delayed"),
    "returning_to_sender": _("coming back to you"),
    "returned": _("came back"),
    "returned_to_warehouse": _("came back"),
    "lost": _("lost"),
    "stolen": _("stolen"),
    "damaged": _("damaged"),
    "pack_splitted": _("split into several parcels"),
    "fraudulent": _("fraud"),
}
OURS, FULL, UNKNOWN_HOLDER = _("Ours"), _("Full"), _("Not known yet")
# How a parcel leaves, by logistic type.
WAY = {
    "fulfillment": _("Mercado Libre's warehouse"),
    "cross_docking": _("collected at your door"),
    "xd_drop_off": _("you drop it off"),
    "drop_off": _("you drop it off"),
    "self_service": _("Flex, you deliver"),
    "default": _("own shipping"),
    "custom": _("own shipping"),
    "not_specified": _("to be agreed"),
}
PAYMENT = {
    "approved": _("Approved"),
    "rejected": pgettext_lazy("payment", "Rejected"),
    "refunded": _("Refunded"),
    "cancelled": pgettext_lazy("payment", "Cancelled"),
    "in_process": _("Being checked"),
    "pending": pgettext_lazy("payment", "Waiting"),
    "in_mediation": _("In dispute"),
    "charged_back": _("Charged back"),
}
METHOD = {
    "account_money": _("Mercado Pago balance"),
    "debin_transfer": _("bank transfer"),
    "pix": "Pix",
    "bolbradesco": "Boleto",
    "consumer_credits": _("Mercado Crédito"),
}
CANCELLED_BY = {
    "buyer": _("the buyer"),
    "seller": _("the seller"),
    "meli": _("Mercado Libre"),
    "internal": _("Mercado Libre"),
    "mediations": _("a dispute"),
    "fiscal": _("a tax problem"),
    "fraud": _("a suspicion of fraud"),
    "item": _("a problem with the listing"),
    "shipment": _("a problem with the shipment"),
    "delivery": _("a problem with the delivery"),
}
REASON = {
    Reason.SOLD: _("Sold and still here: the units are reserved until the parcel leaves."),
    Reason.SHIPPED: _("The parcel left: the units are off the shelf."),
    Reason.CANCELLED: _("Cancelled before it left: the units are for sale again."),
    Reason.SPLIT: _("Mercado Libre split the cart into several parcels. No sale was lost: new orders took its place."),
    Reason.REFUNDED: _("Refunded in full and never sent: the units are for sale again."),
    Reason.INVALID: _("Mercado Libre declared the sale invalid: the units are for sale again."),
    Reason.WAITING_FOR_PAYMENT: _("Not paid yet, and Mercado Libre still offers the units: nothing is reserved."),
    Reason.BEING_CANCELLED: _("Being cancelled: do not ship it. The units stay reserved until it is cancelled."),
    Reason.PARTLY_REFUNDED: _("Partly refunded, and still to be shipped: the units are reserved."),
    Reason.DO_NOT_SHIP: _("Risk of fraud: do not ship, cancel it on Mercado Libre. The units stay reserved till then."),
    Reason.PARCEL_CANCELLED: _("The shipment was cancelled but the sale was not: the units stay reserved."),
    Reason.COMING_BACK: _("Not delivered. When it is back on the shelf, count it in Inventory."),
    Reason.CAME_BACK: _("It came back. Count it in Inventory if it can be sold again."),
    Reason.COUNT_BACK: _("Cancelled after it left. When it is back on the shelf, count it in Inventory."),
    Reason.FULL: _("Leaves from Mercado Libre's warehouse: it takes nothing from ours."),
    Reason.FULL_BY_LISTING: _("The listing is in Full. Waiting for the shipment: it decides whose stock is used."),
    Reason.UNKNOWN_STATUS: _("Mercado Libre sent a status we do not know. Nothing was changed: look at it there."),
    Reason.UNKNOWN_PARCEL: _("The shipment has a status we do not know. The units stay reserved: look at it there."),
    Reason.UNKNOWN_LOGISTICS: _("The shipment has logistics we do not know. It is treated as ours: look at it there."),
    Reason.UNLINKED: _("The listing is not linked to a SKU. Link it, and the stock is taken at once."),
    Reason.IGNORED: _("Staff ignores this listing: its sales take no stock."),
    Reason.BEFORE_COUNT: _(
        "It left before the stock was counted, so the count does not include it: nothing was taken."
    ),
}


def named(words: Mapping[Any, Any], word: str) -> str:
    """Our name of ML's word; the word itself, readable, where we have none."""
    known = words.get(word)
    return str(known) if known is not None else word.replace("_", " ")


def order(status: str) -> str:
    return named(ORDER, status)


def parcel(status: str, substatus: str = "") -> str:
    return f"{named(PARCEL, status)}: {named(SUBSTATUS, substatus)}" if substatus else named(PARCEL, status)


def holder(logistic_type: str) -> str:
    """Who holds the stock of a sale."""
    if not logistic_type:
        return str(UNKNOWN_HOLDER)
    return str(FULL if logistic_type == FULFILLMENT else OURS)


def way(logistic_type: str) -> str:
    """How the parcel leaves; empty where that is not known yet."""
    return named(WAY, logistic_type)


def payment(status: str) -> str:
    return named(PAYMENT, status)


def method(code: str) -> str:
    """How it was paid; a card's brand is shown as ML writes it."""
    return named(METHOD, code)


def cancelled_by(who: str) -> str:
    return named(CANCELLED_BY, who)


def reason(code: str) -> str:
    return named(REASON, code)
