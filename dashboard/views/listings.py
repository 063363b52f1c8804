"""Listings: the list, and all there is to know about one."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from catalog.lifecycle import words_of
from catalog.models import Listing, Variation
from catalog.shapes import shape_changes, shape_words
from dashboard import jobs, marketplaces, why
from dashboard.cells import changes, lamps_of, shown_of
from dashboard.filters import ListingFilters
from dashboard.queries import history, listings
from dashboard.tables import ListingTable
from dashboard.views.answers import say_and_go
from inventory.targets.why import why as stock_why
from ui import htmx
from ui.lists import BulkAction, Empty, ListPage, Selection
from ui.permissions import OPERATOR, VIEWER, role_required

ONE_AGAIN = {
    "stock": gettext_lazy("Push stock again"),
    "price": gettext_lazy("Push price again"),
    "look": gettext_lazy("Look again"),
}


class ListingList(ListPage):
    title = gettext_lazy("Listings")
    queryset = listings.rows
    table_class = ListingTable
    filterset_class = ListingFilters
    export_name = "listings"
    empty = Empty(
        gettext_lazy("No listings yet"),
        gettext_lazy("They arrive by themselves within minutes of connecting a seller."),
        gettext_lazy("Connect a seller"),
        "/sellers/",
        "list",
    )
    bulk_actions = (
        BulkAction("stock", jobs.TITLES["stock"], tone="primary"),
        BulkAction("price", jobs.TITLES["price"]),
        BulkAction("look", jobs.TITLES["look"]),
    )

    def bulk_stock(self, selection: Selection) -> object:
        return self.again("stock", selection)

    def bulk_price(self, selection: Selection) -> object:
        return self.again("price", selection)

    def bulk_look(self, selection: Selection) -> object:
        return self.again("look", selection)

    def again(self, what: str, selection: Selection) -> object:
        """At once for the rows that are ticked; as a job for all that match."""
        if selection.matching:
            job = jobs.start_again(what, query=selection.query, by=self.request.user)
            return htmx.redirect(self.request, reverse("dashboard:job", args=[job.pk]))
        found = list(selection.queryset)
        jobs.again(what, found)
        count = {"count": len(found)}
        return ngettext("Asked for %(count)s listing.", "Asked for %(count)s listings.", len(found)) % count


@role_required(VIEWER)
def listing(request: HttpRequest, item_id: str) -> HttpResponse:
    found = get_object_or_404(Listing.objects.select_related("account", "price_target"), item_id=item_id)
    units = list(
        found.variations.select_related("mapping__product", "stock_target").order_by("gone_at", "variation_id")
    )
    return render(request, "dashboard/listing.html", detail(found, units))


def detail(found: Listing, units: list[Any]) -> dict[str, Any]:
    keys = listings.keys_of(found, units)
    products = [unit.mapping.product for unit in units if hasattr(unit, "mapping")]
    pushes = listings.pushes_of(found, keys)
    return {
        "title": found.title,
        "listing": found,
        "there": marketplaces.lines_of(found) if found.account.is_global else [],
        "refused": marketplaces.refused(found) if found.account.is_global else [],
        "words": words_of(found),
        "shapes": [(one, shape_words.of(one)) for one in shape_changes.open_changes().filter(listing=found)],
        "units": [{"unit": unit, "lamps": lamps_of(target_of(unit)), "shown": shown_of(unit)} for unit in units],
        "siblings": [(one, words_of(one)) for one in listings.siblings_of(found, units)],
        "price_why": why.price(found, units),
        "price_lamps": lamps_of(getattr(found, "price_target", None)),
        "pushes": [{"push": push, "changes": changes(push.changes)} for push in pushes],
        "notifications": listings.notifications_of(found, keys),
        "waiting": listings.work_of(found, keys),
        "movements": listings.movements_of(products),
        "changes": history.changes_of(found),
        "raw": json.dumps(found.raw, indent=2, ensure_ascii=False, default=str),
        "actions": ONE_AGAIN.items(),
    }


def target_of(unit: Any) -> Any:
    return getattr(unit, "stock_target", None)


@role_required(VIEWER)
def why_quantity(request: HttpRequest, item_id: str, pk: int) -> HttpResponse:
    """How a unit's quantity comes about: a part of the listing's page, or a page where it is opened alone."""
    unit = get_object_or_404(Variation.objects.select_related("listing"), pk=pk, listing__item_id=item_id)
    context = {"title": unit.listing.title, "listing": unit.listing, "unit": unit, "why": why.quantity(stock_why(unit))}
    return render(request, "dashboard/why_sum.html" if htmx.is_htmx(request) else "dashboard/why.html", context)


@require_POST
@role_required(OPERATOR)
def again(request: HttpRequest, item_id: str, what: str) -> HttpResponse:
    """Push this listing's stock or price again, or look at it again."""
    found: QuerySet[Listing] = Listing.objects.defer("raw")
    one = get_object_or_404(found, item_id=item_id)
    jobs.again(what, [one])
    return say_and_go(request, _("Asked for. See below in a moment."), reverse("dashboard:listing", args=[item_id]))
