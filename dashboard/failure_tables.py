"""Tables of work that failed or is tried again, and of what staff did about it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import MarketplaceChange
from dashboard.cells import changes, said
from mercadolibre.errors import Explanation
from sellers.models import FailureAction, Work
from sellers.queue.failures import SETTLED_THERE, UNKNOWN, explained
from sellers.wording import work_kind
from ui import formatting
from ui.permissions import MANAGER, OPERATOR, has_role
from ui.stored import told
from ui.tables import (
    ActionsColumn,
    CheckboxColumn,
    Column,
    PillColumn,
    QuantityColumn,
    Table,
    TimeColumn,
    change,
    titled,
)

NOTHING = Explanation("", "")


class KindColumn(Column):
    """What was to be done, in words; only in exports, where no page says it."""

    def value(self, value: Any, **context: Any) -> str:
        return work_kind(value)


class WaitingTable(Table):
    """Work rows that failed or are tried again."""

    select = CheckboxColumn(label="key")
    kind = KindColumn(verbose_name=gettext_lazy("Kind"), visible=False)
    key = Column(verbose_name=gettext_lazy("What"), main=True)
    account = Column(verbose_name=gettext_lazy("Seller"), accessor="account__nickname", visible=False)
    changes = Column(verbose_name=gettext_lazy("Old → new"), empty_values=(), accessor="pk")
    fails = QuantityColumn(verbose_name=gettext_lazy("Tries"))
    last_error = Column(verbose_name=gettext_lazy("What went wrong"), empty_values=())
    meaning = Column(verbose_name=gettext_lazy("Meaning"), empty_values=(), accessor="pk", visible=False)
    todo = Column(verbose_name=gettext_lazy("What to do"), empty_values=(), accessor="pk", visible=False)
    wanted_since = TimeColumn(verbose_name=gettext_lazy("Waiting since"))
    due_at = TimeColumn(verbose_name=gettext_lazy("Next try"), visible=False)
    actions = ActionsColumn()

    class Meta(Table.Meta):
        model = Work
        fields = (
            "select", "kind", "key", "account", "changes", "fails", "last_error", "meaning", "todo", "wanted_since",
            "due_at", "actions",
        )  # fmt: skip

    def before_render(self, request: HttpRequest) -> None:
        if not has_role(request.user, OPERATOR):
            self.columns.hide("actions")

    def render_key(self, record: Any) -> SafeString:
        kind = work_kind(record.kind)
        parts = [kind if record.title else "", record.account.nickname if record.account else ""]
        also = " · ".join(str(part) for part in parts if part)
        detail = format_html("<code>{}</code>{}", record.key, f" · {also}" if record.key and also else also)
        return titled(record.title or kind, detail, href=address_of(record))

    def value_key(self, record: Work) -> str:
        return record.key

    def render_changes(self, record: Any) -> SafeString:
        return changes((record.said or {}).get("changes"))

    def value_changes(self, record: Any) -> str:
        rows = (record.said or {}).get("changes") or []
        return "; ".join(f"{row.get('old')} → {row.get('new')}" for row in rows)

    def render_last_error(self, record: Any) -> SafeString:
        meant = meaning_of(record)
        return said((record.said or {}).get("ml_words") or record.last_error, meant.meaning, meant.todo)

    def value_last_error(self, record: Any) -> str:
        return told(record.last_error)

    def value_meaning(self, record: Any) -> str:
        return told(meaning_of(record).meaning)

    def value_todo(self, record: Any) -> str:
        return told(meaning_of(record).todo)

    def render_wanted_since(self, record: Work) -> SafeString:
        since = formatting.time(record.wanted_since)
        if record.state != Work.State.READY:
            return since
        return format_html('{}<span class="detail">{} {}</span>', since, _("next try"), formatting.time(record.due_at))

    def render_actions(self, record: Work) -> SafeString:
        again = button(record.pk, "one", _("Retry"))
        if record.state != Work.State.DEAD or record.kind not in SETTLED_THERE:
            return again
        return format_html("{} {}", again, button(record.pk, "settled", _("Handled …")))


class RefusalTable(Table):
    """Changes of Global Selling listings that were refused."""

    select = CheckboxColumn(label="key")
    key = Column(verbose_name=gettext_lazy("What"), main=True)
    account = Column(verbose_name=gettext_lazy("Seller"), accessor="listing__account__nickname", visible=False)
    field = Column(verbose_name=gettext_lazy("Change"), visible=False)
    changes = Column(verbose_name=gettext_lazy("Old → new"), empty_values=(), accessor="pk")
    last_error = Column(verbose_name=gettext_lazy("What went wrong"), empty_values=())
    created_by = Column(verbose_name=gettext_lazy("Asked for by"))
    last_error_at = TimeColumn(verbose_name=gettext_lazy("Refused"))
    actions = ActionsColumn()

    class Meta(Table.Meta):
        model = MarketplaceChange
        fields = (
            "select", "key", "account", "field", "changes", "last_error", "created_by", "last_error_at", "actions",
        )  # fmt: skip

    def before_render(self, request: HttpRequest) -> None:
        if not has_role(request.user, MANAGER):
            self.columns.hide("actions")

    def render_key(self, record: Any) -> SafeString:
        detail = format_html("<code>{}</code> · {}", record.key, record.listing.account.nickname)
        return titled(record.listing.title, detail, href=reverse("catalog:marketplace", args=[record.listing_id]))

    def value_key(self, record: Any) -> str:
        return str(record.key)

    def render_changes(self, record: Any) -> SafeString:
        values = change(record.old or "—", record.new)
        return format_html(
            '<div class="wrapped"><span class="detail">{}</span>{}</div>', record.get_field_display(), values
        )

    def value_changes(self, record: Any) -> str:
        return f"{record.old} → {record.new}"

    def render_last_error(self, record: Any) -> SafeString:
        return said(record.ml_words, record.explanation, "")

    def value_last_error(self, record: Any) -> str:
        return told(record.last_error)

    def render_created_by(self, value: Any) -> str:
        return str(value.get_full_name() or value.get_username())

    def render_actions(self, record: Any) -> SafeString:
        again, settled = button(record.pk, "one", _("Send again")), button(record.pk, "settled", _("Handled …"))
        return format_html("{} {}", again, settled)


class ActionTable(Table):
    """What staff did about failures."""

    kind = KindColumn(verbose_name=gettext_lazy("Kind"), visible=False)
    key = Column(verbose_name=gettext_lazy("What"), main=True)
    account = Column(verbose_name=gettext_lazy("Seller"), accessor="account__nickname", visible=False)
    last_error = Column(verbose_name=gettext_lazy("What went wrong"), empty_values=())
    action = PillColumn(verbose_name=gettext_lazy("What was done"), tones={"handled": "ok", "retry": "info"})
    reason = Column(verbose_name=gettext_lazy("How it was settled"))
    done_by = Column(verbose_name=gettext_lazy("By"))
    done_at = TimeColumn(verbose_name=gettext_lazy("When"))

    class Meta(Table.Meta):
        model = FailureAction
        fields = ("kind", "key", "account", "last_error", "action", "reason", "done_by", "done_at")

    def render_key(self, record: FailureAction) -> SafeString:
        seller = record.account.nickname if record.account else ""
        return titled(work_kind(record.kind), format_html("<code>{}</code> · {}", record.key, seller))

    def value_key(self, record: FailureAction) -> str:
        return record.key

    def render_last_error(self, record: FailureAction) -> SafeString:
        if not record.last_error and not record.last_error_class:
            return format_html('<span class="muted">{}</span>', _("Nothing: it had not failed."))
        meant = explained(record.last_error, record.last_error_class)
        return said(record.last_error, meant.meaning if meant and meant is not UNKNOWN else "", "")

    def value_last_error(self, record: FailureAction) -> str:
        return told(record.last_error)

    def render_done_by(self, value: Any) -> str:
        return str(value.get_full_name() or value.get_username())


def button(pk: int, name: str, label: object) -> SafeString:
    return format_html('<button class="btn btn-small" form="bulk" name="{}" value="{}">{}</button>', name, pk, label)


def meaning_of(record: Any) -> Explanation:
    """What the last push made of ML's words, where there was one; else what the kept words mean."""
    tried = record.said or {}
    if tried.get("meaning"):
        return Explanation(tried["meaning"], tried.get("todo", ""))
    return explained(record.last_error, record.last_error_class) or NOTHING


def address_of(record: Any) -> str:
    """The page of what a work row is about, where it has one."""
    item_id = (record.said or {}).get("item_id") or ""
    if record.kind in ("stock", "price", "item") and (item_id or not record.key[3:4].isalpha()):
        return reverse("dashboard:listing", args=[item_id or record.key])
    if record.kind == "job":
        return reverse("dashboard:job", args=[record.key])
    return reverse("orders:order", args=[record.key]) if record.kind == "order" and record.key.isdigit() else ""
