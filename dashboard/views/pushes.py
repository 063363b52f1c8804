"""Pushes and other work: what was tried, what failed, what is tried again; Retry for one, some, all and alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from dashboard import filters, tables
from dashboard.queries import pushes
from dashboard.queries import work as failures
from dashboard.views.answers import say_and_go
from mercadolibre import explanations
from sellers import work
from sellers.wording import work_kind
from ui.lists import BulkAction, Empty, KeysetListPage, Selection, Tab
from ui.permissions import OPERATOR, require_role, role_required

WAITING_TABS = ("failed", "retrying")
NOTHING_WRONG = Empty(
    _("Nothing here"), _("What Mercado Libre refuses or does not answer shows here, with Retry."), icon="check"
)
NO_PUSHES = Empty(
    _("No pushes yet"),
    _("As soon as a seller is live, every quantity and price that is sent shows here with Mercado Libre's answer."),
    icon="upload",
)


class RetryPage(KeysetListPage):
    """A list whose rows stand for work that Retry lets run at once."""

    bulk_actions = (BulkAction("retry", _("Retry"), tone="primary"),)
    kinds: Iterable[str] | None = None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "one" not in request.POST:
            return super().post(request, *args, **kwargs)
        require_role(request.user, OPERATOR)
        number = request.POST["one"]
        return self._back(self.retry([int(number)] if number.isdigit() else []), "ok")

    def bulk_retry(self, selection: Selection) -> object:
        return self.retry(self.work_ids(selection.queryset))

    def work_ids(self, rows: QuerySet[Any]) -> list[int]:
        return list(rows.order_by().values_list("pk", flat=True))

    def retry(self, ids: list[int]) -> str:
        return told(work.retry(self.allowed(ids)))

    def allowed(self, ids: list[int]) -> list[int]:
        """Only rows of the kinds that the page is about."""
        rows = failures.of_kinds(self.kinds).filter(pk__in=ids)
        return list(rows.values_list("pk", flat=True))

    @property
    def is_filtered(self) -> bool:
        """A tab without rows has nothing to clear."""
        return bool(self.filterset and self.filterset.active)

    def tab_counts(self) -> dict[str, int]:
        return pushes.counts(self.kinds)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        groups = failures.failure_groups(self.kinds) if self.tab == "failed" else []
        return context | {"groups": [explained(group) for group in groups]}


class PushList(RetryPage):
    title = _("Pushes")
    template_name = "dashboard/pushes.html"
    kinds = failures.PUSHES
    tabs = (Tab("", _("All")), Tab("failed", _("Failed")), Tab("retrying", _("Retrying")))
    export_name = "pushes"

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        return NOTHING_WRONG if self.tab in WAITING_TABS else NO_PUSHES

    @property
    def table_class(self) -> Any:  # type: ignore[override]
        return tables.WaitingTable if self.tab in WAITING_TABS else tables.PushTable

    @property
    def filterset_class(self) -> Any:  # type: ignore[override]
        return filters.WaitingPushFilters if self.tab in WAITING_TABS else filters.PushFilters

    def get_queryset(self) -> QuerySet[Any]:
        return pushes.waiting(self.tab) if self.tab in WAITING_TABS else pushes.attempts()

    def work_ids(self, rows: QuerySet[Any]) -> list[int]:
        return super().work_ids(rows) if self.tab in WAITING_TABS else pushes.work_ids_of(rows)


class WorkList(RetryPage):
    """Everything else that failed or waits: orders, looks, jobs."""

    title = _("Failed and waiting work")
    template_name = "dashboard/pushes.html"
    table_class = tables.WaitingTable
    filterset_class = filters.WorkFilters
    tabs = (Tab("", _("Failed")), Tab("retrying", _("Retrying")))
    empty = NOTHING_WRONG

    def get_queryset(self) -> QuerySet[Any]:
        return pushes.waiting(self.tab or "failed", self.kinds)

    def tab_counts(self) -> dict[str, int]:
        counts = pushes.counts(self.kinds)
        return {"": counts["failed"], "retrying": counts["retrying"]}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        groups = [] if self.tab else failures.failure_groups()
        return context | {"groups": [explained(group) for group in groups]}


def explained(group: failures.FailureGroup) -> dict[str, Any]:
    """A group of equal errors with what the words mean and what to do."""
    return {
        "group": group,
        "label": work_kind(group.kind),
        "explanation": explanations.find(group.words),
    }


def told(count: int) -> str:
    return ngettext("%(count)s is tried again now.", "%(count)s are tried again now.", count) % {"count": count}


@require_POST
@role_required(OPERATOR)
def retry_group(request: HttpRequest) -> HttpResponse:
    """Retry all that failed alike: kind, error_class and words as the group has them."""
    asked = {name: request.POST.get(name, "") for name in ("kind", "error_class", "words")}
    rows = failures.of_group(failures.failed(), **asked)
    count = work.retry(rows.values_list("pk", flat=True))
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("dashboard:today")
    return say_and_go(request, told(count), back)
