"""Changing what a kit consists of: what follows for its listings is shown before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog import kits
from catalog.models import Product
from inventory.forms import ComponentForm
from inventory.queries import available_of
from inventory.targets.intents import Intent, intents_of, linked
from ui import htmx
from ui.permissions import OPERATOR, role_required

SHOWN = 100  # listings in a preview

Wanted = Mapping[int, Mapping[int, int]]


@dataclass(frozen=True)
class Effect:
    """What a changed composition leads to: quantities of the component, kits available, listings before and after."""

    sku: str
    quantity_before: int
    quantity_after: int
    available_before: int
    available_after: int
    listings: list[tuple[Intent, int | None]]


@role_required(OPERATOR)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a component in, change its quantity, take it out: the first POST shows what follows, `confirm` does it."""
    product = get_object_or_404(Product, pk=pk)
    form = ComponentForm(request.POST or None)
    effect = None
    if request.method == "POST" and form.is_valid():
        component, quantity = form.cleaned_data["sku"], form.cleaned_data["quantity"]
        try:
            if "confirm" in request.POST:
                return _done(request, product, component, quantity)
            effect = effect_of(product, component, quantity)
            form = ComponentForm({"sku": component.sku, "quantity": quantity})
        except kits.KitRefused as refusal:
            form.add_error(None, str(refusal))
    context = {"title": _("Change the kit %(sku)s") % {"sku": product.sku}, "product": product, "form": form}
    status = 422 if form.errors else 200
    return render(request, "inventory/kit.html", context | {"effect": effect}, status=status)


def _done(request: HttpRequest, product: Product, component: Product, quantity: int) -> HttpResponse:
    if kits.change({product.pk: {component.pk: quantity}}, by=request.user):
        messages.success(request, _("The kit is saved; open orders and listings follow by themselves."))
    else:
        messages.info(request, _("It was so already: nothing changed."))
    return htmx.redirect(request, reverse("catalog:product", args=[product.pk]))


def effect_of(product: Product, component: Product, quantity: int) -> Effect:
    """What would follow: it is done and taken back. Raises KitRefused."""
    with transaction.atomic():
        parts = kits.compositions([product.pk]).get(product.pk, {})
        available, before = _available(product), _intents(product)
        kits.change({product.pk: {component.pk: quantity}}, by=None)
        shown = {one.variation.pk: one.quantity for one in before}
        found = Effect(
            component.sku,
            parts.get(component.pk, 0),
            quantity,
            available,
            _available(product),
            [(one, shown.get(one.variation.pk)) for one in _intents(product)],
        )
        transaction.set_rollback(True)
    return found


def _available(product: Product) -> int:
    return sum(available_of([product.pk]).get(product.pk, {}).values())


def _intents(product: Product) -> list[Intent]:
    return intents_of(linked().filter(mapping__product=product), limit=SHOWN)
