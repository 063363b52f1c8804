"""Pages over Django's own groups, to try the base classes on."""

from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy

from ui import tables
from ui.filters import FilterSet, SearchFilter, SelectFilter
from ui.lists import BulkAction, Empty, KeysetListPage, ListPage, Selection, Tab
from ui.permissions import role_required


class GroupTable(tables.Table):
    select = tables.CheckboxColumn(label="name")
    id = tables.QuantityColumn()
    name = tables.Column(main=True)

    class Meta:
        order_by = "name"


class GroupFilters(FilterSet):
    q = SearchFilter(exact=["id"], text=["name"])
    first = SelectFilter(
        lambda: [(name[0], name[0]) for name in Group.objects.values_list("name", flat=True)],
        field_name="name",
        lookup_expr="startswith",
        all_label="Any letter",
    )


def groups(request: HttpRequest):
    return Group.objects.all()


class GroupList(ListPage):
    title = "Groups"
    queryset = groups
    table_class = GroupTable
    filterset_class = GroupFilters
    export_name = "groups"
    per_page = 5
    empty = Empty("No groups yet", "They come with the migrations.", "Make one", reverse_lazy("dashboard:today"))
    bulk_actions = (
        BulkAction("shout", "Shout"),
        BulkAction("erase", "Erase", role="manager", tone="danger", confirm="Erase them?"),
    )
    tabs = (Tab("", "All"), Tab("long", "Long names"))

    def filter_tab(self, queryset, tab):
        return queryset.filter(name__regex=r"^.{9,}") if tab == "long" else queryset

    def bulk_shout(self, selection: Selection) -> str:
        names = selection.queryset.order_by("name").values_list("name", flat=True)
        return f"{len(selection)}: {' '.join(names).upper()}"

    def bulk_erase(self, selection: Selection) -> HttpResponse:
        return HttpResponse(selection.query)


class GroupLedger(KeysetListPage):
    title = "Group ledger"
    model = Group
    table_class = GroupTable
    filterset_class = GroupFilters
    export_name = "ledger"
    per_page = 5


@role_required("operator")
def operators(request: HttpRequest) -> HttpResponse:
    return HttpResponse("fine")
