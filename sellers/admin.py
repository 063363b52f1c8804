"""Raw records of the connection in Django's admin. Tokens, flows and refresh attempts are not shown anywhere."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sellers.connection import accounts
from sellers.models import Job, Notification, PushAttempt, SellerAccount, Work
from sellers.queue import work
from ui.permissions import OPERATOR, has_role


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Looked at, never typed into: these rows have one writer each."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, OPERATOR)


@admin.register(SellerAccount)
class SellerAccountAdmin(ReadOnlyAdmin):
    list_display = ["nickname", "site_id", "ml_user_id", "status", "mode", "pushes_paused", "connected_at"]
    list_filter = ["status", "mode", "site_id"]
    search_fields = ["nickname", "=ml_user_id"]
    actions = ["sync_now"]

    @admin.action(description=_("Sync now"), permissions=["operate"])
    def sync_now(self, request: HttpRequest, queryset: QuerySet[SellerAccount]) -> None:
        for account in queryset:
            for what in ("catalog", "orders", "missed"):
                accounts.sync_now(account, what, by=request.user)
        self.message_user(request, _("Listings, orders and missed notifications are being read."), messages.SUCCESS)


@admin.register(Work)
class WorkAdmin(ReadOnlyAdmin):
    list_display = ["kind", "key", "account", "state", "due_at", "wanted_since", "fails", "last_error"]
    list_filter = ["state", "kind", "lane"]
    list_select_related = ["account"]
    search_fields = ["=key"]
    ordering = ["-id"]
    actions = ["retry"]

    @admin.action(description=_("Retry"), permissions=["operate"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Work]) -> None:
        count = work.retry(queryset.values_list("pk", flat=True), by=request.user)
        told = ngettext("%(count)d is tried again now.", "%(count)d are tried again now.", count)
        self.message_user(request, told % {"count": count}, messages.SUCCESS)


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ["received_at", "topic", "resource", "ml_user_id", "verdict", "work_kind", "work_key"]
    list_filter = ["verdict"]
    search_fields = ["=work_key", "=resource"]
    ordering = ["-id"]
    exclude = ["body"]


@admin.register(PushAttempt)
class PushAttemptAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "account", "kind", "key", "outcome", "http_status", "ml_words"]
    list_filter = ["outcome", "kind"]
    list_select_related = ["account"]
    search_fields = ["=key", "=item_id"]
    ordering = ["-id"]


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["title", "kind", "account", "state", "done", "total", "errors", "created_by", "created_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["account", "created_by"]
