"""Stock counts: entered by whoever counts, decided by whoever answers for the stock."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory import counts
from inventory.document_forms import CountFilters, CountForm
from inventory.document_tables import CountTable
from inventory.models import StockCount, StockLevel
from inventory.views.documents import DocumentList, entered, shown, tell
from ui import htmx
from ui.lists import Empty
from ui.permissions import MANAGER, OPERATOR, VIEWER, role_required

State = StockCount.State


class CountList(DocumentList):
    title = gettext_lazy("Stock counts")
    table_class = CountTable
    filterset_class = CountFilters
    new_url, new_label = "/counts/new/", gettext_lazy("Count")
    empty = Empty(
        gettext_lazy("Nothing was counted yet"),
        gettext_lazy("Enter what is on the shelf. Where it differs somebody approves it before stock changes."),
        gettext_lazy("Count"),
        "/counts/new/",
        "box",
    )

    def get_queryset(self) -> Any:
        rows = StockCount.objects.select_related("warehouse", "counted_by", "decided_by")
        differs = ~Q(lines__counted=F("lines__on_hand"))
        return rows.annotate(products=Count("lines"), differing=Count("lines", filter=differs))


@role_required(OPERATOR)
def count_new(request: HttpRequest) -> HttpResponse:
    """Enter a count; stock stays as it is until somebody approves the differences."""
    form = CountForm(request.POST or None, initial=entered(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made, fresh = counts.enter(
            warehouse=given["warehouse"],
            counted=given["lines"],
            operation=given["operation"],
            by=request.user,
            reason=given["reason"],
        )
        equal = made.state == State.APPROVED
        told = _("Nothing differs: the count is kept.") if equal else _("Entered. It waits for somebody's approval.")
        tell(request, fresh, told)
        return htmx.redirect(request, reverse("inventory:count", args=[made.pk]))
    hint = _("Nothing changes yet: somebody approves what differs.")
    return shown(request, form, title=_("Count"), back=reverse("inventory:counts"), button=_("Enter"), hint=hint)


@role_required(VIEWER)
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """A count line by line: then, counted, now, and what approval would make of it. Five queries."""
    found = get_object_or_404(StockCount.objects.select_related("warehouse", "counted_by", "decided_by"), pk=pk)
    lines = list(found.lines.select_related("product").order_by("product__sku"))
    ids = [line.product_id for line in lines]
    levels = StockLevel.objects.filter(warehouse=found.warehouse_id, product_id__in=ids)
    now = dict(levels.values_list("product_id", "on_hand"))
    waiting = found.state == State.WAITING
    rows = [
        {
            "line": line,
            "now": now.get(line.product_id, 0),
            "then": now.get(line.product_id, 0) + line.difference if waiting else None,
        }
        for line in lines
    ]
    context = {
        "title": _("Count %(number)s") % {"number": found.pk},
        "count": found,
        "rows": rows,
        "waiting": waiting,
        "tone": CountTable.base_columns["state"].tones[found.state],
        "corrected": counts.corrected_since(found) if waiting else [],
    }
    return render(request, "inventory/count.html", context)


@role_required(MANAGER)
def count_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a count or reject it, once."""
    found = get_object_or_404(StockCount, pk=pk)
    decision = request.POST.get("decision")
    if request.method != "POST" or decision not in ("approve", "reject"):
        raise Http404
    try:
        if decision == "approve":
            counts.approve(count=found, by=request.user)
            messages.success(request, _("Approved. Quantities at Mercado Libre are updated by themselves."))
        else:
            counts.reject(count=found, by=request.user)
            messages.success(request, _("Rejected. Stock stays as it was."))
    except counts.DecidedAlready as decided:
        told = _("%(who)s decided this count already: nothing changed now.")
        messages.warning(request, told % {"who": decided.count.decided_by})
    except counts.CorrectedSince as corrected:
        skus = ", ".join(product.sku for product in corrected.products)
        told = _("Counted or adjusted again since then: %(skus)s. Reject this count and count anew.")
        messages.warning(request, told % {"skus": skus})
    return htmx.redirect(request, reverse("inventory:count", args=[found.pk]))
