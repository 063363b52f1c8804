"""Warehouses, and from which of them each seller sells."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from inventory import forms
from inventory.models import SellerWarehouse, Warehouse
from inventory.places import links
from inventory.views.two_steps import again, take
from mercadolibre import errors
from mercadolibre.resources.stock import Store
from sellers.models import SellerAccount
from sellers.queue.outcomes import TryLater
from ui import htmx
from ui.permissions import MANAGER, VIEWER, require_role, role_required
from ui.stored import together, told


@role_required(VIEWER)
def warehouses(request: HttpRequest) -> HttpResponse:
    """All warehouses with what they hold, the sellers that sell from them, and a form to add one."""
    form = forms.WarehouseForm(request.POST or None)
    if request.method == "POST":
        require_role(request.user, MANAGER)
        if form.is_valid():
            form.save()
            messages.success(request, _("Warehouse added. Count its stock next."))
            return htmx.redirect(request, reverse("inventory:warehouses"))
    rows = Warehouse.objects.annotate(
        products=Count("levels", filter=Q(levels__on_hand__gt=0)), units=Sum("levels__on_hand")
    )
    sellers = SellerAccount.objects.exclude(status=SellerAccount.Status.DISCONNECTED)
    context = {
        "title": _("Warehouses"),
        "warehouses": rows,
        "sellers": sellers.prefetch_related("warehouses__warehouse"),
        "form": form,
    }
    return render(request, "inventory/warehouses.html", context, status=422 if form.errors else 200)


@role_required(MANAGER)
def warehouse(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a warehouse, switch it off or on."""
    found = get_object_or_404(Warehouse, pk=pk, kind=Warehouse.Kind.SHELF)
    was_active = found.active
    form = forms.WarehouseEditForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data["active"]
        found.active = was_active
        try:
            with transaction.atomic():
                found.save()
                links.set_active(found, wanted)
        except links.StillHolds:
            form.add_error("active", _("It cannot be closed yet. See below what to do first."))
        else:
            messages.success(request, _("Warehouse %(code)s saved.") % {"code": found.code})
            return htmx.redirect(request, reverse("inventory:warehouses"))
    context = {"title": found.code, "warehouse": found, "form": form, "still": links.still_in(found)}
    return render(request, "inventory/warehouse.html", context, status=422 if form.errors else 200)


@role_required(MANAGER)
def seller_warehouses(request: HttpRequest, pk: int) -> HttpResponse:
    """From which warehouses one seller sells or never does, in which order, and which of ML's stores they are."""
    account = get_object_or_404(SellerAccount, pk=pk)
    present = list(account.warehouses.select_related("warehouse"))
    stores, problem = _stores(account)
    form = forms.LinkForm(
        request.POST or None,
        stores=[(store.id, _name_of(store)) for store in stores],
        taken=forms.taken_stores(present, except_warehouse=request.POST.get("warehouse", "")),
    )
    preview = None
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        store = next((one for one in stores if one.id == entered["store"]), None)
        chosen = {name: entered[name] for name in ("warehouse", "priority", "excluded")}
        preview = take(request, links.Linked(account, store=store, **chosen), form)
        if preview is None:
            return htmx.redirect(request, request.path)
        again(form, to_zero=preview.effect.to_zero)
    context = {
        "title": _("Warehouses of %(seller)s") % {"seller": account.nickname},
        "account": account,
        "links": present,
        "unlinked": [store for store in stores if store.id not in {link.store_id for link in present}],
        "stores": stores,
        "problem": problem,
        "form": form,
        "preview": preview,
    }
    return render(request, "inventory/seller_warehouses.html", context, status=422 if form.errors else 200)


def _stores(account: SellerAccount) -> tuple[tuple[Store, ...], str]:
    """ML's stores, or why they cannot be read now."""
    try:
        return links.stores_of(account), ""
    except errors.MeliError as error:
        explained = errors.explain(error)
        return (), told(together(explained.meaning, explained.todo))
    except TryLater as later:
        return (), str(later)


def _name_of(store: Store) -> str:
    return " · ".join(part for part in (store.description, store.city, store.id) if part)


@role_required(MANAGER)
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a warehouse away from a seller, after a look at what follows."""
    if request.method != "POST":
        raise Http404
    link = get_object_or_404(SellerWarehouse.objects.select_related("account", "warehouse"), pk=pk)
    back = reverse("inventory:seller_warehouses", args=[link.account_id])
    form = forms.TwoStepForm(request.POST)
    form.is_valid()
    preview = take(request, links.Unlinked(link), form)
    if preview is None:
        return htmx.redirect(request, back)
    again(form, to_zero=preview.effect.to_zero)
    names = {"warehouse": link.warehouse.code, "seller": link.account.nickname}
    title = _("Remove %(warehouse)s from %(seller)s?") % names
    return render(request, "inventory/unlink.html", {"title": title, "back": back, "form": form, "preview": preview})
