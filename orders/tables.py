"""Tables of orders. A row is a pack: `record` its first order, `record.pack` all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders import wording
from orders.models import Order, OrderLine
from orders.stock_effects import Reason
from ui import formatting, tables

State = Order.StockState
TONES = {
    State.UNLINKED: "warn",
    State.UNKNOWN: "bad",
    State.RESERVED: "info",
    State.SHIPPED: "ok",
    State.RELEASED: "",
    State.FULL: "",
    State.NONE: "",
}
NARROW = {State.UNLINKED: _("Needs a SKU")}
PARCEL_TONES = {"shipped": "info", "delivered": "ok", "not_delivered": "bad", "cancelled": "", "error": "bad"}
# Reasons that staff has to do something about.
TO_DO = {Reason.DO_NOT_SHIP, Reason.BEING_CANCELLED, Reason.COMING_BACK, Reason.CAME_BACK, Reason.COUNT_BACK}
SHORT = {
    Reason.DO_NOT_SHIP: _("Do not ship"),
    Reason.BEING_CANCELLED: _("Do not ship"),
    Reason.COMING_BACK: _("Coming back"),
    Reason.CAME_BACK: _("Count it back"),
    Reason.COUNT_BACK: _("Count it back"),
    Reason.SPLIT: _("Split, sale kept"),
    Reason.BEFORE_COUNT: _("Left before the count"),
    Reason.IGNORED: _("Ignored listing"),
}


def lines_of(pack: Iterable[Order]) -> Iterator[OrderLine]:
    for order in pack:
        yield from order.lines.all()


def item_text(line: OrderLine) -> SafeString:
    """SKU × quantity; ML's own words where the line is not linked."""
    name = line.product.sku if line.product else line.seller_sku or line.item_id
    return format_html(
        '<span class="nowrap">{} <span class="muted">× {}</span></span>', name, formatting.quantity(line.quantity)
    )


def tone_of(order: Order) -> str:
    """How much the stock state of an order asks for attention."""
    return "warn" if order.stock_reason in TO_DO else TONES.get(State(order.stock_state), "")


def stock_pill(order: Order) -> SafeString:
    """The stock state in a word, and below it what staff does about it."""
    words = NARROW.get(State(order.stock_state), order.get_stock_state_display())
    shown = tables.pill(words, tone_of(order))
    if order.stock_state == State.UNLINKED:
        return format_html('{}<span class="detail">{}</span>', shown, formatting.time(order.date_created))
    short = SHORT.get(order.stock_reason)  # type: ignore[call-overload]
    tone = "text-bad" if order.stock_reason in TO_DO else ""
    return format_html('{}<span class="detail {}">{}</span>', shown, tone, short) if short else shown


def parties(order: Order) -> str:
    """Seller and buyer."""
    return " · ".join(filter(None, [order.account.nickname, order.buyer_nickname]))


class OrderTable(tables.Table):
    select = tables.CheckboxColumn(label="pack_key")
    pack_key = tables.LinkColumn("orders:order", "pk", verbose_name=_("Order"), detail=parties)
    date_created = tables.TimeColumn(verbose_name=pgettext_lazy("date", "Sold"))
    items = tables.Column(verbose_name=_("Items"), empty_values=(), orderable=False)
    total_amount = tables.Column(verbose_name=_("Total"), orderable=False, attrs=tables.with_class(None, "num"))
    status = tables.Column(verbose_name=_("Payment"), orderable=False)
    dispatch = tables.Column(verbose_name=_("Shipment"), accessor="shipment__dispatch_by", empty_values=())
    stock_state = tables.Column(verbose_name=_("Stock"), orderable=False)

    def render_items(self, record: Any) -> SafeString:
        lines = list(lines_of(record.pack))
        shown = format_html_join(mark_safe("<br>"), "{}", ((item_text(line),) for line in lines[:4]))
        more = len(lines) - 4
        return format_html('{} <span class="detail">+{}</span>', shown, more) if more > 0 else shown

    def render_total_amount(self, record: Any) -> SafeString:
        total = sum((order.total_amount for order in record.pack), Decimal(0))
        return formatting.money(total, record.currency_id)

    def render_status(self, record: Any) -> SafeString:
        words = dict.fromkeys(order.words for order in record.pack)
        tone = "ok" if record.status == "paid" else "bad" if record.status == "cancelled" else "warn"
        return tables.pill(" · ".join(words), tone)

    def render_dispatch(self, record: Any) -> SafeString:
        parcel = record.shipment
        if parcel is None:
            return tables.pill(_("No shipment") if "no_shipping" in record.tags else _("Not known yet"))
        kind = parcel.logistic_type
        hint = wording.way(kind) if kind else ""
        shown = tables.pill(wording.parcel(parcel.status), PARCEL_TONES.get(parcel.status, "warn"), hint=hint)
        holder = wording.holder(kind)
        if parcel.dispatch_by is None or parcel.left_at is not None or record.status == "cancelled":
            return format_html('{}<span class="detail">{}</span>', shown, holder)
        due = formatting.time(parcel.dispatch_by)
        return format_html('{}<span class="detail">{} · {} {}</span>', shown, holder, _("dispatch"), due)

    def render_stock_state(self, record: Any) -> SafeString:
        shown = dict.fromkeys(stock_pill(order) for order in record.pack)
        return format_html_join(" ", "{}", ((one,) for one in shown))


# --- export: a row per line -------------------------------------------------------------------------------------------

HEADINGS = [
    "order_id",
    "pack_id",
    "seller",
    "sold_at",
    "status",
    "buyer",
    "item_id",
    "variation_id",
    "sku",
    "seller_sku",
    "title",
    "quantity",
    "unit_price",
    "currency",
    "order_total",
    "paid",
    "shipment_id",
    "shipment_status",
    "logistic_type",
    "dispatch_by",
    "stock",
]


def export_row(order: Order, line: OrderLine) -> list[Any]:
    parcel = order.shipment
    return [
        str(order.pk),
        str(order.pack_id or ""),
        order.account.nickname,
        order.date_created,
        order.status,
        order.buyer_nickname,
        line.item_id,
        str(line.variation_id or ""),
        line.product.sku if line.product else "",
        line.seller_sku,
        line.title,
        line.quantity,
        line.unit_price,
        order.currency_id,
        order.total_amount,
        order.paid_amount,
        str(order.shipping_id or ""),
        parcel.status if parcel else "",
        parcel.logistic_type if parcel else "",
        parcel.dispatch_by if parcel else None,
        order.stock_state,
    ]
