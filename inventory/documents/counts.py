"""Stock counts: one person counts; where something differs, another approves, and only then stock changes.

Approved is the difference, not the number, by the rules of `count_rules`: what was sold between counting and approving
stays sold, and what had left before is not taken off once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils import timezone

from catalog.models import Product
from inventory import ledger
from inventory.documents import count_rules
from inventory.documents.count_rules import Approval, Parcel
from inventory.ledger import Change
from inventory.models import CountLine, StockCount, StockLevel, StockMovement, Warehouse
from sellers.points import point
from ui.permissions import ADMINISTRATOR, MANAGER, has_role

Kind = StockMovement.Kind
State = StockCount.State


class DecidedAlready(Exception):
    """The count was approved or rejected before; `count` says by whom."""

    def __init__(self, count: StockCount) -> None:
        super().__init__(f"count {count.pk} is {count.state}")
        self.count = count


class CorrectedSince(Exception):
    """Products whose stock was counted or adjusted after they were counted here: this count is too old for them."""

    def __init__(self, products: Sequence[Product]) -> None:
        super().__init__(", ".join(product.sku for product in products))
        self.products = list(products)


class NeedsAnother(Exception):
    """The difference is large: somebody else has to approve it."""


class NeedsReason(Exception):
    """The difference is large: who approves their own count says why."""


@transaction.atomic
def enter(
    *, warehouse: Warehouse, counted: Mapping[Product, int], operation: UUID, by: Any, reason: str = ""
) -> tuple[StockCount, bool]:
    """Write down what was counted; the count, and whether it was not entered before. Stock stays as it is.

    A count that finds nothing different needs nobody's approval: it is kept as counted.
    """
    made, fresh = StockCount.objects.get_or_create(
        operation=operation, defaults={"warehouse": warehouse, "counted_by": by, "reason": reason}
    )
    if not fresh:
        return made, False
    lines = lines_of(warehouse, counted, made)
    CountLine.objects.bulk_create(lines)
    made.refresh_from_db(fields=["counted_at"])
    if not any(line.difference for line in lines):
        _hold(made, lines)
        _apply(made, lines, by=by)
    return made, True


def lines_of(warehouse: Warehouse, counted: Mapping[Product, int], count: StockCount | None = None) -> list[CountLine]:
    """The lines of a count, not saved, with what the ledger says now. One query."""
    levels = {level.product_id: level for level in StockLevel.objects.filter(warehouse=warehouse, product__in=counted)}
    return [_line(count, product, units, levels.get(product.pk)) for product, units in counted.items()]


def _line(count: StockCount | None, product: Product, counted: int, level: StockLevel | None) -> CountLine:
    on_hand, seq = (level.on_hand, level.seq) if level else (0, 0)
    return CountLine(count=count, product=product, on_hand=on_hand, seq=seq, counted=counted)


@transaction.atomic
def approve(*, count: StockCount, by: Any, because: str = "") -> StockCount:
    """Add the differences to stock. Raises DecidedAlready, NeedsAnother, NeedsReason, CorrectedSince; nothing changes
    then. `because` is why somebody approves a large difference that they counted themselves.
    """
    locked = _waiting(count)
    lines = list(locked.lines.select_related("product").order_by("product_id"))
    asked = approval_of(locked, lines, by=by)
    if asked is Approval.BY_ANOTHER:
        raise NeedsAnother
    if asked is Approval.WITH_REASON and not because:
        raise NeedsReason
    _hold(locked, lines)
    if corrected := corrected_since(locked):
        raise CorrectedSince(corrected)
    _apply(locked, lines, by=by, because=because if asked is Approval.WITH_REASON else "")
    return locked


@transaction.atomic
def reject(*, count: StockCount, by: Any) -> StockCount:
    """Leave stock as it is. Raises DecidedAlready."""
    locked = _waiting(count)
    _decide(locked, State.REJECTED, by)
    return locked


def approval_of(count: StockCount, lines: Sequence[CountLine], *, by: Any) -> Approval:
    """Whether `by`, who is a manager, may approve the count. At most one query."""
    return asked_of(lines, own=count.counted_by_id == by.pk, by=by)


def asked_of(lines: Sequence[CountLine], *, own: bool, by: Any) -> Approval:
    """The same for the lines of a count, saved or not, that `by` made (`own`) or somebody else did."""
    large = is_large(lines)
    return count_rules.approval(
        own=own,
        large=large,
        others=own and large and _others_may_approve(by),
        administrator=has_role(by, ADMINISTRATOR),
    )


def is_large(lines: Sequence[CountLine]) -> bool:
    """By the rule of `count_rules`; products of which the ledger has never heard there differ from nothing."""
    known = [line for line in lines if line.seq]
    return count_rules.is_large(
        differing=sum(abs(line.difference) for line in known), on_hand=sum(line.on_hand for line in known)
    )


def _others_may_approve(user: Any) -> bool:
    able = Q(is_superuser=True) | Q(groups__name__in=[MANAGER, ADMINISTRATOR])
    return get_user_model().objects.filter(able, is_active=True).exclude(pk=user.pk).exists()


def corrected_since(count: StockCount) -> list[Product]:
    """Products of the count that were counted or adjusted since. One query."""
    since = Product.objects.filter(
        levels__warehouse=count.warehouse_id,
        levels__movements__kind__in=(Kind.COUNT, Kind.ADJUST),
        levels__movements__seq__gt=F("count_lines__seq"),
        count_lines__count=count,
    )
    return list(since.distinct().order_by("sku"))


@dataclass(frozen=True)
class Since:
    """What the ledger wrote on hand of a counted product since: for orders, and for everything else, by kind."""

    parcels: Sequence[Parcel] = ()
    moved: Mapping[str, int] = field(default_factory=dict)


NOTHING = Since()


def written_since(count: StockCount) -> dict[int, Since]:
    """By product id, where there is something. One query."""
    movements = StockMovement.objects.filter(
        level__warehouse=count.warehouse_id,
        level__product__count_lines__count=count,
        seq__gt=F("level__product__count_lines__seq"),
    )
    rows = movements.order_by().values("level__product_id", "owner", "left_at", "kind")
    by_product: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows.annotate(units=Sum("on_hand_delta")).exclude(units=0):
        by_product.setdefault(row["level__product_id"], []).append(row)
    return {product_id: _since(of_product) for product_id, of_product in by_product.items()}


def _since(rows: Sequence[Mapping[str, Any]]) -> Since:
    parcels: dict[str, Parcel] = {}
    moved: dict[str, int] = {}
    for row in rows:
        if row["owner"]:
            parcels[row["owner"]] = _with(parcels.get(row["owner"]), row)
        else:
            moved[row["kind"]] = moved.get(row["kind"], 0) + row["units"]
    return Since([parcels[owner] for owner in sorted(parcels) if parcels[owner].units], moved)


def _with(parcel: Parcel | None, row: Mapping[str, Any]) -> Parcel:
    """A parcel with one more of its movements; what was taken back has no time of its own."""
    units, left_at = (parcel.units, parcel.left_at) if parcel else (0, None)
    return Parcel(row["owner"], units + row["units"], row["left_at"] or left_at)


def _waiting(count: StockCount) -> StockCount:
    locked = StockCount.objects.select_for_update(of=("self",)).select_related("decided_by").get(pk=count.pk)
    if locked.state != State.WAITING:
        raise DecidedAlready(locked)
    return locked


def _hold(count: StockCount, lines: Sequence[CountLine]) -> None:
    """What is looked at from here on is what there is when the count is applied."""
    ledger.hold([(line.product_id, count.warehouse_id) for line in lines])


def _apply(count: StockCount, lines: Sequence[CountLine], *, by: Any, because: str = "") -> None:
    """The movements bear the time of the counting: a parcel that left before it is not taken off once more."""
    since = written_since(count)
    changes = [
        Change(line.product_id, count.warehouse_id, Kind.COUNT, delta=adding(line, since.get(line.product_id, NOTHING)))
        for line in lines
    ]
    ledger.record(changes, operation=f"count:{count.pk}", reason=count.reason[:200], actor=by, at=count.counted_at)
    point("count.booked")
    count.decided_because = because
    _decide(count, State.APPROVED, by)


def adding(line: CountLine, since: Since) -> int:
    """What approving a line of a count adds to on hand. `line.count` is there already."""
    counted_at = line.count.counted_at
    return count_rules.still_to_add(difference=line.difference, parcels=since.parcels, counted_at=counted_at)


def _decide(count: StockCount, state: str, by: Any) -> None:
    count.state, count.decided_by, count.decided_at = state, by, timezone.now()
    count.save(update_fields=["state", "decided_by", "decided_at", "decided_because"])
