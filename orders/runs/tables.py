"""Table and filters of the runs."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from orders.models import Run
from orders.runs import run_words
from sellers.queries import seller_choices
from ui import formatting
from ui.filters import FilterSet, SelectFilter, YesNoFilter
from ui.tables import Column, PillColumn, QuantityColumn, Table, with_class

State = Run.State
TONES = {
    State.WAITING: "info",
    State.READING: "info",
    State.FETCHING: "info",
    State.COMPLETE: "ok",
    State.INCOMPLETE: "warn",
    State.REFUSED: "",
    State.FAILED: "bad",
}


def run_rows(request: Any = None) -> QuerySet[Run]:
    return Run.objects.select_related("account", "asked_by").defer("pending")


COUNTED = (State.COMPLETE, State.INCOMPLETE)  # before and otherwise nobody knows what a run recovered


class RunTable(Table):
    asked_at = Column(verbose_name=pgettext_lazy("run", "Began"), empty_values=(), main=True)
    account = Column(verbose_name=gettext_lazy("Seller"), accessor="account__nickname")
    reason = Column(verbose_name=gettext_lazy("Why"), empty_values=())
    found = QuantityColumn(verbose_name=gettext_lazy("Found"))
    recovered = Column(verbose_name=gettext_lazy("Recovered"), attrs={"td": {"class": "num"}, "th": {"class": "num"}})
    changed = QuantityColumn(verbose_name=pgettext_lazy("orders", "Changed"))
    took = Column(
        verbose_name=gettext_lazy("Took"), empty_values=(), attrs={"td": {"class": "num"}, "th": {"class": "num"}}
    )
    state = PillColumn(verbose_name=gettext_lazy("Result"), tones=TONES, attrs=with_class(None, "c-status"))
    said = Column(verbose_name=gettext_lazy("What it came to"), empty_values=())

    class Meta(Table.Meta):
        model = Run
        attrs = {"class": "t t-wrap"}
        fields = ("asked_at", "account", "reason", "found", "recovered", "changed", "took", "state", "said")

    def render_asked_at(self, record: Run) -> SafeString:
        return format_html(
            '<span class="title">{}</span><span class="detail">{}{}</span>',
            formatting.time(record.began_at or record.asked_at),
            record.get_kind_display(),
            window(record),
        )

    def render_reason(self, record: Run) -> SafeString:
        return format_html("{}{}", record.get_reason_display(), by(record))

    def render_found(self, value: int, record: Run) -> SafeString:
        return formatting.NOTHING if record.state in Run.NOT_READ else formatting.quantity(value)

    def render_recovered(self, value: int, record: Run) -> SafeString:
        if record.state not in COUNTED:
            return formatting.NOTHING
        return format_html('<b class="{}">{}</b>', "text-warn" if value else "muted", formatting.grouped(value))

    def render_changed(self, value: int, record: Run) -> SafeString:
        return formatting.quantity(value) if record.state in COUNTED else formatting.NOTHING

    def render_took(self, record: Run) -> Any:
        if record.took is None:
            return formatting.NOTHING
        seconds = record.took.total_seconds()
        if seconds < 120:
            return _("%(number)s s") % {"number": formatting.grouped(seconds, 1)}
        return _("%(number)s min") % {"number": round(seconds / 60)}

    def render_said(self, record: Run) -> SafeString:
        return format_html('<span class="detail">{}</span>', run_words.summary(record)[:400])


def window(run: Run) -> str | SafeString:
    """From when on it read."""
    if run.since is None:
        return ""
    return format_html(" · {} {}", _("since"), formatting.time(run.since))


def by(run: Run) -> str | SafeString:
    return format_html('<span class="detail">{}</span>', run.asked_by) if run.asked_by else ""


class RunFilters(FilterSet):
    seller = SelectFilter(
        seller_choices,
        field_name="account__ml_user_id",
        label=gettext_lazy("Seller"),
        all_label=gettext_lazy("All sellers"),
    )
    kind = SelectFilter(
        Run.Kind.choices, label=gettext_lazy("Kind"), all_label=gettext_lazy("Orders and notifications")
    )
    reason = SelectFilter(Run.Reason.choices, label=gettext_lazy("Why"), all_label=gettext_lazy("For any reason"))
    state = SelectFilter(Run.State.choices, label=gettext_lazy("Result"), all_label=gettext_lazy("Any result"))
    news = YesNoFilter(
        yes=gettext_lazy("Recovered or changed something"),
        no=gettext_lazy("Nothing was missing"),
        label=gettext_lazy("News"),
        method="filter_news",
    )

    class Meta:
        model = Run
        fields: list[str] = []

    def filter_news(self, runs: QuerySet[Run], name: str, value: str) -> QuerySet[Run]:
        with_news = Q(recovered__gt=0) | Q(changed__gt=0)
        return runs.filter(with_news) if value == "yes" else runs.exclude(with_news)
