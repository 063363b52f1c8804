"""Table of the notifications."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from sellers.models import Notification, Work
from sellers.wording import topic
from ui.stored import told
from ui.tables import CheckboxColumn, Column, LinkColumn, PillColumn, Table, TimeColumn

VERDICT_TONES = {"accepted": "ok", "malformed": "bad", "unknown_account": "warn", "unknown_application": "warn"}
WORK_TONES = {"idle": "ok", "ready": "info", "leased": "info", "dead": "bad"}


def topic_of(notification: Notification) -> str:
    return topic(notification.topic)


class NotificationTable(Table):
    select = CheckboxColumn(label="resource")
    resource = LinkColumn("sellers:notification", verbose_name=_("Resource"), detail=topic_of, empty_values=())
    seller = Column(verbose_name=_("Seller"))
    received_at = TimeColumn(verbose_name=_("Received"))
    attempts = Column(verbose_name=_("Times sent"))
    verdict = PillColumn(verbose_name=_("Result"), tones=VERDICT_TONES)
    work_state = PillColumn(verbose_name=_("Work"), tones=WORK_TONES, labels=dict(Work.State.choices))
    work_error = Column(verbose_name=_("Error"))

    class Meta(Table.Meta):
        model = Notification
        fields = ("select", "resource", "seller", "received_at", "attempts", "verdict", "work_state", "work_error")

    def render_attempts(self, value: int) -> str:
        return f"{value}×"

    def render_work_error(self, value: Any, record: Any) -> SafeString:
        return format_html('<span class="detail">{}</span>', told(value)[:200])
