"""What happened to units in Full."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Variation
from inventory.places import full
from mercadolibre.resources.fulfillment import FulfillmentOperation
from ui.permissions import VIEWER, role_required

# ML's word for an operation -> ours; one that ML adds later is shown as it writes it.
KINDS: dict[str, str | Promise] = {
    "INBOUND_RECEPTION": gettext_lazy("Received from the seller"),
    "SALE_CONFIRMATION": gettext_lazy("Sold"),
    "SALE_CANCELATION": gettext_lazy("Sale cancelled"),
    "SALE_RETURN": gettext_lazy("Came back from a buyer"),
    "ADJUSTMENT": gettext_lazy("Adjusted by Mercado Libre"),
    "FISCAL_COVERAGE_ADJUSTMENT": gettext_lazy("Adjusted for invoices"),
    "WITHDRAWAL_RESERVATION": gettext_lazy("Set aside to be sent back"),
    "WITHDRAWAL_CANCELATION": gettext_lazy("Not sent back after all"),
    "WITHDRAWAL_DELIVERY": gettext_lazy("Sent back to the seller"),
    "TRANSFER_RESERVATION": gettext_lazy("Set aside to go to another warehouse of Full"),
    "TRANSFER_ADJUSTMENT": gettext_lazy("Corrected on the way to another warehouse of Full"),
    "TRANSFER_DELIVERY": gettext_lazy("Arrived in another warehouse of Full"),
    "QUARANTINE_RESERVATION": gettext_lazy("Set aside to be looked at"),
    "QUARANTINE_RESTOCK": gettext_lazy("Looked at and for sale again"),
    "LOST_REFUND": gettext_lazy("Lost, and refunded"),
    "REMOVAL_RESERVATION": gettext_lazy("Set aside to be removed"),
}


@role_required(VIEWER)
def operations(request: HttpRequest, inventory_id: str) -> HttpResponse:
    """The operations of the last days under one inventory id, as Mercado Libre tells them."""
    units = list(_units(inventory_id))
    if not units:
        raise Http404
    account = units[0].listing.account
    found = full.history_of(account, inventory_id)
    context = {
        "title": _("In Full: %(title)s") % {"title": units[0].listing.title},
        "account": account,
        "inventory_id": inventory_id,
        "units": units,
        "stock": full.stocks_by_id([inventory_id]).get(inventory_id),
        "history": found,
        "rows": [_row(one) for one in found.operations],
    }
    return render(request, "inventory/full.html", context)


def _units(inventory_id: str) -> QuerySet[Variation]:
    units = Variation.objects.filter(inventory_id=inventory_id).exclude(inventory_id="")
    return units.select_related("listing__account", "mapping__product").defer("listing__raw").order_by("pk")


def _row(operation: FulfillmentOperation) -> dict[str, Any]:
    return {
        "operation": operation,
        "kind": KINDS.get(operation.type, operation.type.replace("_", " ").capitalize()),
        "shipment": next((key for kind, key in operation.references if kind == "shipment_id"), ""),
        "detail": ", ".join(f"{status} {units}" for status, units in operation.not_available_detail),
    }
