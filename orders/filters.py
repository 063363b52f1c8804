"""What the list of orders can be narrowed by."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders import queries, wording
from orders.models import Order
from sellers.queries import seller_choices
from ui.filters import FilterSet, SearchFilter, SelectFilter


def day_filter(label: Any, method: str) -> django_filters.DateFilter:
    widget = forms.DateInput(attrs={"type": "date", "title": label})
    return django_filters.DateFilter(method=method, label=label, widget=widget)


def start_of(day: date) -> datetime:
    """Midnight in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


class OrderFilters(FilterSet):
    q = SearchFilter(method="filter_q", placeholder=_("Order, pack, item id, SKU, buyer or shipment"))
    seller = SelectFilter(
        seller_choices, field_name="account__ml_user_id", label=_("Seller"), all_label=_("All sellers")
    )
    status = SelectFilter(list(wording.ORDER.items()), label=_("Status"), all_label=_("Any status"))
    stock = SelectFilter(
        Order.StockState.choices, field_name="stock_state", label=_("Stock"), all_label=_("Any stock status")
    )
    shipment = SelectFilter(
        list(wording.PARCEL.items()), field_name="shipment__status", label=_("Shipment"), all_label=_("Any shipment")
    )
    sold_from = day_filter(_("Sold from"), "filter_from")
    sold_to = day_filter(_("Sold to"), "filter_to")

    class Meta:
        model = Order
        fields: list[str] = []

    def filter_q(self, orders: QuerySet[Order], name: str, words: str) -> QuerySet[Order]:
        return queries.search(orders, words)

    def filter_from(self, orders: QuerySet[Order], name: str, day: date) -> QuerySet[Order]:
        return orders.filter(date_created__gte=start_of(day))

    def filter_to(self, orders: QuerySet[Order], name: str, day: date) -> QuerySet[Order]:
        return orders.filter(date_created__lt=start_of(day + timedelta(days=1)))
