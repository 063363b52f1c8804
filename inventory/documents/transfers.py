"""Transfers: units leave one warehouse, are on their way, and are received in the other, perhaps not all of them.

On their way they lie in the one warehouse of kind transit, from which nobody sells: neither here nor there available.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from catalog.models import Product
from inventory import ledger
from inventory.ledger import Change
from inventory.models import StockMovement, Transfer, TransferLine, Warehouse
from sellers.points import point

Kind = StockMovement.Kind


class ChangedMeanwhile(Exception):
    """Somebody received from the transfer, or closed it, since the page was made."""


class TooMany(Exception):
    """More units than are on their way; `line` says how many are."""

    def __init__(self, line: TransferLine) -> None:
        super().__init__(f"{line.on_the_way} units are on their way")
        self.line = line


def transit() -> Warehouse:
    """The warehouse that holds what is on its way."""
    defaults = {"name": "On the way", "kind": Warehouse.Kind.TRANSIT}
    return Warehouse.objects.get_or_create(code="TRANSIT", defaults=defaults)[0]


@transaction.atomic
def send(
    *,
    source: Warehouse,
    target: Warehouse,
    units: Mapping[Product, int],
    operation: UUID,
    by: Any,
    note: str = "",
    seen: Mapping[int, int] | None = None,
) -> tuple[Transfer, bool]:
    """Take units off the source and put them on their way; the transfer, and whether it was not sent before.

    `seen` is the number of the source's last movement by product id, where a page has shown it. Raises StaleLevel,
    InsufficientStock where fewer are available, ValueError for the same warehouse twice or no units.
    """
    if source.pk == target.pk:
        raise ValueError("source and target are the same warehouse")
    sent, fresh = Transfer.objects.get_or_create(
        operation=operation, defaults={"source": source, "target": target, "note": note, "sent_by": by}
    )
    if not fresh:
        return sent, False
    TransferLine.objects.bulk_create(
        TransferLine(transfer=sent, product=product, sent=quantity) for product, quantity in units.items()
    )
    seen, way = seen or {}, transit()
    changes = []
    for product, quantity in units.items():
        changes.append(_leaving(product.pk, source.pk, quantity, seen.get(product.pk)))
        changes.append(Change(product.pk, way.pk, Kind.TRANSFER, delta=quantity))
    point("transfer.written")
    ledger.record(changes, operation=f"transfer:{sent.pk}:send", reason=note, actor=by)
    return sent, True


def _leaving(product_id: int, warehouse_id: int, quantity: int, seen_seq: int | None = None) -> Change:
    if quantity < 1:
        raise ValueError("a transfer is of one unit or more")
    return Change(product_id, warehouse_id, Kind.TRANSFER, delta=-quantity, seen_seq=seen_seq, needs_available=True)


@transaction.atomic
def receive(
    *,
    transfer: Transfer,
    units: Mapping[int, int],
    version: int,
    by: Any,
    rest_is_missing: bool = False,
    reason: str = "",
) -> Transfer:
    """Take units (by line id) in at the target. What is left stays on its way, or is missing for good, with a `reason`.

    `version` is the transfer's as the page showed it: a second click, or a page that is too old, raises
    ChangedMeanwhile and does nothing. Raises TooMany. A transfer with nothing left on its way is closed.
    """
    locked = Transfer.objects.select_for_update(of=("self",)).get(pk=transfer.pk)
    if locked.version != version or locked.closed_at is not None:
        raise ChangedMeanwhile
    lines = list(locked.lines.select_for_update(of=("self",)).select_related("product").order_by("product_id"))
    way = transit()
    arrived = _arrived(lines, units, source=way.pk, target=locked.target_id)
    ledger.record(arrived, operation=f"transfer:{locked.pk}:receive:{version}", reason=locked.note, actor=by)
    if rest_is_missing:
        lost = _missing(lines, way.pk, reason)
        ledger.record(lost, operation=f"transfer:{locked.pk}:missing:{version}", reason=reason, actor=by)
    point("transfer.booked")
    for line in lines:
        line.save(update_fields=["received", "missing", "reason"])
    locked.version += 1
    if not any(line.on_the_way for line in lines):
        locked.closed_at, locked.closed_by = timezone.now(), by
    locked.save(update_fields=["version", "closed_at", "closed_by"])
    return locked


def _arrived(lines: list[TransferLine], units: Mapping[int, int], *, source: int, target: int) -> list[Change]:
    changes = []
    for line in lines:
        quantity = units.get(line.pk, 0)
        if not 0 <= quantity <= line.on_the_way:
            raise TooMany(line)
        if quantity:
            line.received += quantity
            changes.append(Change(line.product_id, source, Kind.TRANSFER, delta=-quantity))
            changes.append(Change(line.product_id, target, Kind.TRANSFER, delta=quantity))
    return changes


def _missing(lines: list[TransferLine], way: int, reason: str) -> list[Change]:
    changes = []
    for line in lines:
        rest = line.on_the_way
        if rest:
            line.missing, line.reason = line.missing + rest, reason
            changes.append(Change(line.product_id, way, Kind.ADJUST, delta=-rest))
    return changes
