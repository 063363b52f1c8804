"""A list page in a few class attributes: search, filters, sort, paging, bulk actions, export, two kinds of empty.

    class ListingList(ListPage):
        title = _("Listings")
        queryset = queries.listing_rows          # a function of the request, a QuerySet, or set `model`
        table_class = ListingTable
        filterset_class = ListingFilters

Everything the page shows is in its URL. Asked by htmx for its table, it answers with the table alone.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from django.views import View
from django_tables2.rows import BoundRow

from ui import export, htmx
from ui.bulk import BulkAction, Selection, read_selection
from ui.filters import FilterSet
from ui.paging import CappedPaginator, keyset_page
from ui.permissions import OPERATOR, RoleRequiredMixin, has_role, require_role
from ui.tables import Table

__all__ = ["BulkAction", "Empty", "KeysetListPage", "ListPage", "Selection", "Tab"]

Text = str | Promise
NOTHING_YET = _("Nothing here yet")
FORMATS = ("csv", "xlsx")


@dataclass(frozen=True)
class Empty:
    """What a list says while it has nothing: what will fill it, and the button that does."""

    title: Text = NOTHING_YET
    hint: Text = ""
    action: Text = ""
    url: str = ""
    icon: str = "inbox"


@dataclass(frozen=True)
class Tab:
    """One of a few ready-made views of a list. `value` goes into the URL; "" is the one a page opens with."""

    value: str
    label: Text


class ListPage(RoleRequiredMixin, View):
    title: Text = ""
    model: type[Model] | None = None
    queryset: Any = None
    table_class: type[Table]
    filterset_class: type[FilterSet] | None = None
    template_name = "lists/page.html"
    per_page = 50
    empty = Empty()
    bulk_actions: tuple[BulkAction, ...] = ()
    tabs: tuple[Tab, ...] = ()
    tab_param = "tab"
    export_name = ""
    export_role = OPERATOR

    # --- what a page may override -----------------------------------------------------------------------------------
    def get_queryset(self) -> QuerySet[Any]:
        source = inspect.getattr_static(type(self), "queryset")
        source = source.__func__ if isinstance(source, staticmethod) else source
        if callable(source):
            rows: QuerySet[Any] = source(self.request)
            return rows
        if source is not None:
            return source.all()  # type: ignore[no-any-return]
        if self.model is None:
            raise ImproperlyConfigured(f"{type(self).__name__} needs `model`, `queryset` or get_queryset().")
        return self.model._default_manager.all()

    def filter_tab(self, queryset: QuerySet[Any], tab: str) -> QuerySet[Any]:
        return queryset

    def tab_counts(self) -> Mapping[str, int]:
        return {}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return context

    def table_kwargs(self) -> dict[str, Any]:
        return {}

    # --- requests ---------------------------------------------------------------------------------------------------
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        kind = request.GET.get("format", "")
        if kind in FORMATS and self.export_name:
            return self.export(kind)
        context = self.context()
        partial = htmx.is_htmx(request) and request.htmx.target == self.table_class.id  # type: ignore[attr-defined]
        return render(request, "tables/region.html" if partial else self.template_name, context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        action = next((action for action in self.bulk_actions if action.name == request.POST.get("action")), None)
        if action is None:
            return HttpResponseBadRequest("Unknown action")
        require_role(request.user, action.role)
        selection = self.selection()
        if not selection.matching and not selection.ids:
            return self._back(_("Select at least one row first."), "warn")
        answer = getattr(self, f"bulk_{action.name}")(selection)
        return answer if isinstance(answer, HttpResponseBase) else self._back(answer, "ok")

    def selection(self) -> Selection:
        return read_selection(self.request, matching=lambda: self.filtered, rows=self.get_queryset)

    def _back(self, message: object, tone: str) -> HttpResponse:
        if htmx.is_htmx(self.request):
            response = htmx.refresh_table(HttpResponse(status=204))
            return htmx.toast(response, message, tone) if message else response
        if message:
            messages.add_message(self.request, messages.SUCCESS if tone == "ok" else messages.WARNING, str(message))
        return htmx.redirect(self.request, self.request.get_full_path())

    # --- rows -------------------------------------------------------------------------------------------------------
    @cached_property
    def tab(self) -> str:
        asked = self.request.GET.get(self.tab_param, "")
        return asked if asked in {tab.value for tab in self.tabs} else ""

    @cached_property
    def filterset(self) -> FilterSet | None:
        if self.filterset_class is None:
            return None
        rows = self.get_queryset()
        return self.filterset_class(
            self.request.GET, queryset=self.filter_tab(rows, self.tab) if self.tabs else rows, request=self.request
        )

    @cached_property
    def filtered(self) -> QuerySet[Any]:
        if self.filterset is not None:
            rows: QuerySet[Any] = self.filterset.qs
            return rows
        rows = self.get_queryset()
        return self.filter_tab(rows, self.tab) if self.tabs else rows

    @property
    def is_filtered(self) -> bool:
        return bool(self.tab) or bool(self.filterset and self.filterset.active)

    def make_table(self, rows: Any) -> Table:
        table = self.table_class(rows, **self.table_kwargs())
        table.before_render(self.request)
        sort = self.request.GET.get(table.prefixed_order_by_field)
        if sort:
            table.order_by = sort
        if isinstance(table.data.data, QuerySet):
            table.data.data = settled_order(table.data.data)
        return table

    def paginate(self) -> tuple[Table, Any]:
        table = self.make_table(self.filtered)
        paginator = CappedPaginator(table.rows, self.per_page)
        table.page = paginator.get_page(self.request.GET.get("page"))
        return table, table.page

    def context(self) -> dict[str, Any]:
        table, page = self.paginate()
        bulk_actions = [action for action in self.bulk_actions if has_role(self.request.user, action.role)]
        if not bulk_actions:
            table.hide_ticks()
        context = {
            "view": self,
            "title": self.title,
            "table": table,
            "page": page,
            "filter": self.filterset,
            "is_filtered": self.is_filtered,
            "empty": self.empty,
            "bulk_actions": bulk_actions,
            "operation": uuid4(),
            "can_export": bool(self.export_name) and has_role(self.request.user, self.export_role),
            "current_tab": self.tab,
            "tab_links": self.tab_links(),
            "kept": self.kept(),
        }
        return self.get_context_data(**context)

    def tab_links(self) -> list[dict[str, Any]]:
        counts = self.tab_counts() if self.tabs else {}
        return [{"tab": tab, "count": counts.get(tab.value), "current": tab.value == self.tab} for tab in self.tabs]

    def kept(self) -> list[tuple[str, str]]:
        """Parts of the URL that searching must not lose."""
        names = ["sort", self.tab_param] if self.tabs else ["sort"]
        return [(name, self.request.GET[name]) for name in names if self.request.GET.get(name)]

    # --- export -----------------------------------------------------------------------------------------------------
    def export(self, kind: str) -> HttpResponseBase:
        require_role(self.request.user, self.export_role)
        try:
            return export.as_response(kind, self.export_name, self.export_rows())
        except export.TooManyRows as refusal:
            messages.warning(self.request, str(refusal))
            query = without(self.request.GET, "format")
            return htmx.redirect(self.request, f"{self.request.path}?{query}")

    def export_rows(self) -> Iterator[list[Any]]:
        """Headings, then the values of every row that matches, read in batches."""
        table = self.make_table(self.filtered)
        columns = [column for column in table.columns.iterall() if not column.column.exclude_from_export]
        yield [column.header for column in columns]
        rows = table.data.data
        for record in rows.iterator(chunk_size=1000) if isinstance(rows, QuerySet) else rows:
            row = BoundRow(record, table=table)
            yield [row.get_cell_value(column.name) for column in columns]


class KeysetListPage(ListPage):
    """The same for endless lists: newest first, "older" and "newer" instead of page numbers and sorting."""

    keyset_field = "id"

    def make_table(self, rows: Any) -> Table:
        table = self.table_class(rows, orderable=False, order_by=(), **self.table_kwargs())
        table.before_render(self.request)
        return table

    def paginate(self) -> tuple[Table, Any]:
        page = keyset_page(self.filtered, self.request.GET, per_page=self.per_page, key=self.keyset_field)
        return self.make_table(list(page.rows)), page

    def export_rows(self) -> Iterator[list[Any]]:
        self.filtered = self.filtered.order_by(f"-{self.keyset_field}")
        return super().export_rows()


def settled_order(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """The queryset's order with the primary key to break ties, so that no row shows on two pages."""
    order = [*(queryset.query.order_by or queryset.model._meta.ordering or ())]
    names = {str(name).lstrip("-") for name in order}
    return queryset if {"pk", "id"} & names else queryset.order_by(*order, "-pk")


def without(params: QueryDict, *names: str) -> str:
    kept = params.copy()
    for name in names:
        kept.pop(name, None)
    return kept.urlencode()
