"""Filters of the lists of levels and movements."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib.auth import get_user_model
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.models import StockLevel, StockMovement, Warehouse
from ui.filters import FilterSet, SearchFilter, SelectFilter


def warehouse_choices() -> list[tuple[str, str]]:
    return [(code, f"{code} · {name}") for code, name in Warehouse.objects.values_list("code", "name")]


def actor_choices() -> list[tuple[int, str]]:
    staff = get_user_model().objects.filter(is_active=True).order_by("username")
    return list(staff.values_list("pk", "username"))


class LevelFilters(FilterSet):
    q = SearchFilter(
        exact=["product__sku", "product__gtin"],
        text=["product__sku", "product__name"],
        placeholder=_("SKU, barcode or name"),
    )
    warehouse = SelectFilter(
        warehouse_choices, field_name="warehouse__code", label=_("Warehouse"), all_label=_("All warehouses")
    )
    stock = SelectFilter(
        [
            ("oversold", _("Oversold")),
            ("none", _("None available")),
            ("low", _("3 or fewer available")),
            ("reserved", _("With reservations")),
        ],
        method="filter_stock",
        label=_("Stock"),
        all_label=_("Any stock"),
    )

    class Meta:
        model = StockLevel
        fields: list[str] = []

    def filter_stock(self, rows: QuerySet[StockLevel], name: str, value: str) -> QuerySet[StockLevel]:
        conditions = {
            "oversold": Q(on_hand__lt=F("reserved")),
            "none": Q(on_hand__lte=F("reserved")),
            "low": Q(on_hand__gt=F("reserved"), on_hand__lte=F("reserved") + 3),
            "reserved": Q(reserved__gt=0),
        }
        return rows.filter(conditions[value]) if value in conditions else rows


class MovementFilters(FilterSet):
    q = SearchFilter(exact=["level__product__sku", "operation"], text=["level__product__sku"], placeholder=_("SKU"))
    warehouse = SelectFilter(
        warehouse_choices, field_name="level__warehouse__code", label=_("Warehouse"), all_label=_("All warehouses")
    )
    kind = SelectFilter(StockMovement.Kind.choices, field_name="kind", label=_("Kind"), all_label=_("All kinds"))
    actor = SelectFilter(actor_choices, field_name="actor_id", label=_("Who"), all_label=_("Anybody"))
    owner = django_filters.CharFilter(field_name="owner", method="filter_owner", label=_("For"))

    class Meta:
        model = StockMovement
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form.fields["owner"].widget = self.form.fields["owner"].hidden_widget()

    def filter_owner(self, rows: QuerySet[StockMovement], name: str, value: str) -> QuerySet[StockMovement]:
        return rows.filter(owner=value) if value else rows
