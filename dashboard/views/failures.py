"""Work that failed or is tried again: Retry and "Handled at Mercado Libre", for one, some, all that match and alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from catalog.marketplaces import refusals
from dashboard import failure_tables, filters, jobs
from dashboard.queries import pushes
from dashboard.queries import work as failed
from dashboard.views.answers import say_and_go
from sellers import clock
from sellers.models import Job
from sellers.queue import failures, work
from sellers.wording import work_kind
from ui.forms import Form
from ui.lists import BulkAction, Empty, KeysetListPage, Selection, Tab, without
from ui.permissions import MANAGER, OPERATOR, require_role, role_required

DONE = "done"  # the tab of what staff did
GLOBAL = "global"  # the tab of refused changes of Global Selling listings
RETRY = BulkAction("retry", _("Retry"), tone="primary")
HANDLED = BulkAction("handled", _("Handled at Mercado Libre …"))
ROW_BUTTONS = {"one": "retry", "settled": "handled"}  # a row's own button -> the bulk action it stands for
SEND_AGAIN = BulkAction("retry", _("Send again"), role=MANAGER, tone="primary")
NOTHING_WRONG = Empty(
    _("Nothing here"), _("What Mercado Libre refuses or does not answer shows here, with Retry."), icon="check"
)
NOTHING_DONE = Empty(
    _("Nothing was done by hand"),
    _("Who pressed Retry, and who settled something in Mercado Libre's panel and how, stays here."),
    icon="check",
)


class HandledForm(Form):
    """`until`: when the failures were counted; what failed later is not meant."""

    reason = forms.CharField(
        label=_("How was it settled?"),
        max_length=300,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
        help_text=_("For example: the price was corrected in Mercado Libre's panel."),
    )
    until = forms.DateTimeField(widget=forms.HiddenInput)


class FailurePage(KeysetListPage):
    """A list with failed rows; `failed_tab` is the tab they are in."""

    kinds: Iterable[str] | None = None
    failed_tab = "failed"
    role_to_act = OPERATOR

    @property
    def bulk_actions(self) -> tuple[BulkAction, ...]:  # type: ignore[override]
        return (RETRY, HANDLED) if self.tab == self.failed_tab else (RETRY,)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A row's own button; else the bulk bar."""
        for name, bulk in ROW_BUTTONS.items():
            if name in request.POST:
                require_role(request.user, self.role_to_act)
                if bulk not in {action.name for action in self.bulk_actions}:
                    return HttpResponseBadRequest("Unknown action")
                return self._answered(getattr(self, f"bulk_{bulk}")(self.only(request.POST[name])))
        return super().post(request, *args, **kwargs)

    def only(self, number: str) -> Selection:
        ids = (int(number),) if number.isdigit() and len(number) < 19 else ()
        rows = self.get_queryset().filter(pk__in=ids)
        return Selection(rows, ids, matching=False, query="", operation=self.selection().operation)

    def _answered(self, answer: Any) -> HttpResponseBase:
        return answer if isinstance(answer, HttpResponseBase) else self._back(answer, "ok")

    def retry(self, rows: QuerySet[Any]) -> int:
        return try_again(rows, by=self.request.user)

    def settled_there(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the rows that can have been settled at Mercado Libre."""
        return rows.filter(kind__in=failures.SETTLED_THERE)

    def handle(self, ids: Iterable[int], reason: str) -> int:
        return failures.handle(ids, reason=reason, by=self.request.user)

    def bulk_retry(self, selection: Selection) -> object:
        return told(self.retry(selection.queryset))

    def bulk_handled(self, selection: Selection) -> object:
        """Ask how it was settled; answered, take the rows off the list."""
        form = HandledForm(self.request.POST if "reason" in self.request.POST else None)
        rows = self.settled_there(selection.queryset).order_by()
        if not form.is_valid():
            return self.ask(selection, rows, form)
        ids = rows.filter(last_error_at__lte=form.cleaned_data["until"]).values_list("pk", flat=True)
        count = self.handle(ids, form.cleaned_data["reason"])
        return say_and_go(self.request, handled(count), self.address_without("group"))

    def ask(self, selection: Selection, rows: QuerySet[Any], form: HandledForm) -> HttpResponse:
        context = {
            "title": _("Handled at Mercado Libre"),
            "form": form,
            "until": form["until"].value() if form.is_bound else clock.now().isoformat(),
            "selection": selection,
            "count": rows.count(),
            "some": rows.order_by("-pk")[:3],
            "back": self.request.get_full_path(),
        }
        return render(self.request, "dashboard/handled.html", context)

    def address_without(self, *names: str) -> str:
        query = without(self.request.GET, *names)
        return f"{self.request.path}?{query}" if query else self.request.path

    @property
    def is_filtered(self) -> bool:
        """A tab without rows has nothing to clear."""
        return bool(self.filterset and self.filterset.active)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        groups = failed.failure_groups(self.kinds) if self.tab == self.failed_tab else []
        chosen = self.request.GET.get("group", "")
        rows = [explained(group) for group in groups if not chosen or group.group == chosen]
        return context | {"groups": rows, "failed_here": f"{self.request.path}?tab=failed"}


@dataclass(frozen=True)
class Shown:
    """What a tab shows: its rows, table and filters."""

    rows: Callable[[], QuerySet[Any]]
    table: Any
    filters: Any
    empty: Empty = NOTHING_WRONG


TABS = {
    "": Shown(lambda: pushes.waiting("failed", None), failure_tables.WaitingTable, filters.WorkFilters),
    "retrying": Shown(lambda: pushes.waiting("retrying", None), failure_tables.WaitingTable, filters.WorkFilters),
    GLOBAL: Shown(pushes.refusals, failure_tables.RefusalTable, filters.RefusalFilters),
    DONE: Shown(pushes.actions, failure_tables.ActionTable, filters.ActionFilters, NOTHING_DONE),
}


class WorkList(FailurePage):
    """Everything that failed or waits, pushes too, and what staff did about it."""

    title = _("Failed and waiting work")
    template_name = "dashboard/pushes.html"
    tabs = (
        Tab("", _("Failed")),
        Tab("retrying", _("Retrying")),
        Tab(GLOBAL, _("Refused in Global Selling")),
        Tab(DONE, _("What was done")),
    )
    failed_tab = ""
    export_name = "work"

    @property
    def shown(self) -> Shown:
        return TABS[self.tab]

    @property
    def role_to_act(self) -> str:  # type: ignore[override]
        """Who may change listings of Global Selling may send a change of them again."""
        return MANAGER if self.tab == GLOBAL else OPERATOR

    @property
    def bulk_actions(self) -> tuple[BulkAction, ...]:  # type: ignore[override]
        if self.tab == GLOBAL:
            return SEND_AGAIN, replace(HANDLED, role=MANAGER)
        return () if self.tab == DONE else super().bulk_actions

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        return self.shown.empty

    @property
    def table_class(self) -> Any:  # type: ignore[override]
        return self.shown.table

    @property
    def filterset_class(self) -> Any:  # type: ignore[override]
        return self.shown.filters

    def get_queryset(self) -> QuerySet[Any]:
        return self.shown.rows()

    def retry(self, rows: QuerySet[Any]) -> int:
        if self.tab == GLOBAL:
            return refusals.ask_again(rows.order_by().values_list("pk", flat=True), by=self.request.user)
        return super().retry(rows)

    def handle(self, ids: Iterable[int], reason: str) -> int:
        if self.tab == GLOBAL:
            return refusals.handle(ids, reason=reason, by=self.request.user)
        return super().handle(ids, reason)

    def tab_counts(self) -> dict[str, int]:
        counts = pushes.counts(self.kinds)
        return {"": counts["failed"], "retrying": counts["retrying"], GLOBAL: self.refused}

    @cached_property
    def refused(self) -> int:
        return refusals.open_ones().count()

    def tab_links(self) -> list[dict[str, Any]]:
        """Global Selling only where something of it was refused: most sellers have nothing to do with it."""
        return [link for link in super().tab_links() if link["tab"].value != GLOBAL or self.refused or link["current"]]


def explained(group: failed.FailureGroup) -> dict[str, Any]:
    """A group of equal errors with what the words mean and what to do."""
    return {
        "group": group,
        "label": work_kind(group.kind),
        "explanation": failures.explained(group.words, group.error_class),
        "settled_there": group.kind in failures.SETTLED_THERE,
    }


def try_again(rows: QuerySet[Any], *, by: Any) -> int:
    """Let work rows run now; a job goes on where it stopped. Returns how many."""
    rows = rows.order_by()
    stopped = [int(key) for key in rows.filter(kind="job").values_list("key", flat=True)]
    resumed = sum(jobs.resume(job, by=by) for job in Job.objects.filter(pk__in=stopped))
    return resumed + work.retry(rows.exclude(kind="job").values_list("pk", flat=True), by=by)


def told(count: int) -> str:
    if not count:
        return str(_("Nothing to try again: it was done already."))
    return ngettext("%(count)s is tried again now.", "%(count)s are tried again now.", count) % {"count": count}


def handled(count: int) -> str:
    if not count:
        return str(_("Nothing to take off the list: it was done already."))
    return ngettext(
        "%(count)s is off the list; it comes back if it fails again.",
        "%(count)s are off the list; what fails again comes back.",
        count,
    ) % {"count": count}


@require_POST
@role_required(OPERATOR)
def retry_group(request: HttpRequest) -> HttpResponse:
    """Retry all that failed alike: `group` as the group has it."""
    rows = failed.of_group(failed.failed(), request.POST.get("group", ""))
    count = try_again(rows, by=request.user)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("dashboard:today")
    return say_and_go(request, told(count), back)
