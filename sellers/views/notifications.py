"""The inbox as staff sees it: what arrived, what became of it, and Retry."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from sellers import queries
from sellers.filters import NotificationFilters
from sellers.models import Work
from sellers.queue import work
from sellers.queue.failures import explained
from sellers.tables import NotificationTable
from sellers.views.actions import back
from sellers.wording import topic, work_kind
from ui.lists import BulkAction, Empty, KeysetListPage, Selection, Tab
from ui.permissions import OPERATOR, VIEWER, role_required


class NotificationList(KeysetListPage):
    title = _("Notifications")
    queryset = queries.notification_rows
    table_class = NotificationTable
    filterset_class = NotificationFilters
    template_name = "sellers/notifications.html"
    tabs = (
        Tab("", _("All")),
        Tab("failed", _("Failed")),
        Tab("retrying", _("Retrying")),
        Tab("let_go", _("Not found")),
    )
    bulk_actions = (BulkAction("retry", _("Retry"), tone="primary"),)
    empty = Empty(
        _("No notifications yet"),
        _("They arrive here as soon as something happens to a connected seller."),
        icon="bell",
    )

    def filter_tab(self, queryset: QuerySet[Any], tab: str) -> QuerySet[Any]:
        return queries.in_tab(queryset, tab)

    def tab_counts(self) -> dict[str, int]:
        return queries.tab_counts()

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        groups = queries.error_groups(self.tab) if self.tab in queries.GROUPED else []
        for group in groups:
            group["explanation"] = explained(group["words"], group["last_error_class"])
            group["what"] = work_kind(group["kind"])
        return super().get_context_data(**context, groups=groups)

    def bulk_retry(self, selection: Selection) -> str:
        rows = selection.queryset.filter(work_id__isnull=False).order_by()
        return retried(work.retry(set(rows.values_list("work_id", flat=True)), by=self.request.user))


def retried(count: int) -> str:
    return ngettext("%(count)d is tried again now.", "%(count)d are tried again now.", count) % {"count": count}


@require_GET
@role_required(VIEWER)
def notification(request: HttpRequest, pk: int) -> HttpResponse:
    found: Any = get_object_or_404(queries.notification_rows().defer(None), pk=pk)
    row = Work.objects.filter(pk=found.work_id).first() if found.work_id else None
    context = {
        "notification": found,
        "title": found.resource or found.get_verdict_display(),
        "body": readable(bytes(found.body)),
        "topic": topic(found.topic),
        "work": row,
        "what": work_kind(row.kind) if row else "",
        "explanation": explained(row.last_error, row.last_error_class) if row and row.last_error else None,
        "others": [(other, topic(other.topic)) for other in queries.same_resource(found)] if found.work_key else [],
    }
    return render(request, "sellers/notification.html", context)


def readable(body: bytes) -> str:
    """The body as text, indented where it is JSON; the template escapes it. Half a character stays an escape."""
    text = body.decode("utf-8", "replace")
    try:
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
    return text.encode("utf-8", "backslashreplace").decode()


@require_POST
@role_required(OPERATOR)
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try one notification's work again."""
    found: Any = get_object_or_404(queries.notification_rows(), pk=pk)
    return back(request, retried(work.retry([found.work_id] if found.work_id else [], by=request.user)))


@require_POST
@role_required(OPERATOR)
def retry_group(request: HttpRequest) -> HttpResponse:
    """Try all work again that failed alike."""
    return back(request, retried(work.retry(queries.group_ids(request.POST.get("group", "")), by=request.user)))
