"""Pushes: what was tried, what failed, what is tried again."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dashboard import failure_tables, filters, tables
from dashboard.queries import pushes
from dashboard.queries.work import PUSHES
from dashboard.views.failures import NOTHING_WRONG, FailurePage
from ui.lists import Empty, Tab

WAITING_TABS = ("failed", "retrying")
NO_PUSHES = Empty(
    _("No pushes yet"),
    _("As soon as a seller is live, every quantity and price that is sent shows here with Mercado Libre's answer."),
    icon="upload",
)


class PushList(FailurePage):
    title = _("Pushes")
    template_name = "dashboard/pushes.html"
    kinds = PUSHES
    tabs = (Tab("", _("All")), Tab("failed", _("Failed")), Tab("retrying", _("Retrying")))
    export_name = "pushes"

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        return NOTHING_WRONG if self.tab in WAITING_TABS else NO_PUSHES

    @property
    def table_class(self) -> Any:  # type: ignore[override]
        return failure_tables.WaitingTable if self.tab in WAITING_TABS else tables.PushTable

    @property
    def filterset_class(self) -> Any:  # type: ignore[override]
        return filters.WaitingPushFilters if self.tab in WAITING_TABS else filters.PushFilters

    def get_queryset(self) -> QuerySet[Any]:
        return pushes.waiting(self.tab) if self.tab in WAITING_TABS else pushes.attempts()

    def retry(self, rows: QuerySet[Any]) -> int:
        """In the tab of all tries, of the work behind them."""
        return super().retry(rows if self.tab in WAITING_TABS else pushes.work_of(rows))

    def tab_counts(self) -> dict[str, int]:
        return pushes.counts(self.kinds)
