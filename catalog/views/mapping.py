"""The mapping editor: the queue of unlinked units, what is linked, ignored or in conflict."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from catalog import bulk, queries
from catalog.filters import UnitFilters
from catalog.forms import LinkForm, NewProductForm
from catalog.mapping import sku_mapping
from catalog.models import SkuMapping, Variation
from catalog.tables import UnitTable, unit_name
from ui import htmx
from ui.bulk import valid_keys
from ui.lists import BulkAction, Empty, ListPage, Selection, Tab
from ui.permissions import OPERATOR, VIEWER, has_role, require_role, role_required

MANY = 1_000  # what one request links or ignores; more than that is a spreadsheet
EXPORTED = ("item_id", "variation_id", "sku", "units", "title", "attributes", "seller", "seller_sku", "gtin", "sold")
EMPTY = {
    "": Empty(_("Everything is linked"), _("Unlinked listings appear here after the next import."), icon="link"),
    "mapped": Empty(_("Nothing is linked yet"), _("Accept a suggestion or choose a SKU under To map."), icon="link"),
    "ignored": Empty(_("Nothing is ignored"), _("Listings that you do not want to link can be ignored."), icon="link"),
    "conflicts": Empty(_("No conflicts"), _("Links that contradict a seller SKU are shown here."), icon="check"),
}


class MappingList(ListPage):
    title = _("SKU mapping")
    queryset = staticmethod(lambda request: queries.units())
    table_class = UnitTable
    filterset_class = UnitFilters
    template_name = "catalog/mapping.html"
    tabs = (
        Tab("", _("To map")),
        Tab("mapped", _("Mapped")),
        Tab("ignored", _("Ignored")),
        Tab("conflicts", _("Conflicts")),
    )
    export_name = "sku-mapping"
    export_role = VIEWER

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        return EMPTY[self.tab]

    @property
    def is_filtered(self) -> bool:
        return bool(self.filterset and self.filterset.active)

    @property
    def bulk_actions(self) -> tuple[BulkAction, ...]:  # type: ignore[override]
        if self.tab == "":
            return (
                BulkAction("accept", _("Accept suggestions ≥ 95 %"), tone="primary"),
                BulkAction("link", _("Link all to one SKU…")),
                BulkAction("ignore", _("Ignore")),
            )
        if self.tab == "ignored":
            return (BulkAction("unignore", _("Put back"), tone="primary"),)
        return (BulkAction("link", _("Link all to one SKU…")), BulkAction("unlink", _("Unlink"), tone="danger"))

    def filter_tab(self, queryset: QuerySet[Any], tab: str) -> QuerySet[Any]:
        return queries.TABS[tab](queryset)

    def tab_counts(self) -> Mapping[str, int]:
        return queries.tab_counts()

    def table_kwargs(self) -> dict[str, Any]:
        return {"may_edit": has_role(self.request.user, OPERATOR)}

    def paginate(self) -> tuple[UnitTable, Any]:
        table, page = super().paginate()
        shown = [row.record for row in page.object_list]
        table.suggestions = queries.suggestions_for([one for one in shown if not hasattr(one, "mapping")])
        return table, page

    def export_rows(self) -> Iterator[list[Any]]:
        yield list(EXPORTED)
        for unit in self.filtered.iterator(chunk_size=1000):
            link, listing = getattr(unit, "mapping", None), unit.listing
            linked = [link.product.sku, link.units] if link else ["", ""]
            own = [listing.title, unit.attributes_text, listing.account.nickname, unit.seller_sku, unit.gtin]
            yield [listing.item_id, unit.variation_id or "", *linked, *own, unit.sold_quantity]

    def bulk_accept(self, selection: Selection) -> object:
        if selection.matching:
            job = bulk.start(selection.query, by=self.request.user)
            return htmx.redirect(self.request, reverse("dashboard:job", args=[job.pk]))
        done = bulk.accept(list(queries.to_map(selection.queryset)), by=self.request.user)
        return gettext("%(linked)d linked, %(left)d left for you to decide.") % {
            "linked": done.linked,
            "left": done.left,
        }

    def bulk_link(self, selection: Selection) -> HttpResponse:
        return link_many_page(self.request, selected_ids(selection), LinkForm())

    def bulk_ignore(self, selection: Selection) -> str:
        ids = selected_ids(selection)
        many = sku_mapping.set_ignored(variation_ids=ids, ignored=True, by=self.request.user)
        return ngettext("%(many)d ignored.", "%(many)d ignored.", many) % {"many": many}

    def bulk_unignore(self, selection: Selection) -> str:
        ids = selected_ids(selection)
        many = sku_mapping.set_ignored(variation_ids=ids, ignored=False, by=self.request.user)
        return ngettext("%(many)d put back.", "%(many)d put back.", many) % {"many": many}

    def bulk_unlink(self, selection: Selection) -> str:
        many = sku_mapping.unlink(variation_ids=selected_ids(selection), by=self.request.user)
        return ngettext("%(many)d unlinked.", "%(many)d unlinked.", many) % {"many": many}


def selected_ids(selection: Selection) -> list[int]:
    """The keys of what was selected, at most MANY: the best sold first."""
    return list(selection.queryset.values_list("pk", flat=True)[:MANY])


@role_required(VIEWER)
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    """One unit: its page, or what a row of the list was told to do."""
    found = get_object_or_404(queries.units(), pk=pk)
    if request.method != "POST":
        return unit_page(request, found, LinkForm())
    require_role(request.user, OPERATOR)
    action = ACTIONS.get(request.POST.get("do", ""))
    error = action(request, found) if action else gettext("This cannot be done with these rows.")
    if not htmx.is_htmx(request):
        return after_action(request, found, error)
    return row(request, pk, error=error)


def do_link(request: HttpRequest, found: Variation) -> str:
    return linked(request, found, SkuMapping.Source.TYPED)


def do_accept(request: HttpRequest, found: Variation) -> str:
    return linked(request, found, SkuMapping.Source.ACCEPTED)


def linked(request: HttpRequest, found: Variation, source: str) -> str:
    """Link a unit as its form says. Answers what is wrong, or nothing."""
    form = LinkForm(request.POST)
    if not form.is_valid():
        return " ".join(str(error) for errors in form.errors.values() for error in errors)
    product, units = form.cleaned_data["sku"], form.cleaned_data["units"]
    try:
        sku_mapping.link(variation_ids=[found.pk], product=product, units=units, source=source, by=request.user)
    except sku_mapping.MappingRefused as refusal:
        return str(refusal)
    return ""


def do_unlink(request: HttpRequest, found: Variation) -> str:
    sku_mapping.unlink(variation_ids=[found.pk], by=request.user)
    return ""


def do_undo(request: HttpRequest, found: Variation) -> str:
    try:
        sku_mapping.undo(variation_id=found.pk, by=request.user)
    except sku_mapping.MappingRefused as refusal:
        return str(refusal)
    return ""


def do_ignore(request: HttpRequest, found: Variation) -> str:
    sku_mapping.set_ignored(variation_ids=[found.pk], ignored=True, by=request.user)
    return ""


def do_unignore(request: HttpRequest, found: Variation) -> str:
    sku_mapping.set_ignored(variation_ids=[found.pk], ignored=False, by=request.user)
    return ""


ACTIONS = {
    "link": do_link,
    "accept": do_accept,
    "unlink": do_unlink,
    "undo": do_undo,
    "ignore": do_ignore,
    "unignore": do_unignore,
}


def row(request: HttpRequest, pk: int, *, error: str = "") -> HttpResponse:
    """The row of a unit as it is now; 422 with the error beside what was typed."""
    found = queries.units().get(pk=pk)
    suggested = {} if hasattr(found, "mapping") else queries.suggestions_for([found])
    typed = {pk: request.POST.get("sku", "")} if error else {}
    table = UnitTable([found], may_edit=True, suggestions=suggested, errors={pk: error} if error else {}, typed=typed)
    table.before_render(request)
    context = {"row": next(iter(table.rows)), "table": table}
    return render(request, "tables/row.html", context, status=422 if error else 200)


def after_action(request: HttpRequest, found: Variation, error: str) -> HttpResponse:
    if error:
        messages.error(request, error)
    else:
        messages.success(request, gettext("Done."))
    return htmx.redirect(request, reverse("catalog:unit", args=[found.pk]))


def unit_page(request: HttpRequest, found: Variation, form: LinkForm) -> HttpResponse:
    context = {
        "title": found.listing.title,
        "unit": found,
        "name": unit_name(found),
        "mapping": getattr(found, "mapping", None),
        "suggestion": queries.suggestions_for([found]).get(found.pk),
        "form": form,
        "history": queries.link_history(found.pk),
    }
    return render(request, "catalog/unit.html", context)


@require_GET
@role_required(VIEWER)
def options(request: HttpRequest) -> HttpResponse:
    """Products for the combobox."""
    found = [
        {"value": one.sku, "detail": one.name} for one in queries.product_options(request.GET.get("sku", "")[:100])
    ]
    prefix = f"option-{request.htmx.target or 'sku'}"  # type: ignore[attr-defined]
    return render(request, "partials/options.html", {"prefix": prefix, "options": found})


@require_POST
@role_required(OPERATOR)
def link_many(request: HttpRequest) -> HttpResponse:
    """Link many units to one product."""
    ids = list(valid_keys(Variation, request.POST.getlist("unit")))[:MANY]
    form = LinkForm(request.POST)
    if not form.is_valid():
        return link_many_page(request, ids, form, status=422)
    product, units = form.cleaned_data["sku"], form.cleaned_data["units"]
    source = SkuMapping.Source.TYPED
    try:
        many = sku_mapping.link(variation_ids=ids, product=product, units=units, source=source, by=request.user)
    except sku_mapping.MappingRefused as refusal:
        form.add_error(None, str(refusal))
        return link_many_page(request, ids, form, status=422)
    words = ngettext("%(many)d linked to %(sku)s.", "%(many)d linked to %(sku)s.", many)
    messages.success(request, words % {"many": many, "sku": product.sku})
    return htmx.redirect(request, reverse("catalog:mapping"))


def link_many_page(request: HttpRequest, ids: list[int], form: LinkForm, status: int = 200) -> HttpResponse:
    shown = queries.units().filter(pk__in=ids)
    context = {"title": _("Link all to one SKU"), "form": form, "ids": ids, "units": shown[:20], "many": len(ids)}
    return render(request, "catalog/link_many.html", context, status=status)


@role_required(OPERATOR)
def new_product(request: HttpRequest, pk: int) -> HttpResponse:
    """Create the product that a unit is, and link it."""
    found = get_object_or_404(queries.units(), pk=pk)
    suggested = {"sku": found.seller_sku[:100], "name": found.listing.title[:250], "gtin": found.gtin[:14]}
    form = NewProductForm(request.POST or None, initial=suggested)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        fields = {name: wanted[name] for name in ("sku", "name", "cost", "currency_id", "gtin", "units")}
        try:
            sku_mapping.create_product_and_link(variation_ids=[pk], **fields, by=request.user)
        except sku_mapping.MappingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, gettext("%(sku)s is created and linked.") % {"sku": wanted["sku"]})
            return htmx.redirect(request, reverse("catalog:mapping"))
    context = {"title": _("New product"), "form": form, "unit": found, "name": unit_name(found)}
    return render(request, "catalog/new_product.html", context, status=422 if form.errors else 200)
