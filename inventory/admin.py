"""Raw records. What the ledger keeps can be looked at, never edited."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from inventory.models import (
    ListingRule,
    ProductRule,
    Receipt,
    SellerRule,
    SellerWarehouse,
    StockCount,
    StockLevel,
    StockMovement,
    StockTarget,
    Transfer,
    Warehouse,
)


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Warehouse)
class WarehouseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("code", "name", "active", "created_at")
    readonly_fields = ("active", "created_at")  # the page Warehouses switches one off, with what follows from it
    search_fields = ("code", "name")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SellerWarehouse)
class SellerWarehouseAdmin(ReadOnly):
    list_display = ("account", "warehouse", "priority", "excluded", "store_id", "network_node_id")
    list_select_related = ("account", "warehouse")


@admin.register(StockLevel)
class StockLevelAdmin(ReadOnly):
    list_display = ("product", "warehouse", "on_hand", "reserved", "seq")
    list_select_related = ("product", "warehouse")
    search_fields = ("product__sku__exact",)


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnly):
    list_display = ("id", "created_at", "level_id", "kind", "on_hand_delta", "reserved_delta", "owner", "actor")
    list_select_related = ("actor",)
    search_fields = ("owner__exact", "operation__exact", "level__product__sku__exact")
    ordering = ("-id",)


@admin.register(StockTarget)
class StockTargetAdmin(ReadOnly):
    list_display = ("variation_id", "wanted", "accepted", "observed", "observed_at", "state")
    list_filter = ("state",)
    search_fields = ("variation__listing__item_id__exact",)


@admin.register(SellerRule)
class SellerRuleAdmin(ReadOnly):
    list_display = ("account", "last_units")
    list_select_related = ("account",)


@admin.register(ProductRule)
class ProductRuleAdmin(ReadOnly):
    list_display = ("product", "buffer", "last_units", "preferred_id")
    list_select_related = ("product",)
    search_fields = ("product__sku__exact",)


@admin.register(ListingRule)
class ListingRuleAdmin(ReadOnly):
    list_display = ("listing_id", "buffer")
    search_fields = ("listing__item_id__exact",)


@admin.register(Receipt)
class ReceiptAdmin(ReadOnly):
    list_display = ("id", "warehouse", "reference", "units", "received_by", "received_at")
    list_select_related = ("warehouse", "received_by")


@admin.register(Transfer)
class TransferAdmin(ReadOnly):
    list_display = ("id", "source", "target", "sent_by", "sent_at", "closed_by", "closed_at")
    list_select_related = ("source", "target", "sent_by", "closed_by")


@admin.register(StockCount)
class StockCountAdmin(ReadOnly):
    list_display = ("id", "warehouse", "state", "counted_by", "counted_at", "decided_by", "decided_at")
    list_select_related = ("warehouse", "counted_by", "decided_by")
