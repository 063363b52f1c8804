"""A seller's stores at Mercado Libre, and which of our warehouses they are."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from inventory.models import Warehouse
from inventory.places import links, stores
from mercadolibre.resources.stock import Store
from sellers.models import SellerAccount
from ui import htmx
from ui.permissions import MANAGER, VIEWER, role_required

NEW = "new"


@role_required(VIEWER)
def store_list(request: HttpRequest, pk: int) -> HttpResponse:
    """What ML shows of the seller's stores, and what of it is linked."""
    account = get_object_or_404(SellerAccount, pk=pk)
    found, problem = stores.read(account)
    rows = [] if problem else stores.rows_of(account, found)
    taken = {row.link.warehouse_id for row in rows if row.link is not None}
    free = Warehouse.objects.filter(active=True, kind=Warehouse.Kind.SHELF)
    context = {
        "title": _("Stores of %(seller)s at Mercado Libre") % {"seller": account.nickname},
        "account": account,
        "rows": rows,
        "problem": problem,
        "free": [warehouse for warehouse in free if warehouse.pk not in taken],
    }
    return render(request, "inventory/stores.html", context)


@role_required(MANAGER)
def link(request: HttpRequest, pk: int, store_id: str) -> HttpResponse:
    """Link a store to the chosen warehouse, or to a new one made from it."""
    if request.method != "POST":
        raise Http404
    account = get_object_or_404(SellerAccount, pk=pk)
    back = reverse("inventory:stores", args=[pk])
    found, problem = stores.read(account)
    store = next((one for one in found if one.id == store_id), None)
    if store is None:
        messages.error(request, problem or _("Mercado Libre no longer shows this store."))
        return htmx.redirect(request, back)
    _link(request, account, store, request.POST.get("warehouse", NEW))
    return htmx.redirect(request, back)


@role_required(MANAGER)
def leave_out(request: HttpRequest, pk: int, store_id: str) -> HttpResponse:
    """Say that nothing is sold from a store, or take that back: `left_out` is 1 or 0."""
    if request.method != "POST":
        raise Http404
    account = get_object_or_404(SellerAccount, pk=pk)
    left_out = request.POST.get("left_out") == "1"
    stores.leave_out(account, store_id, left_out=left_out)
    told = _("Left out: nothing is sold from it.") if left_out else _("Link it to one of our warehouses now.")
    messages.success(request, told)
    return htmx.redirect(request, reverse("inventory:stores", args=[pk]))


def _link(request: HttpRequest, account: SellerAccount, store: Store, chosen: str) -> None:
    try:
        messages.success(request, _linked(account, store, chosen))
    except links.StoreTaken:
        messages.error(request, _("This store is linked to another warehouse already. Remove that link first."))
    except links.OneStoreOnly:
        messages.error(
            request, _("Mercado Libre lets this seller keep stock in one warehouse. Remove the other link first.")
        )


def _linked(account: SellerAccount, store: Store, chosen: str) -> str:
    """Link as was chosen, and say what was done."""
    if chosen == NEW:
        made, is_new = stores.make_warehouse(account, store)
        said = _("Warehouse %(code)s added and linked. Count its stock next.") if is_new else _("Linked to %(code)s.")
        return said % {"code": made.warehouse.code}
    free = Warehouse.objects.filter(active=True, kind=Warehouse.Kind.SHELF)
    warehouse = get_object_or_404(free, pk=int(chosen) if chosen.isdecimal() else 0)
    links.link(account=account, warehouse=warehouse, store=store)
    return _("Linked. Quantities at Mercado Libre are updated by themselves.")
