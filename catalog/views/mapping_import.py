"""Importing links from a spreadsheet: upload, check without writing, apply as a job."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from catalog.forms import SheetForm
from catalog.models import Upload
from catalog.sheets import mapping_sheet
from catalog.sheets.sheets import Kind, Plan
from ui import htmx
from ui.importing import UnreadableFile, read_rows
from ui.permissions import OPERATOR, role_required

SHOWN = 200


@role_required(OPERATOR)
def upload(request: HttpRequest) -> HttpResponse:
    """Take a sheet in and go on to what it would do."""
    form = SheetForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            rows = read_rows(file, mapping_sheet.COLUMNS, optional=mapping_sheet.OPTIONAL)
        except UnreadableFile as problem:
            form.add_error("file", str(problem))
        else:
            kept = mapping_sheet.keep(file.name, rows, by=request.user)
            return htmx.redirect(request, reverse("catalog:mapping_check", args=[kept.pk]))
    status = 422 if form.errors else 200
    return render(request, "catalog/mapping_upload.html", {"title": _("Import links"), "form": form}, status=status)


@require_http_methods(["GET", "POST"])
@role_required(OPERATOR)
def check(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What an uploaded sheet would do; POST applies it."""
    kept = get_object_or_404(Upload, pk=pk, created_by=request.user)
    if request.method == "POST":
        try:
            job = mapping_sheet.start(kept, by=request.user)
        except Upload.DoesNotExist as taken:
            raise Http404 from taken
        return htmx.redirect(request, reverse("dashboard:job", args=[job.pk]))
    plan = mapping_sheet.plan(mapping_sheet.rows_of(kept))
    context = {"title": _("Import links"), "upload": kept, "plan": plan, "groups": groups(plan), "shown": SHOWN}
    return render(request, "catalog/mapping_check.html", context)


def groups(plan: Plan) -> list[dict[str, object]]:
    """The plan's parts with their headings, each cut to what a page shows."""
    parts = (
        ("new", _("New links"), plan.of(Kind.NEW)),
        ("changed", _("Changed links"), plan.of(Kind.CHANGED)),
        ("conflicts", _("Conflicts: left out"), plan.conflicts),
        ("errors", _("Errors: left out"), plan.errors),
    )
    return [{"name": name, "label": label, "many": len(rows), "rows": rows[:SHOWN]} for name, label, rows in parts]
