"""A Global Selling item, or its listing in one country: what Mercado Libre shows, and all that can be changed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.lifecycle import words_of
from catalog.marketplaces import marketplace_changes, marketplace_floor
from catalog.marketplaces.fields import Field, package_text
from catalog.marketplaces.forms import (
    ChangeForm,
    DeleteForm,
    MarketplacePriceForm,
    NetProceedsForm,
    PackageForm,
    PicturesForm,
    StatusForm,
    TitleForm,
    VariationForm,
)
from catalog.models import Listing
from catalog.prices import price_changes
from catalog.tables import lamps_of
from mercadolibre.checks import package_of
from mercadolibre.checks.values import FROZEN_BY_SALES
from mercadolibre.resources.items import Item
from mercadolibre.resources.marketplaces import GLOBAL_SITE
from mercadolibre.sites import SITES
from ui import htmx
from ui.permissions import MANAGER, VIEWER, require_role, role_required
from ui.stored import told

CHANGES = 20
PRICE, DELETE = "price", "delete"


@dataclass(frozen=True)
class Panel:
    """A card of the page: a form under its heading, or the reason why there is none."""

    name: str
    heading: str | Promise
    button: str | Promise
    form: forms.Form | None
    note: str = ""


# name -> what to read above the form, and on its button
WORDS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    PRICE: (gettext_lazy("Price here"), gettext_lazy("Save price")),
    Field.NET_PROCEEDS.value: (gettext_lazy("Net proceeds"), gettext_lazy("Save net proceeds")),
    Field.STATUS.value: (gettext_lazy("For sale"), gettext_lazy("Save status")),
    Field.PACKAGE.value: (gettext_lazy("Package"), gettext_lazy("Save package")),
    Field.TITLE.value: (gettext_lazy("Title"), gettext_lazy("Save title")),
    Field.PICTURES.value: (gettext_lazy("Pictures"), gettext_lazy("Send pictures")),
    Field.VARIATION.value: (gettext_lazy("New variation"), gettext_lazy("Add variation")),
    DELETE: (gettext_lazy("Delete in this country"), gettext_lazy("Delete")),
}


@role_required(VIEWER)
def marketplace(request: HttpRequest, pk: int) -> HttpResponse:
    """What Mercado Libre shows, and a form for each thing that can be changed."""
    of_global_selling = Q(parent_item__isnull=False) | Q(item_id__startswith=GLOBAL_SITE)
    found = Listing.objects.select_related("account", "price_target").filter(of_global_selling)
    listing = get_object_or_404(found, pk=pk)
    sent = request.POST.get("what", "") if request.method == "POST" else ""
    panels = list(panels_of(listing, sent, request.POST))
    if request.method == "POST":
        require_role(request.user, MANAGER)
        form = next((one.form for one in panels if one.name == sent), None)
        if form is not None and form.is_valid() and save(sent, form, listing, request.user):
            messages.success(request, _("Saved. It is sent to Mercado Libre and read back."))
            return htmx.redirect(request, reverse("catalog:marketplace", args=[pk]))
    status = 422 if request.method == "POST" else 200
    return render(request, "catalog/marketplace.html", context_of(listing, panels), status=status)


def panels_of(listing: Listing, sent: str, given: Any) -> Iterator[Panel]:
    """What can be changed; only the form that was sent is filled in."""
    item = Item.from_json(listing.raw)
    for name, (make, options) in offered(listing, item).items():
        heading, button = WORDS[name]
        form = make(given if name == sent else None, auto_id=f"id_{name}_%s", **options)
        yield Panel(name, heading, button, form)
    if listing.sold_quantity:
        yield Panel(Field.TITLE.value, *WORDS[Field.TITLE.value], None, _(FROZEN_BY_SALES))


def offered(listing: Listing, item: Item) -> dict[str, tuple[Callable[..., forms.Form], dict[str, Any]]]:
    """The forms of a listing in one country, or of an item, by name."""
    there, of_item = listing.is_of_marketplace, {"item": item}
    other = "active" if listing.status == "paused" else "paused"
    wanted: list[tuple[str, bool, Callable[..., forms.Form], dict[str, Any]]] = [
        (PRICE, there, MarketplacePriceForm, {"initial": {"price": listing.own_price}}),
        (
            Field.NET_PROCEEDS.value,
            there and listing.net_proceeds is not None,
            NetProceedsForm,
            of_item | {"initial": {"net_proceeds": listing.net_proceeds}},
        ),
        (Field.STATUS.value, True, StatusForm, of_item | {"initial": {"status": other}}),
        (Field.PACKAGE.value, not there, PackageForm, of_item),
        (Field.TITLE.value, not listing.sold_quantity, TitleForm, of_item | {"initial": {"title": listing.title}}),
        (Field.PICTURES.value, True, PicturesForm, of_item),
        (Field.VARIATION.value, not there and bool(item.variations), VariationForm, of_item),
        (DELETE, there and listing.status in ("paused", "closed"), DeleteForm, of_item),
    ]
    return {name: (make, options) for name, is_offered, make, options in wanted if is_offered}


def context_of(listing: Listing, panels: list[Panel]) -> dict[str, Any]:
    site = SITES.get(listing.item_id[:3])
    floor = marketplace_floor.floor_of(listing)
    return {
        "title": listing.title,
        "listing": listing,
        "country": site.country if site else listing.item_id[:3],
        "words": words_of(listing),
        "floor": floor.amount,
        "floor_currency": marketplace_floor.CURRENCY,
        "notes": notes_of(listing, floor),
        "target": getattr(listing, "price_target", None),
        "lamps": lamps_of(listing),
        "package_now": package_text(package_of(listing.raw.get("attributes"))),
        "panels": panels,
        "changes": listing.marketplace_changes.select_related("created_by").order_by("-pk")[:CHANGES],
    }


def notes_of(listing: Listing, floor: marketplace_floor.Floor) -> list[str]:
    """What staff should know of the listing as it is."""
    found = [told(marketplace_floor.note(listing, floor))]
    if listing.net_proceeds is not None and marketplace_floor.problem(listing, listing.net_proceeds, floor):
        found.append(_("What is left for you is below the floor now: raise the net proceeds or the price."))
    return [*filter(None, found), *marketplace_changes.package_problems(listing)]


def save(name: str, form: Any, listing: Listing, by: Any) -> bool:
    """Whether it is on its way; else the form says what is wrong."""
    if name == PRICE:
        return save_price(form, listing, by)
    field = Field.STATUS if name == DELETE else Field(name)
    return save_change(field, form, listing, by)


def save_price(form: forms.Form, listing: Listing, by: Any) -> bool:
    price = form.cleaned_data["price"]
    words = [] if price is None else [told(one.reason) for one in marketplace_changes.price_refused(listing, price)]
    try:
        if not words:
            price_changes.set_own_prices({listing.pk: price}, by=by)
    except price_changes.PriceRefused as refusal:
        words = [str(refusal)]
    for one in words:
        form.add_error("price", one)
    return not words


def save_change(field: str, form: ChangeForm, listing: Listing, by: Any) -> bool:
    try:
        marketplace_changes.ask(listing, field, form.value(), by=by, operation=form.cleaned_data["operation"])
    except marketplace_changes.ChangeRefused as refusal:
        for one in refusal.problems:
            form.blame(one.field, told(one.reason))
    return not form.errors
