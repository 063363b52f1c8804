"""Receipts and transfers: what came in, what is on its way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db.models import F, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory import ledger, queries
from inventory.documents import receipts, transfers
from inventory.documents.forms import ReceiptForm, ReceptionForm, TransferFilters, TransferForm
from inventory.documents.tables import ReceiptTable, TransferTable
from inventory.models import Receipt, Transfer
from inventory.tables import MovementTable
from ui import htmx
from ui.lists import Empty, KeysetListPage, Tab
from ui.permissions import OPERATOR, VIEWER, has_role, role_required

DONE_BEFORE = gettext_lazy("This was done already: nothing changed the second time.")


class DocumentList(KeysetListPage):
    """A list whose rows somebody makes by a form at `new_url`; whoever may not is not offered it."""

    template_name = "inventory/documents.html"
    new_url = ""
    new_label: str | Promise = ""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        offered: dict[str, Any] = {"new_url": self.new_url, "new_label": self.new_label}
        if not has_role(self.request.user, OPERATOR):
            offered["empty"] = replace(self.empty, action="")
        return context | offered


class ReceiptList(DocumentList):
    title = gettext_lazy("Receipts")
    queryset = staticmethod(lambda request: Receipt.objects.select_related("warehouse", "received_by"))
    table_class = ReceiptTable
    new_url, new_label = "/receipts/new/", gettext_lazy("Receive goods")
    empty = Empty(
        gettext_lazy("Nothing was received yet"),
        gettext_lazy("Enter what a delivery brought, product by product or by scanning."),
        gettext_lazy("Receive goods"),
        "/receipts/new/",
        "box",
    )


def entered(request: HttpRequest, **initial: Any) -> dict[str, Any]:
    """What a link to a form fills in."""
    given = {name: request.GET[name] for name in ("warehouse", "source", "target") if name in request.GET}
    sku = request.GET.get("sku")
    return given | ({"lines": f"{sku} "} if sku else {}) | initial


def shown(request: HttpRequest, form: Any, *, title: str, back: str, button: str, hint: str = "") -> HttpResponse:
    context = {"title": title, "form": form, "back": back, "button": button, "hint": hint}
    return render(request, "inventory/document_form.html", context, status=422 if form.errors else 200)


@role_required(OPERATOR)
def receipt_new(request: HttpRequest) -> HttpResponse:
    """Take goods in, once however often the form is sent."""
    form = ReceiptForm(request.POST or None, initial=entered(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made, fresh = receipts.receive(
            warehouse=given["warehouse"],
            units=given["lines"],
            operation=given["operation"],
            by=request.user,
            reference=given["reference"],
        )
        tell(request, fresh, _("Received. Quantities at Mercado Libre are updated by themselves."))
        return htmx.redirect(request, reverse("inventory:receipt", args=[made.pk]))
    back = reverse("inventory:receipts")
    return shown(request, form, title=_("Receive goods"), back=back, button=_("Receive"))


def tell(request: HttpRequest, fresh: bool, told: str) -> None:
    if fresh:
        messages.success(request, told)
    else:
        messages.info(request, DONE_BEFORE)


@role_required(VIEWER)
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """A receipt and its movements."""
    found = get_object_or_404(Receipt.objects.select_related("warehouse", "received_by"), pk=pk)
    movements = queries.movement_rows().filter(operation=f"receipt:{found.pk}").order_by("id")
    context = {
        "title": _("Receipt %(number)s") % {"number": found.pk},
        "receipt": found,
        "movements": MovementTable(list(movements), orderable=False),
    }
    return render(request, "inventory/receipt.html", context)


class TransferList(DocumentList):
    title = gettext_lazy("Transfers")
    table_class = TransferTable
    filterset_class = TransferFilters
    new_url, new_label = "/transfers/new/", gettext_lazy("Send units")
    tabs = (
        Tab("", gettext_lazy("All")),
        Tab("way", gettext_lazy("On the way")),
        Tab("closed", gettext_lazy("Closed")),
    )
    empty = Empty(
        gettext_lazy("No transfer yet"),
        gettext_lazy("Send units to another warehouse: nobody sells them until they are received there."),
        gettext_lazy("Send units"),
        "/transfers/new/",
        "warehouse",
    )

    def get_queryset(self) -> Any:
        rows = Transfer.objects.select_related("source", "target", "sent_by")
        return rows.annotate(
            units_sent=Sum("lines__sent"),
            units_missing=Sum("lines__missing"),
            units_on_the_way=Sum(F("lines__sent") - F("lines__received") - F("lines__missing")),
        )

    def filter_tab(self, queryset: Any, tab: str) -> Any:
        return queryset.filter(closed_at__isnull=tab == "way") if tab else queryset


@role_required(OPERATOR)
def transfer_new(request: HttpRequest) -> HttpResponse:
    """Send units on their way, once however often the form is sent."""
    form = TransferForm(request.POST or None, initial=entered(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made, fresh = transfers.send(
                source=given["source"],
                target=given["target"],
                units=given["lines"],
                operation=given["operation"],
                by=request.user,
                note=given["note"],
            )
        except ledger.InsufficientStock as short:
            form.add_error("lines", too_few(short))
        else:
            tell(request, fresh, _("Sent. Receive it in the other warehouse when it arrives."))
            return htmx.redirect(request, reverse("inventory:transfer", args=[made.pk]))
    hint = _("The units leave at once and are sold by nobody until the other warehouse receives them.")
    back = reverse("inventory:transfers")
    return shown(request, form, title=_("Send units"), back=back, button=_("Send"), hint=hint)


def too_few(short: ledger.InsufficientStock) -> str:
    level = short.level
    told = _("%(sku)s: only %(units)s available there (%(on_hand)s on hand, %(reserved)s reserved). Nothing was sent.")
    return told % {
        "sku": level.product.sku,
        "units": max(0, level.available),
        "on_hand": level.on_hand,
        "reserved": level.reserved,
    }


@role_required(VIEWER)
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """A transfer line by line; who may, receives what arrived."""
    found = get_object_or_404(Transfer.objects.select_related("source", "target", "sent_by", "closed_by"), pk=pk)
    lines = list(found.lines.select_related("product").order_by("product__sku"))
    context = {
        "title": _("Transfer %(number)s") % {"number": found.pk},
        "transfer": found,
        "lines": lines,
        "form": ReceptionForm(lines=lines, initial={"version": found.version}) if not found.closed_at else None,
    }
    return render(request, "inventory/transfer.html", context)


@role_required(OPERATOR)
def transfer_receive(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in what arrived; a stale page or a second click changes nothing and shows the present numbers."""
    found = get_object_or_404(Transfer.objects.select_related("source", "target", "sent_by", "closed_by"), pk=pk)
    address = reverse("inventory:transfer", args=[found.pk])
    if request.method != "POST":
        return htmx.redirect(request, address)
    lines = list(found.lines.select_related("product").order_by("product__sku"))
    if found.closed_at or request.POST.get("version") != str(found.version):
        return changed_meanwhile(request, address)
    form = ReceptionForm(request.POST, lines=lines)
    if not form.is_valid():
        context = {"title": _("Transfer %(number)s") % {"number": found.pk}, "transfer": found, "lines": lines}
        return render(request, "inventory/transfer.html", context | {"form": form}, status=422)
    given = form.cleaned_data
    try:
        transfers.receive(
            transfer=found,
            units=form.units,
            version=given["version"],
            by=request.user,
            rest_is_missing=given["rest_is_missing"],
            reason=given["reason"],
        )
    except (transfers.ChangedMeanwhile, transfers.TooMany):
        return changed_meanwhile(request, address)
    messages.success(request, _("Received. Quantities at Mercado Libre are updated by themselves."))
    return htmx.redirect(request, address)


def changed_meanwhile(request: HttpRequest, address: str) -> HttpResponse:
    messages.warning(
        request, _("Somebody received from this transfer meanwhile: nothing was done now. These are its numbers.")
    )
    return htmx.redirect(request, address)
