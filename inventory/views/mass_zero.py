"""Many listings would be emptied: what, by which change, how to undo it, and Go on."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from inventory.models import MassZero, StockTarget
from inventory.pushes import blast
from sellers.models import SellerAccount
from ui.permissions import MANAGER, VIEWER, role_required
from ui.stored import told

SHOWN = 200


@role_required(VIEWER)
def mass_zero(request: HttpRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(MassZero.objects.select_related("account", "answered_by"), pk=pk)
    empty = StockTarget.objects.filter(
        wanted=0, variation__listing__zeroing__account=asked.account, variation__listing__zeroing__confirmed_at=None
    )
    units = empty.select_related("variation__listing", "variation__mapping__product").order_by("pk")
    context = {
        "title": _("Many listings would be emptied"),
        "asked": asked,
        "units": units.defer("variation__listing__raw")[:SHOWN],
        "left": empty.count(),
    }
    return render(request, "inventory/mass_zero.html", context)


@require_POST
@role_required(MANAGER)
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(MassZero, pk=pk)
    if not blast.go_on(pk, by=request.user):
        messages.warning(request, _("Somebody answered already."))
    elif (account := SellerAccount.objects.get(pk=asked.account_id)).pushes_paused:
        said = {"reason": told(account.status_reason)}
        messages.warning(request, _("Answered. The seller stays paused until you resume pushes. %(reason)s") % said)
    else:
        messages.success(request, _("Pushes go on with what is wanted now."))
    return redirect("dashboard:seller", pk=asked.account_id)
