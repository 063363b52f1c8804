"""Tables of receipts, transfers and counts."""

from __future__ import annotations

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from inventory.models import Receipt, StockCount, Transfer
from ui import tables

COUNT_TONES = {"waiting": "warn", "approved": "ok", "rejected": ""}


class ReceiptTable(tables.Table):
    number = tables.LinkColumn(
        "inventory:receipt", accessor="pk", verbose_name=_("Receipt"), detail=lambda receipt: receipt.reference
    )
    warehouse = tables.Column(accessor="warehouse__code", verbose_name=_("Warehouse"))
    units = tables.QuantityColumn(verbose_name=_("Units"))
    received_at = tables.TimeColumn(verbose_name=_("At"))
    received_by = tables.Column(verbose_name=_("By"))

    class Meta(tables.Table.Meta):
        model = Receipt
        fields: tuple[str, ...] = ()


class TransferTable(tables.Table):
    number = tables.LinkColumn(
        "inventory:transfer",
        accessor="pk",
        verbose_name=pgettext_lazy("document", "Transfer"),
        detail=lambda transfer: transfer.note,
    )
    source = tables.Column(accessor="source__code", verbose_name=_("From"))
    target = tables.Column(accessor="target__code", verbose_name=_("To"))
    units_sent = tables.QuantityColumn(verbose_name=_("Sent"))
    units_on_the_way = tables.QuantityColumn(verbose_name=_("On the way"))
    units_missing = tables.QuantityColumn(verbose_name=_("Missing"))
    state = tables.Column(accessor="closed_at", verbose_name=_("State"), empty_values=(), orderable=False)
    sent_at = tables.TimeColumn(verbose_name=_("Sent at"))
    sent_by = tables.Column(verbose_name=_("By"))

    class Meta(tables.Table.Meta):
        model = Transfer
        fields: tuple[str, ...] = ()

    def render_state(self, record: Transfer) -> SafeString:
        return tables.pill(_("Closed"), "ok") if record.closed_at else tables.pill(_("On the way"), "info")


class CountTable(tables.Table):
    number = tables.LinkColumn("inventory:count", accessor="pk", verbose_name=pgettext_lazy("document", "Count"))
    warehouse = tables.Column(accessor="warehouse__code", verbose_name=_("Warehouse"))
    products = tables.QuantityColumn(verbose_name=_("Products"))
    differing = tables.QuantityColumn(verbose_name=_("Differing"))
    state = tables.PillColumn(verbose_name=_("State"), tones=COUNT_TONES, labels=dict(StockCount.State.choices))
    counted_at = tables.TimeColumn(verbose_name=_("Counted"))
    counted_by = tables.Column(verbose_name=_("By"))
    decided_by = tables.Column(verbose_name=_("Decided by"))

    class Meta(tables.Table.Meta):
        model = StockCount
        fields: tuple[str, ...] = ()
