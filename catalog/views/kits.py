"""Kits: what all of them consist of, and changing that with a spreadsheet. One kit is changed on its product's page."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog import kits, queries
from catalog.filters import KitFilters
from catalog.forms import SheetForm
from catalog.sheets import kit_sheet
from catalog.sheets.sheets import Plan
from catalog.tables import KitTable
from ui import htmx
from ui.importing import UnreadableFile, read_rows
from ui.lists import Empty, ListPage
from ui.permissions import OPERATOR, role_required


class KitList(ListPage):
    title = _("Kits")
    queryset = staticmethod(lambda request: queries.kit_rows())
    table_class = KitTable
    filterset_class = KitFilters
    template_name = "catalog/kits.html"
    export_name = "kits"
    empty = Empty(
        _("No kits yet"),
        _("Put the first component into a product on its page, or import a spreadsheet with kit, component, quantity."),
        _("Products"),
        "/products/",
        "box",
    )

    def export_rows(self) -> Iterator[list[Any]]:
        """The columns that the import takes."""
        yield [*kit_sheet.COLUMNS, *kit_sheet.OPTIONAL]
        for row in self.filtered.iterator(chunk_size=1000):
            yield [row.kit.sku, row.component.sku, row.quantity]


@role_required(OPERATOR)
def import_sheet(request: HttpRequest) -> HttpResponse:
    """Change compositions from a sheet: checked wholly first, with the rows named that cannot be taken."""
    form = SheetForm(request.POST or None, request.FILES or None)
    plan: Plan | None = None
    if request.method == "POST" and form.is_valid():
        plan = _read(form)
        if plan is not None and plan.is_clean and (answer := _applied(request, form, plan)):
            return answer
    context = {"title": _("Import kits"), "form": form, "plan": plan}
    return render(request, "catalog/kit_import.html", context, status=422 if plan or form.errors else 200)


def _read(form: SheetForm) -> Plan | None:
    try:
        rows = read_rows(form.cleaned_data["file"], kit_sheet.COLUMNS, optional=kit_sheet.OPTIONAL)
    except UnreadableFile as problem:
        form.add_error("file", str(problem))
        return None
    return kit_sheet.plan(rows)


def _applied(request: HttpRequest, form: SheetForm, plan: Plan) -> HttpResponse | None:
    try:
        many = kit_sheet.apply(plan, by=request.user)
    except kits.KitRefused as refusal:
        form.add_error(None, str(refusal))
        return None
    words = ngettext("%(many)d component saved.", "%(many)d components saved.", many) % {"many": many}
    messages.success(request, words)
    return htmx.redirect(request, reverse("catalog:kits"))
