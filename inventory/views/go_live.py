"""Go live: the table of what would change, and the switch."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from inventory.pushes import go_live as switch
from sellers.connection import accounts
from sellers.models import SellerAccount
from ui import htmx
from ui.permissions import MANAGER, role_required

SHOWN = 200


@role_required(MANAGER)
def go_live(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what would be pushed; a POST with `mode` turns the seller live, or back to observing."""
    account = get_object_or_404(SellerAccount, pk=pk)
    if request.method == "POST":
        return _switch(request, account)
    preview = switch.preview_of(account)
    context = {
        "title": _("Go live: %(seller)s") % {"seller": account.nickname},
        "account": account,
        "preview": preview,
        "changes": preview.changes[:SHOWN],
        "prices": preview.prices[:SHOWN],
        "shown": SHOWN,
        "is_live": account.mode == SellerAccount.Mode.LIVE,
        "may_go": account.status == SellerAccount.Status.CONNECTED,
    }
    return render(request, "inventory/go_live.html", context)


def _switch(request: HttpRequest, account: SellerAccount) -> HttpResponse:
    if request.POST.get("mode") == "observe":
        accounts.observe(account)
        told = _("%(seller)s only observes now: nothing is sent to Mercado Libre.")
    elif account.status != SellerAccount.Status.CONNECTED:
        messages.warning(request, _("Connect the seller first: nothing can be sent without."))
        return htmx.redirect(request, reverse("inventory:go_live", args=[account.pk]))
    else:
        switch.go_live(account=account, by=request.user)
        told = _("%(seller)s is live: what differs is being sent now.")
    messages.success(request, told % {"seller": account.nickname})
    return htmx.redirect(request, reverse("inventory:go_live", args=[account.pk]))
