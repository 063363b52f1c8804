"""When calls to Mercado Libre were held back, because it did not answer."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.queries import held_back, listings
from dashboard.wording import length
from sellers.brakes.breakers import ML, OAUTH
from ui import formatting
from ui.filters import FilterSet, SelectFilter
from ui.lists import Empty, KeysetListPage
from ui.stored import told
from ui.tables import Column, Table, TimeColumn, pill, titled

WHOLE = {
    ML: (gettext_lazy("Mercado Libre as a whole"), gettext_lazy("No calls were made for any seller")),
    OAUTH: (gettext_lazy("Renewing access"), gettext_lazy("All else went on")),
}


class MomentColumn(TimeColumn):
    """A time with its date and hour below: what happened at night is compared with other clocks."""

    def render(self, value: Any) -> SafeString:
        shown = date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
        return format_html('{}<span class="detail">{}</span>', formatting.time(value), shown)


class HeldBackTable(Table):
    whom = Column(verbose_name=gettext_lazy("For whom"), main=True, empty_values=(), accessor="pgh_obj_id")
    pgh_created_at = MomentColumn(verbose_name=gettext_lazy("Since"))
    ended_at = MomentColumn(verbose_name=gettext_lazy("Until"), empty_values=())
    words = Column(verbose_name=gettext_lazy("Why"), empty_values=())
    tried = Column(verbose_name=gettext_lazy("How it ended"))

    class Meta(Table.Meta):
        fields = ("whom", "pgh_created_at", "ended_at", "words", "tried")

    def render_whom(self, record: Any) -> SafeString:
        return titled(*whom(record))

    def value_whom(self, record: Any) -> str:
        return str(whom(record)[0])

    def render_ended_at(self, record: Any, column: Any) -> SafeString:
        if record.ended_at is None:
            return pill(_("Still held back"), "bad")
        lasted = _("after %(time)s") % {"time": length(record.ended_at - record.pgh_created_at)}
        moment = column.render(record.ended_at)
        return format_html('{}<span class="detail">{}</span>', moment, lasted)

    def value_ended_at(self, record: Any) -> Any:
        return record.ended_at

    def render_words(self, record: Any) -> SafeString:
        return format_html('<div class="problem">{}</div>', told(record.words)) if record.words else formatting.NOTHING

    def value_words(self, record: Any) -> str:
        return told(record.words)

    def render_tried(self, record: Any) -> SafeString:
        return format_html('<div class="wrapped">{}</div>', self.value_tried(record))

    def value_tried(self, record: Any) -> str:
        return ending(record.tried, ended=record.ended_at is not None)


def whom(record: Any) -> tuple[Any, Any]:
    """Whose calls waited, and what that means for the others."""
    account = record.pgh_obj.account
    return (account.nickname, _("Other sellers went on")) if account else WHOLE.get(record.pgh_obj_id, ("", ""))


def ending(tried: int, *, ended: bool) -> str:
    """What came of the single calls that are tried while all others wait."""
    if not ended and not tried:
        return _("No call was tried yet; it is tried again by itself.")
    if not ended:
        so_far = ngettext(
            "%(n)s call was tried, without an answer.", "%(n)s calls were tried, without an answer.", tried
        )
        return so_far % {"n": tried}
    if tried <= 1:
        return _("The first call that was tried was answered.")
    return _("%(n)s calls were tried; the last one was answered.") % {"n": tried}


class HeldBackFilters(FilterSet):
    seller = SelectFilter(
        listings.seller_options, label=gettext_lazy("Seller"), all_label=gettext_lazy("All sellers"), method="of_seller"
    )

    def of_seller(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return held_back.of_seller(rows, value)


class HeldBackList(KeysetListPage):
    title = gettext_lazy("Calls held back")
    queryset = held_back.rows
    table_class = HeldBackTable
    filterset_class = HeldBackFilters
    template_name = "dashboard/held_back.html"
    keyset_field = "pgh_id"
    empty = Empty(
        gettext_lazy("Calls were never held back"),
        gettext_lazy("When Mercado Libre does not answer for a while, it shows here since when until when, and why."),
        icon="check",
    )
