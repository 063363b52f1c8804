"""A count line by line as its page shows it, with what the ledger wrote since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from inventory.documents import count_rules, counts
from inventory.documents.count_rules import Parcel
from inventory.documents.counts import Since
from inventory.models import CountLine, StockCount, StockLevel, StockMovement
from inventory.tables import owner_link, signed


@dataclass(frozen=True)
class Row:
    """`reserved` is how many were sold and still here when it was counted, `added` what approval added or would."""

    line: CountLine
    now: int
    reserved: int
    since: Since
    added: int | None

    @property
    def after(self) -> int | None:
        """On hand once the count is approved."""
        return None if self.added is None else self.now + self.added

    @property
    def may_be_collected(self) -> bool:
        """Units are missing that may have been collected without Mercado Libre having said so."""
        return self.line.difference < 0 < self.reserved

    @property
    def notes(self) -> list[SafeString]:
        """What was written since the counting, and what of it the counting had seen already; a sentence for each."""
        known_later = count_rules.known_later(self.since.parcels, counted_at=self.line.count.counted_at)
        left = sum(one.units for one in self.since.parcels) - sum(one.units for one in known_later)
        kinds = StockMovement.Kind
        moved = [(kinds(kind).label, units) for kind, units in sorted(self.since.moved.items())]
        shipped = [(kinds.SHIP.label, left)] if left else []
        return [format_html("{}: {}", name, signed(units)) for name, units in shipped + moved] + [
            _note(parcel) for parcel in known_later
        ]


def _note(parcel: Parcel) -> SafeString:
    told = _("had left before it was counted") if parcel.units < 0 else _("had not left after all")
    return format_html("{}: {}, {}", owner_link(parcel.owner), told, signed(parcel.units))


def rows_of(count: StockCount, lines: Sequence[CountLine]) -> list[Row]:
    """Three queries, however many lines there are."""
    ids = [line.product_id for line in lines]
    levels = StockLevel.objects.filter(warehouse=count.warehouse_id, product_id__in=ids)
    now, reserved = dict(levels.values_list("product_id", "on_hand")), reserved_then(count)
    waiting = count.state == StockCount.State.WAITING
    since = counts.written_since(count) if waiting else {}
    written = {} if waiting else _written(count)
    return [
        Row(
            line,
            now.get(line.product_id, 0),
            reserved.get(line.product_id, 0),
            since.get(line.product_id, counts.NOTHING),
            counts.adding(line, since.get(line.product_id, counts.NOTHING))
            if waiting
            else written.get(line.product_id),
        )
        for line in lines
    ]


def reserved_then(count: StockCount) -> Mapping[int, int]:
    """Units that were reserved when each product was counted, by product id."""
    last = StockMovement.objects.filter(
        level__warehouse=count.warehouse_id,
        level__product__count_lines__count=count,
        seq=F("level__product__count_lines__seq"),
    )
    return dict(last.values_list("level__product_id", "reserved_after"))


def _written(count: StockCount) -> Mapping[int, int]:
    movements = StockMovement.objects.filter(operation=f"count:{count.pk}")
    return dict(movements.values_list("level__product_id", "on_hand_delta"))
