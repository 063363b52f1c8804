"""Prices: what each listing should cost, what ML shows, and the listing's own price."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog import queries
from catalog.filters import PriceFilters
from catalog.forms import OwnPriceForm
from catalog.models import Listing
from catalog.prices import price_changes, price_targets
from catalog.tables import PriceTable, lamps_of
from sellers.models import PushAttempt
from ui import htmx
from ui.lists import BulkAction, Empty, ListPage, Selection
from ui.permissions import MANAGER, VIEWER, require_role, role_required

MANY = 1_000
PUSHES = 10


class PriceList(ListPage):
    title = _("Prices")
    queryset = staticmethod(lambda request: queries.priced_listings())
    table_class = PriceTable
    filterset_class = PriceFilters
    export_name = "prices"
    empty = Empty(_("No listings yet"), _("They appear here after a seller's listings were imported."), icon="tag")
    bulk_actions = (
        BulkAction("push", _("Send again"), role=MANAGER, tone="primary"),
        BulkAction("clear", _("Take own price away"), role=MANAGER, confirm=_("Use the products' prices instead?")),
    )

    def paginate(self) -> tuple[PriceTable, Any]:
        table, page = super().paginate()
        table.skus_of = queries.linked_skus([row.record.pk for row in page.object_list])
        return table, page

    def bulk_push(self, selection: Selection) -> str:
        ids = list(selection.queryset.values_list("pk", flat=True)[:MANY])
        price_targets.want(ids)
        return gettext("Computed again; what differs is sent.")

    def bulk_clear(self, selection: Selection) -> str:
        ids = list(selection.queryset.values_list("pk", flat=True)[:MANY])
        many = price_changes.set_own_prices(dict.fromkeys(ids), by=self.request.user)
        return ngettext("%(many)d own price taken away.", "%(many)d own prices taken away.", many) % {"many": many}


@role_required(VIEWER)
def listing_price(request: HttpRequest, pk: int) -> HttpResponse:
    """A listing's price: why it is what it is, and the form for its own."""
    listing = get_object_or_404(Listing.objects.select_related("account", "price_target").defer("raw"), pk=pk)
    form = OwnPriceForm(request.POST or None, initial={"price": listing.own_price})
    if request.method == "POST":
        require_role(request.user, MANAGER)
        if form.is_valid() and _saved(form, listing, request.user):
            messages.success(request, gettext("The price is saved."))
            return htmx.redirect(request, reverse("catalog:listing_price", args=[pk]))
    context = {
        "title": listing.title,
        "listing": listing,
        "form": form,
        "target": getattr(listing, "price_target", None),
        "lamps": lamps_of(listing),
        "wish": price_targets.wishes([listing])[listing.pk],
        "units": queries.units().filter(listing=listing, mapping__isnull=False),
        "pushes": PushAttempt.objects.filter(kind="price", item_id=listing.item_id).order_by("-pk")[:PUSHES],
    }
    return render(request, "catalog/listing_price.html", context, status=422 if form.errors else 200)


def _saved(form: OwnPriceForm, listing: Listing, by: Any) -> bool:
    try:
        price_changes.set_own_prices({listing.pk: form.cleaned_data["price"]}, by=by)
    except price_changes.PriceRefused as refusal:
        form.add_error("price", str(refusal))
    return not form.errors


@role_required(MANAGER)
def drift(request: HttpRequest, pk: int) -> HttpResponse:
    """The answer to a price that was changed at Mercado Libre: "ours" or "theirs", with the price that was seen."""
    listing = get_object_or_404(Listing.objects.defer("raw"), pk=pk)
    try:
        theirs = Decimal(request.POST.get("theirs", ""))
    except InvalidOperation:
        raise Http404 from None
    take = request.POST.get("answer") == "theirs"
    try:
        price_changes.answer_drift(listing, theirs=theirs, take=take, by=request.user)
    except price_changes.PriceMovedOn:
        messages.warning(request, gettext("The price moved on while you were looking. See what it is now."))
    except price_changes.PriceRefused as refusal:
        messages.error(request, str(refusal))
    else:
        done = gettext("Their price is the listing's own now.") if take else gettext("Our price is sent again.")
        messages.success(request, done)
    return htmx.redirect(request, reverse("catalog:listing_price", args=[pk]))
