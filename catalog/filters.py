"""Filters of the catalog's lists. What they mean in queries stands in `queries.py`."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog import queries
from catalog.models import KitComponent, Listing, PriceTarget, Product, Variation
from sellers.models import SellerAccount
from ui.filters import FilterSet, SearchFilter, SelectFilter, YesNoFilter

STATUSES = [
    ("active", _("For sale")),
    ("paused", _("Paused")),
    ("under_review", _("Under review")),
    ("inactive", _("Inactive")),
    ("payment_required", _("Payment required")),
]


def sellers() -> list[tuple[int, str]]:
    return [(pk, nickname) for pk, nickname in SellerAccount.objects.values_list("pk", "nickname")]


class UnitFilters(FilterSet):
    q = SearchFilter(placeholder=_("Title, item id, SKU or GTIN"))
    seller = SelectFilter(sellers, label=_("Seller"), all_label=_("All sellers"))
    status = SelectFilter(STATUSES, label=_("Status"), all_label=_("Any status"))
    sku = YesNoFilter(label=_("Seller SKU"), all_label=_("With or without SKU"), yes=_("With SKU"), no=_("Without SKU"))

    class Meta:
        model = Variation
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Variation]) -> QuerySet[Variation]:
        return queries.narrowed(queryset, self.form.cleaned_data)


class ProductFilters(FilterSet):
    q = SearchFilter(exact=["sku", "gtin"], text=["name", "sku"], placeholder=_("SKU, name or GTIN"))
    linked = YesNoFilter(label=_("Linked"), all_label=_("Linked or not"), yes=_("Linked"), no=_("Not linked"))
    kit = YesNoFilter(label=_("Kit"), all_label=_("Kits and others"), yes=_("Kits"), no=_("No kits"))

    class Meta:
        model = Product
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Product]) -> QuerySet[Product]:
        q, linked, kit = (self.form.cleaned_data.get(name) or "" for name in ("q", "linked", "kit"))
        return queries.narrowed_products(queryset, q, linked, kit)


class KitFilters(FilterSet):
    q = SearchFilter(placeholder=_("SKU or name of a kit or a component"))

    class Meta:
        model = KitComponent
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[KitComponent]) -> QuerySet[KitComponent]:
        return queries.narrowed_kits(queryset, self.form.cleaned_data.get("q") or "")


class PriceFilters(FilterSet):
    q = SearchFilter(exact=["item_id"], text=["title"], placeholder=_("Title, item id or SKU"))
    seller = SelectFilter(sellers, label=_("Seller"), all_label=_("All sellers"))
    state = SelectFilter(PriceTarget.State.choices, label=_("State"), all_label=_("Any state"))
    own = YesNoFilter(label=_("Own price"), all_label=_("With or without own price"), yes=_("Own price"), no=_("None"))

    class Meta:
        model = Listing
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Listing]) -> QuerySet[Listing]:
        return queries.narrowed_prices(queryset, self.form.cleaned_data)
