"""Stock counts: entered by whoever counts, decided by whoever answers for the stock."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.documents import count_rows, counts
from inventory.documents.forms import CountDecisionForm, CountFilters, CountForm
from inventory.documents.tables import CountTable
from inventory.models import StockCount
from inventory.views.documents import DocumentList, entered, shown, tell
from ui import htmx
from ui.lists import Empty
from ui.permissions import MANAGER, OPERATOR, VIEWER, has_role, role_required

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
    """A count line by line: then, counted, since, now, and what approval would make of it."""
    found = get_object_or_404(StockCount.objects.select_related("warehouse", "counted_by", "decided_by"), pk=pk)
    return page(request, found, CountDecisionForm())


def page(request: HttpRequest, found: StockCount, form: CountDecisionForm) -> HttpResponse:
    lines = list(found.lines.select_related("product").order_by("product__sku"))
    for line in lines:
        line.count = found
    waiting = found.state == State.WAITING
    may_decide = waiting and has_role(request.user, MANAGER)
    context = {
        "title": _("Count %(number)s") % {"number": found.pk},
        "count": found,
        "rows": count_rows.rows_of(found, lines),
        "waiting": waiting,
        "tone": CountTable.base_columns["state"].tones[found.state],
        "corrected": counts.corrected_since(found) if waiting else [],
        "approval": str(counts.approval_of(found, lines, by=request.user)) if may_decide else "",
        "form": form,
    }
    return render(request, "inventory/count.html", context, status=422 if form.errors else 200)


@role_required(MANAGER)
def count_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a count or reject it, once."""
    found = get_object_or_404(StockCount.objects.select_related("warehouse", "counted_by", "decided_by"), pk=pk)
    decision = request.POST.get("decision")
    if request.method != "POST" or decision not in ("approve", "reject"):
        raise Http404
    form = CountDecisionForm(request.POST)
    because = form.cleaned_data["because"] if form.is_valid() else ""
    try:
        _decide(request, found, decision, because)
    except counts.NeedsReason:
        return page(request, found, form)
    except counts.NeedsAnother as refused:
        raise PermissionDenied from refused
    return htmx.redirect(request, reverse("inventory:count", args=[found.pk]))


def _decide(request: HttpRequest, found: StockCount, decision: str, because: str) -> None:
    try:
        if decision == "approve":
            counts.approve(count=found, by=request.user, because=because)
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
