"""A listing on one marketplace of Global Selling: its price there, what is left of it, and whether it is for sale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog import marketplace_changes, price_changes, price_targets
from catalog.forms import MarketplacePriceForm, NetProceedsForm, StatusForm
from catalog.lifecycle import words_of
from catalog.models import Listing, MarketplaceChange
from catalog.tables import lamps_of
from mercadolibre.sites import SITES
from ui import htmx
from ui.permissions import MANAGER, VIEWER, require_role, role_required

CHANGES = 20
Field = MarketplaceChange.Field
PRICE = "price"


@role_required(VIEWER)
def marketplace(request: HttpRequest, pk: int) -> HttpResponse:
    """What Mercado Libre shows, and a form for each thing that can be changed."""
    listings = Listing.objects.select_related("account", "price_target").filter(parent_item__isnull=False)
    listing = get_object_or_404(listings, pk=pk)
    sent = request.POST.get("what", "") if request.method == "POST" else ""
    made = forms_of(listing, sent, request.POST)
    if request.method == "POST":
        require_role(request.user, MANAGER)
        form = made.get(sent)
        if form is not None and form.is_valid() and SAVE[sent](form, listing, request.user):
            messages.success(request, _("Saved. It is sent to Mercado Libre and read back."))
            return htmx.redirect(request, reverse("catalog:marketplace", args=[pk]))
    status = 422 if request.method == "POST" else 200
    return render(request, "catalog/marketplace.html", context_of(listing, made), status=status)


def forms_of(listing: Listing, sent: str, given: Any) -> dict[str, forms.Form]:
    """Every form of the page; only the one that was sent is filled in."""
    other = "active" if listing.status == "paused" else "paused"
    kinds: dict[str, tuple[Callable[..., forms.Form], dict[str, Any]]] = {
        PRICE: (MarketplacePriceForm, {"price": listing.own_price}),
        Field.NET_PROCEEDS.value: (NetProceedsForm, {"net_proceeds": listing.net_proceeds}),
        Field.STATUS.value: (StatusForm, {"status": other}),
    }
    if listing.net_proceeds is None:
        del kinds[Field.NET_PROCEEDS.value]
    return {
        name: kind(given if name == sent else None, prefix=None, initial=initial, auto_id=f"id_{name}_%s")
        for name, (kind, initial) in kinds.items()
    }


def context_of(listing: Listing, made: dict[str, forms.Form]) -> dict[str, Any]:
    site = SITES.get(listing.item_id[:3])
    return {
        "title": listing.title,
        "listing": listing,
        "country": site.country if site else listing.item_id[:3],
        "words": words_of(listing),
        "wish": price_targets.wishes([listing])[listing.pk],
        "target": getattr(listing, "price_target", None),
        "lamps": lamps_of(listing),
        "package": marketplace_changes.package_problems(listing),
        "forms": made,
        "changes": listing.marketplace_changes.select_related("created_by").order_by("-pk")[:CHANGES],
    }


def save_price(form: forms.Form, listing: Listing, by: Any) -> bool:
    price = form.cleaned_data["price"]
    words = [] if price is None else marketplace_changes.refusals(listing, PRICE, price)
    try:
        if not words:
            price_changes.set_own_prices({listing.pk: price}, by=by)
    except price_changes.PriceRefused as refusal:
        words = [str(refusal)]
    for one in words:
        form.add_error("price", one)
    return not words


def save_change(field: str) -> Callable[[forms.Form, Listing, Any], bool]:
    def save(form: forms.Form, listing: Listing, by: Any) -> bool:
        value, operation = form.cleaned_data[field], form.cleaned_data["operation"]
        try:
            marketplace_changes.ask(listing, field, value, by=by, operation=operation)
        except marketplace_changes.ChangeRefused as refusal:
            form.add_error(field, str(refusal))
        return not form.errors

    return save


SAVE: dict[str, Callable[[forms.Form, Listing, Any], bool]] = {
    PRICE: save_price,
    Field.NET_PROCEEDS.value: save_change(Field.NET_PROCEEDS),
    Field.STATUS.value: save_change(Field.STATUS),
}
