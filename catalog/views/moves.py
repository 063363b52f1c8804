"""Listings that took the place of others: their links follow with one click."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog import moves, sku_mapping
from catalog.lifecycle import words_of
from catalog.moves import Sign
from ui import htmx
from ui.permissions import OPERATOR, VIEWER, require_role, role_required

SIGNS = {Sign.USER_PRODUCT: _("same user product"), Sign.SKU: _("same seller SKU")}


@role_required(VIEWER)
def moved(request: HttpRequest) -> HttpResponse:
    """What is proposed, before and after; a POST moves one link or all of them."""
    if request.method == "POST":
        require_role(request.user, OPERATOR)
        return _move(request, request.POST.get("unit", ""))
    found = moves.proposals()
    rows = [{"move": one, "sign": SIGNS[one.sign], "was": words_of(one.old.listing)} for one in found]
    return render(request, "catalog/moved.html", {"title": _("Moved listings"), "rows": rows})


def _move(request: HttpRequest, unit: str) -> HttpResponse:
    if unit and not unit.isdecimal():
        raise Http404
    try:
        many = moves.move([int(unit)] if unit else None, by=request.user)
    except sku_mapping.MappingRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, ngettext("%(many)d link moved.", "%(many)d links moved.", many) % {"many": many})
    return htmx.redirect(request, reverse("catalog:moved"))
