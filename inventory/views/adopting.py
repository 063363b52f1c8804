"""The first stock of a seller's products, as Mercado Libre shows it: looked at, then taken over."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Product
from inventory.documents import adopting
from sellers.models import SellerAccount
from ui import htmx
from ui.permissions import MANAGER, role_required

SHOWN = 200
AT_ONCE = 300


@role_required(MANAGER)
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what would be taken over; a POST takes it, each product once."""
    account = get_object_or_404(SellerAccount, pk=pk)
    if request.method == "POST":
        return _adopt(request, account)
    found = adopting.found(account)
    shown = found.plain[:SHOWN]
    products = Product.objects.in_bulk([*(one.product_id for one in shown), *found.differ[:SHOWN]])
    context = {
        "title": _("First stock: %(seller)s") % {"seller": account.nickname},
        "account": account,
        "plain": [(products[one.product_id], one) for one in shown],
        "differ": [products[pk] for pk in found.differ[:SHOWN]],
        "many": len(found.plain),
        "shown": SHOWN,
    }
    return render(request, "inventory/adopt.html", context)


def _adopt(request: HttpRequest, account: SellerAccount) -> HttpResponse:
    try:
        done = adopting.adopt(account, by=request.user, limit=AT_ONCE)
    except ValueError:
        messages.error(request, _("The seller sells from no warehouse: link one on the page Warehouses first."))
    else:
        many = len(done.plain)
        told = ngettext("%(many)d product taken over as shown.", "%(many)d products taken over as shown.", many)
        messages.success(request, told % {"many": many})
    return htmx.redirect(request, reverse("inventory:adopt", args=[account.pk]))
