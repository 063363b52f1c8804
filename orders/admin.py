"""Raw records of orders in Django's admin: to read, and to fetch again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from orders.models import Order, OrderLine, Payment, Shipment
from sellers.queue import work


class ReadOnly:
    """ML owns these records: they change by being fetched again."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LineInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = OrderLine
    fields = [
        "position",
        "item_id",
        "variation_id",
        "title",
        "seller_sku",
        "quantity",
        "unit_price",
        "product",
        "units",
    ]


class PaymentInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Payment


@admin.register(Order)
class OrderAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["order_id", "account", "status", "stock_state", "total_amount", "currency_id", "date_created"]
    list_filter = ["status", "stock_state", "account"]
    list_select_related = ["account"]
    search_fields = ["=order_id", "=pack_id", "=shipping_id", "=buyer_nickname"]
    ordering = ["-date_created"]
    show_full_result_count = False
    inlines = [LineInline, PaymentInline]
    actions = ["fetch_again"]

    @admin.action(description=_("Read again"), permissions=["view"])
    def fetch_again(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        asked = [(account_id, "order", str(pk)) for account_id, pk in orders.values_list("account_id", "pk")]
        work.bump_many(asked)
        told = ngettext("%(count)s order is read again.", "%(count)s orders are read again.", len(asked))
        self.message_user(request, told % {"count": len(asked)}, messages.SUCCESS)


@admin.register(Shipment)
class ShipmentAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["shipment_id", "account", "status", "substatus", "logistic_type", "dispatch_by"]
    list_filter = ["status", "logistic_type", "account"]
    list_select_related = ["account"]
    search_fields = ["=shipment_id", "=tracking_number"]
    show_full_result_count = False
