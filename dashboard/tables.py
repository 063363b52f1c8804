"""Tables of the dashboard's lists."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.lifecycle import words_of
from catalog.models import Listing
from dashboard.cells import changes, detail_of, is_wanted, lamps_of, pair, said, shown_of, worst_of
from dashboard.wording import JOB_TONES, OUTCOME_TONES
from sellers.models import Job, PushAttempt
from ui import formatting
from ui.lamps import render as render_lamps
from ui.stored import told
from ui.tables import (
    CheckboxColumn,
    Column,
    LinkColumn,
    MoneyColumn,
    PillColumn,
    QuantityColumn,
    Table,
    TimeColumn,
    pill,
    titled,
)

TONES = {"off": ""}


class ListingTable(Table):
    select = CheckboxColumn(label="title")
    title = LinkColumn("dashboard:listing", "item_id", detail=lambda listing: detail_of(listing))
    account = Column(verbose_name=gettext_lazy("Seller"), accessor="account__nickname", visible=False)
    status = Column(verbose_name=gettext_lazy("Status"))
    sku = Column(verbose_name="SKU", empty_values=(), orderable=False, accessor="pk")
    stock = Column(
        verbose_name=gettext_lazy("ML / ours"),
        accessor="available_quantity",
        attrs={"th": {"class": "num"}, "td": {"class": "num"}},
    )
    price = MoneyColumn(verbose_name=gettext_lazy("Price"))
    sold_quantity = QuantityColumn(verbose_name=gettext_lazy("Sold"))
    lamps = Column(verbose_name=gettext_lazy("Stock at ML"), empty_values=(), orderable=False, accessor="pk")

    class Meta(Table.Meta):
        model = Listing
        fields = ("select", "title", "account", "status", "sku", "stock", "price", "sold_quantity", "lamps")
        order_by = "-sold_quantity"

    def render_status(self, record: Listing) -> SafeString:
        words = words_of(record)
        return pill(words.meaning, TONES.get(words.tone, words.tone))

    def render_sku(self, record: Any) -> SafeString:
        unlinked = [unit for unit in record.units if not hasattr(unit, "mapping") and not unit.ignored]
        if unlinked:
            href = f"{reverse('catalog:mapping')}?q={record.item_id}"
            words = _("to link: %(n)s") % {"n": len(unlinked)} if len(unlinked) > 1 else _("to link")
            return format_html('<a class="pill warn" href="{}">{}</a>', href, words)
        skus = self.value_sku(record).split(", ")
        return (
            format_html("<code>{}</code>", skus[0])
            if len(skus) == 1
            else format_html("{}", _("%(n)s SKUs") % {"n": len(skus)})
        )

    def value_sku(self, record: Any) -> str:
        return ", ".join(sorted({unit.mapping.product.sku for unit in record.units if hasattr(unit, "mapping")}))

    def render_stock(self, record: Any) -> SafeString:
        pairs = [(shown_of(unit), unit.stock_target.wanted) for unit in record.units if is_wanted(unit)]
        if not pairs:
            return format_html("<b>{}</b>", formatting.grouped(record.available_quantity))
        theirs, ours = (formatting.grouped(sum(side)) for side in zip(*pairs, strict=True))
        return pair(theirs, ours, equal=all(shown == wanted for shown, wanted in pairs))

    def value_stock(self, record: Listing) -> int:
        return record.available_quantity

    def render_price(self, record: Listing) -> SafeString:
        target = getattr(record, "price_target", None)
        shown = formatting.money(record.price, record.currency_id)
        if target is None or target.wanted is None or target.observed == target.wanted:
            return shown
        ours = formatting.money(target.wanted)
        return format_html('<b class="differs">{}</b><span class="detail differs">≠ {}</span>', shown, ours)

    def render_lamps(self, record: Any) -> SafeString:
        return render_lamps(lamps_of(worst_of(record.units)))

    def value_lamps(self, record: Any) -> str:
        target = worst_of(record.units)
        return str(target.get_state_display()) if target else ""


def of_listing(key: str, item_id: str, title: str, seller: object) -> SafeString:
    """A push's listing; a user product leads to the list of its listings."""
    if item_id:
        detail = format_html("<code>{}</code> · {}", item_id if item_id == key else f"{item_id} · {key}", seller)
        return titled(title or item_id, detail, href=reverse("dashboard:listing", args=[item_id]))
    return titled(key, href=f"{reverse('dashboard:listings')}?q={key}")


class PushTable(Table):
    select = CheckboxColumn(label="key")
    key = Column(verbose_name=gettext_lazy("Listing"), main=True)
    account = Column(verbose_name=gettext_lazy("Seller"), accessor="account__nickname", visible=False)
    kind = Column(verbose_name=gettext_lazy("What"))
    changes = Column(verbose_name=gettext_lazy("Old → new"), empty_values=())
    outcome = PillColumn(verbose_name=gettext_lazy("Outcome"), tones=OUTCOME_TONES)
    tries = QuantityColumn(verbose_name=gettext_lazy("Tries"))
    duration_ms = QuantityColumn(verbose_name="ms")
    ml_words = Column(verbose_name=gettext_lazy("Mercado Libre says"), empty_values=())
    started_at = TimeColumn(verbose_name=gettext_lazy("When"))

    class Meta(Table.Meta):
        model = PushAttempt
        fields = (
            "select", "key", "account", "kind", "changes", "outcome", "tries", "duration_ms", "ml_words", "started_at"
        )  # fmt: skip

    def render_key(self, record: Any) -> SafeString:
        return of_listing(record.key, record.item_id, record.title or "", record.account.nickname)

    def render_changes(self, record: PushAttempt) -> SafeString:
        return changes(record.changes)

    def value_changes(self, record: PushAttempt) -> str:
        return "; ".join(f"{row.get('old')} → {row.get('new')}" for row in record.changes or [])

    def render_ml_words(self, record: PushAttempt) -> SafeString:
        return said(record.ml_words, record.meaning, record.todo)

    def value_ml_words(self, record: PushAttempt) -> str:
        return record.ml_words


class JobColumn(LinkColumn):
    """The name of a job in the reader's language."""

    def render(self, value: str, record: Any) -> SafeString:
        return super().render(told(value), record)

    def value(self, value: Any, **context: Any) -> str:
        return told(value)


class JobTable(Table):
    title = JobColumn("dashboard:job", verbose_name=gettext_lazy("Job"))
    account = Column(verbose_name=gettext_lazy("Seller"), accessor="account__nickname")
    state = PillColumn(verbose_name=gettext_lazy("State"), tones=JOB_TONES)
    done = Column(verbose_name=gettext_lazy("Progress"))
    errors = QuantityColumn(verbose_name=gettext_lazy("Errors"))
    created_by = Column(verbose_name=gettext_lazy("Started by"), default=gettext_lazy("Enlace"))
    created_at = TimeColumn(verbose_name=gettext_lazy("Started"))
    finished_at = TimeColumn(verbose_name=gettext_lazy("Ended"))

    class Meta(Table.Meta):
        model = Job
        fields = ("title", "account", "state", "done", "errors", "created_by", "created_at", "finished_at")
        order_by = "-created_at"

    def render_done(self, record: Job) -> SafeString:
        done = formatting.grouped(record.done)
        return (
            format_html("{} / {}", done, formatting.grouped(record.total)) if record.total else format_html("{}", done)
        )

    def render_created_by(self, value: Any) -> str:
        return str(value.get_full_name() or value.get_username())
