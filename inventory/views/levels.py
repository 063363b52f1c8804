"""Inventory and a product's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.kits import kits_with
from catalog.models import Product
from inventory import queries
from inventory.filters import LevelFilters
from inventory.models import StockMovement, StockTarget
from inventory.places import full
from inventory.tables import MOVES, LevelTable, MovementTable
from inventory.targets import words
from inventory.targets.intents import Intent, intents_of, linked
from inventory.targets.kit_shelves import kit_shelves
from ui.lamps import Lamps
from ui.lists import Empty, ListPage
from ui.permissions import MANAGER, OPERATOR, VIEWER, has_role, role_required

RECENT = 20
FED = 200
STATE_TONES = {
    "equal": "ok",
    "waiting": "info",
    "accepted": "info",
    "drift": "warn",
    "blocked": "warn",
    "rejected": "bad",
}


class LevelList(ListPage):
    title = _("Inventory")
    queryset = staticmethod(lambda request: queries.level_rows())
    table_class = LevelTable
    filterset_class = LevelFilters
    template_name = "inventory/levels.html"
    export_name = "inventory"
    empty = Empty(
        _("No stock yet"),
        _("Count what is on the shelf, product by product or with a spreadsheet; every change goes into the ledger."),
        _("Receive stock"),
        "/receipts/new/",
        "box",
    )

    def table_kwargs(self) -> dict[str, Any]:
        return {"may_move": has_role(self.request.user, OPERATOR)}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return context | {"moves": moves_for(self.request.user)}


def moves_for(user: Any) -> list[tuple[str, str | Promise]]:
    """What somebody may do to stock: addresses and words."""
    direct = [(reverse("inventory:move", args=["adjust"]), _("Adjust"))] if has_role(user, MANAGER) else []
    return [*((reverse(name), label) for name, label in MOVES), *direct]


def lamps_of(target: StockTarget | None) -> Lamps | None:
    """A unit's three lamps as pages show them."""
    if target is None:
        return None
    return Lamps(
        target.wanted,
        target.accepted,
        target.observed,
        target.wanted_at,
        target.accepted_at,
        target.observed_at,
        failed=target.state == StockTarget.State.REJECTED,
    )


def feed_row(intent: Intent) -> dict[str, Any]:
    """A listing that a product feeds, for a table."""
    target, last = intent.target, intent.last_units
    return {
        "intent": intent,
        "whole": last.without if last else intent.quantity,
        "keeper": last.keeper if last and not last.keeps else None,
        "variation": intent.variation,
        "listing": intent.variation.listing,
        "lamps": lamps_of(target),
        "target": target,
        "tone": STATE_TONES.get(target.state, "") if target else "",
        "reason": words.REASONS[intent.choice.reason],
    }


def theirs(intent: Intent, found: Product, codes: Mapping[int, str]) -> str:
    """The query of an adjustment that makes our stock what ML shows; "" where nothing was changed there."""
    target = intent.target
    drifted = target is not None and target.state == StockTarget.State.DRIFT and intent.product_id == found.pk
    place = next((codes[place.warehouse_id] for place in intent.places if place.warehouse_id in codes), "")
    if target is None or not drifted or not place:
        return ""
    units = ((target.observed or 0) - (target.wanted or 0)) * intent.units
    return urlencode({"sku": found.sku, "warehouse": place, "quantity": units})


@role_required(VIEWER)
def product(request: HttpRequest, sku: str) -> HttpResponse:
    """Everything about one product's stock, in a fixed number of queries."""
    found = get_object_or_404(Product, sku=sku)
    levels = list(found.levels.select_related("warehouse").order_by("warehouse__code"))
    movements = queries.movement_rows().filter(level__product=found).order_by("-id")[:RECENT]
    sold_as = {found.pk, *kits_with([found.pk])}
    feeds = intents_of(linked().filter(mapping__product__in=sold_as), limit=FED)
    codes = {level.warehouse_id: level.warehouse.code for level in levels}
    context = {
        "title": found.sku,
        "product": found,
        "levels": levels,
        "total": {name: sum(getattr(one, name) for one in levels) for name in ("on_hand", "reserved", "available")},
        "kit": kit_shelves(found.pk),
        "pools": full.pools_of(found),
        "reservations": queries.reservations_of(found),
        "feeds": [feed_row(one) | {"theirs": theirs(one, found, codes)} for one in feeds],
        "movements": MovementTable(list(movements), orderable=False, exclude=("sku",)),
        "kinds": StockMovement.Kind,
        "moves": moves_for(request.user),
    }
    return render(request, "inventory/product.html", context)
