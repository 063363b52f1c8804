"""Tables of levels, movements and warehouses."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.models import SkuMapping
from inventory.models import StockLevel, StockMovement, Warehouse
from inventory.rules.stock_rules import most_specific
from ui import formatting, tables
from ui.stored import told

MOVES = (
    ("inventory:receipt_new", _("Receive")),
    ("inventory:count_new", _("Count")),
    ("inventory:transfer_new", _("Transfer")),
)
KIND_TONES = {"reserve": "info", "ship": "ok", "return": "warn", "adjust": "warn", "count": "warn"}


class LevelTable(tables.Table):
    sku = tables.LinkColumn(
        "inventory:product",
        "product__sku",
        accessor="product__sku",
        verbose_name=_("SKU"),
        detail=lambda level: level.product.name,
    )
    warehouse = tables.Column(accessor="warehouse__code", verbose_name=_("Warehouse"))
    on_hand = tables.QuantityColumn(verbose_name=_("On hand"))
    reserved = tables.QuantityColumn(verbose_name=_("Reserved"))
    free = tables.QuantityColumn(verbose_name=_("Available"))
    buffer = tables.QuantityColumn(verbose_name=_("Buffer"), empty_values=(), orderable=False)
    published = tables.Column(verbose_name=_("Published"), empty_values=(), orderable=False)
    full = tables.QuantityColumn(verbose_name=_("In Full"), empty_values=(), orderable=False)
    actions = tables.ActionsColumn()

    class Meta(tables.Table.Meta):
        order_by = ("sku", "warehouse")

    def __init__(self, *args: Any, may_move: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_move:
            self.columns.hide("actions")

    def render_free(self, value: int) -> SafeString:
        shown = formatting.quantity(value)
        return format_html('<b class="text-bad">{}</b>', shown) if value < 0 else shown

    def render_buffer(self, record: StockLevel) -> str | SafeString:
        return span_of([buffer_of(record, mapping) for mapping in feeds(record)])

    def value_buffer(self, record: StockLevel) -> str:
        return str(self.render_buffer(record)) if feeds(record) else ""

    def render_published(self, record: StockLevel) -> str | SafeString:
        return span_of([mapping.variation.available_quantity for mapping in feeds(record)])

    def value_published(self, record: StockLevel) -> str:
        return str(self.render_published(record)) if feeds(record) else ""

    def render_full(self, record: StockLevel) -> SafeString:
        return formatting.quantity(in_full(record))

    def value_full(self, record: StockLevel) -> int | str:
        held = in_full(record)
        return "" if held is None else held

    def render_actions(self, record: StockLevel) -> SafeString:
        if record.warehouse.kind != Warehouse.Kind.SHELF:
            return format_html('<a href="{}?tab=way">{}</a>', reverse("inventory:transfers"), _("On the way"))
        query = urlencode({"sku": record.product.sku, "warehouse": record.warehouse.code})
        links = ((reverse(name), query, label) for name, label in MOVES[:2])
        return format_html_join(" ", '<a class="btn btn-small" href="{}?{}">{}</a>', links)


def feeds(level: StockLevel) -> list[SkuMapping]:
    """The links of the level's product whose listing we fill: not those in Full."""
    return [one for one in level.product.mappings.all() if not _is_full(one)]


def in_full(level: Any) -> int | None:
    """What ML holds of the product in its own warehouse; what its listings show until that was read."""
    if level.full_units is not None:
        return int(level.full_units)
    shown = {
        one.variation.inventory_id or one.variation.pk: one.variation.available_quantity
        for one in level.product.mappings.all()
        if _is_full(one)
    }
    return sum(shown.values()) if shown else None


def _is_full(mapping: SkuMapping) -> bool:
    variation = mapping.variation
    return bool(variation.inventory_id) or variation.listing.logistic_type == "fulfillment"


def buffer_of(level: StockLevel, mapping: SkuMapping) -> int:
    """What a listing keeps back, by the most specific rule."""
    listing = mapping.variation.listing
    of_product, of_listing = (getattr(one, "stock_rule", None) for one in (level.product, listing))
    said = most_specific(
        seller=listing.account.buffer,
        product=of_product.buffer if of_product else None,
        listing=of_listing.buffer if of_listing else None,
    )
    return said.units


def span_of(numbers: list[int]) -> str | SafeString:
    """ "5", or "3–5" where listings differ; a dash where there are none."""
    if not numbers:
        return formatting.NOTHING
    low, high = min(numbers), max(numbers)
    return formatting.grouped(low) if low == high else f"{formatting.grouped(low)}–{formatting.grouped(high)}"


def signed(value: int) -> str:
    return f"+{value}" if value > 0 else str(value)


class MovementTable(tables.Table):
    created_at = tables.TimeColumn(verbose_name=_("At"))
    sku = tables.LinkColumn(
        "inventory:product",
        "level__product__sku",
        accessor="level__product__sku",
        verbose_name=_("SKU"),
        detail=lambda movement: movement.level.product.name,
    )
    warehouse = tables.Column(accessor="level__warehouse__code", verbose_name=_("Warehouse"))
    kind = tables.PillColumn(verbose_name=_("Kind"), tones=KIND_TONES, labels=dict(StockMovement.Kind.choices))
    on_hand_delta = tables.QuantityColumn(verbose_name=_("On hand"))
    reserved_delta = tables.QuantityColumn(verbose_name=_("Reserved"))
    on_hand_after = tables.QuantityColumn(verbose_name=_("On hand after"), visible=False)
    reserved_after = tables.QuantityColumn(verbose_name=_("Reserved after"), visible=False)
    owner = tables.Column(verbose_name=_("For"), empty_values=())
    reason = tables.Column(verbose_name=_("Reason"), visible=False)
    actor = tables.Column(verbose_name=_("By"))

    def render_on_hand_delta(self, record: StockMovement) -> SafeString:
        return moved(record.on_hand_delta, record.on_hand_after)

    def render_reserved_delta(self, record: StockMovement) -> SafeString:
        return moved(record.reserved_delta, record.reserved_after)

    def value_on_hand_delta(self, value: int) -> int:
        return value

    def value_reserved_delta(self, value: int) -> int:
        return value

    def value_actor(self, value: Any) -> str:
        return str(value)

    def render_owner(self, record: StockMovement) -> str | SafeString:
        lines = [line for line in (owner_link(record.owner), told(record.reason)) if line]
        return format_html_join("", "<div>{}</div>", ((line,) for line in lines)) if lines else formatting.NOTHING

    def value_owner(self, value: str) -> str:
        return value

    def value_reason(self, value: str) -> str:
        return told(value)


def moved(delta: int, after: int) -> SafeString:
    """How much a quantity moved, and where to."""
    shown = format_html("<b>{}</b>", signed(delta)) if delta else format_html('<span class="muted">{}</span>', 0)
    return format_html('{} <span class="muted">→ {}</span>', shown, formatting.grouped(after))


def owner_link(owner: str) -> str | SafeString:
    """An order line's name as a link to its order."""
    kind, _colon, rest = owner.partition(":")
    order_id = rest.partition(":")[0]
    if kind != "order" or not order_id.isdigit():
        return owner
    return format_html('<a class="nowrap" href="/orders/{0}/">{1} {0}</a>', order_id, _("Order"))
