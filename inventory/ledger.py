"""The stock ledger: the only writer of levels, by adding movements. The database keeps the sums and refuses the rest.

Two ways in. What orders need is *level-triggered*: `set_demands` says what an owner wants to hold or has taken, and the
difference to what it holds is written; saying it again, late or in any order changes nothing. What staff does carries
an `operation` key that makes it happen once.

An oversold unit is recorded, never refused: on_hand and available may fall below zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from catalog.models import Product
from inventory.effects import NOTHING, Demand, Effect, effects_between
from inventory.ledger_changes import Change, InsufficientStock, Place, StaleLevel
from inventory.models import StockLevel, StockMovement, Warehouse
from inventory.pushes import wants
from inventory.verifying import Mismatch, verify
from sellers.points import point

__all__ = [
    "Change",
    "Demand",
    "InsufficientStock",
    "Mismatch",
    "StaleLevel",
    "adjust",
    "count",
    "count_many",
    "demands",
    "demands_of",
    "hold",
    "receive",
    "record",
    "set_demand",
    "set_demands",
    "transfer",
    "verify",
]

Kind = StockMovement.Kind
LARGEST = 10_000_000  # units in one movement

OF_OWNERS = """
select m.owner, l.product_id, l.warehouse_id, sum(m.reserved_delta), sum(m.on_hand_delta), max(m.effect_no)
  from inventory_stockmovement m join inventory_stocklevel l on l.id = m.level_id
 where m.owner <> '' and m.owner = any(%s) group by m.owner, l.product_id, l.warehouse_id
"""
# In the order given, as PostgreSQL goes through an array.
LOCK_OWNERS = "select pg_advisory_xact_lock(hashtextextended(owner, 0)) from unnest(%s::text[]) as named (owner)"
MAKE_LEVELS = """
insert into inventory_stocklevel (product_id, warehouse_id, on_hand, reserved, seq)
select *, 0, 0, 0 from unnest(%s::bigint[], %s::bigint[]) on conflict do nothing
"""


# --- what orders hold and took ---------------------------------------------------------------------------------------


def demands(owner: str) -> dict[Place, Demand]:
    """What an owner holds and took by now, by (product_id, warehouse_id); places where both are zero are left out."""
    return demands_of([owner]).get(owner, {})


def demands_of(owners: Iterable[str]) -> dict[str, dict[Place, Demand]]:
    """The same for several owners in one query."""
    return _demands_and_numbers(owners)[0]


def set_demand(*, owner: str, wanted: Mapping[Place, Demand], reason: str = "", now: datetime | None = None) -> bool:
    """Make what one owner ("order:2001:0") holds and took equal to `wanted`; True where something was written.

    A place that is not in `wanted` is wanted at zero. Repeating is harmless. `now` dates the movements.
    """
    return set_demands({owner: wanted}, reason=reason, now=now)


@transaction.atomic
def set_demands(
    wanted: Mapping[str, Mapping[Place, Demand]],
    *,
    reason: str = "",
    now: datetime | None = None,
    left_at: Mapping[str, datetime] | None = None,
) -> bool:
    """The same for several owners at once: all locks in one order, so that two orders never wait for each other.

    `left_at` says by owner when what it has taken left the house, which may be long before it is written.
    """
    _lock_owners(wanted)
    held, numbers = _demands_and_numbers(wanted)
    places = {place for by_place in (*wanted.values(), *held.values()) for place in by_place}
    levels = _lock_levels(places)
    movements: list[StockMovement] = []
    for owner in sorted(wanted):
        for place, effect in _differences(held.get(owner, {}), wanted[owner]):
            numbers[owner] = numbers.get(owner, 0) + 1
            movements.append(_movement(levels[place], effect, owner=owner, effect_no=numbers[owner], reason=reason))
            movements[-1].left_at = left_at.get(owner) if left_at and effect.kind == Kind.SHIP else None
    _write(movements, now=now, guard=False)
    return bool(movements)


def _differences(held: Mapping[Place, Demand], wanted: Mapping[Place, Demand]) -> Iterator[tuple[Place, Effect]]:
    for place in sorted({*held, *wanted}):
        for effect in effects_between(held.get(place, NOTHING), wanted.get(place, NOTHING)):
            yield place, effect


def _demands_and_numbers(owners: Iterable[str]) -> tuple[dict[str, dict[Place, Demand]], dict[str, int]]:
    """What owners hold and took, and the number of the last effect of each."""
    found: dict[str, dict[Place, Demand]] = {}
    numbers: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(OF_OWNERS, [list(owners)])
        for owner, product_id, warehouse_id, held, moved, number in cursor.fetchall():
            numbers[owner] = max(number, numbers.get(owner, 0))
            if held or moved:
                found.setdefault(owner, {})[product_id, warehouse_id] = Demand(reserved=held, shipped=-moved)
    return found, numbers


# --- what staff does -------------------------------------------------------------------------------------------------


def receive(
    *,
    product: Product,
    warehouse: Warehouse,
    quantity: int,
    operation: str,
    reason: str = "",
    actor: Any = None,
    seen_seq: int | None = None,
) -> bool:
    """Add units that came in. False where this `operation` was done before: nothing happens then.

    Raises StaleLevel where `seen_seq` is given and the level moved on; ValueError unless `quantity` is above zero.
    """
    _check(quantity, least=1)
    change = Change(product.pk, warehouse.pk, Kind.RECEIVE, delta=quantity, seen_seq=seen_seq)
    return record([change], operation=operation, reason=reason, actor=actor)


def adjust(
    *,
    product: Product,
    warehouse: Warehouse,
    delta: int,
    operation: str,
    reason: str,
    actor: Any = None,
    seen_seq: int | None = None,
) -> bool:
    """Add or take units (breakage, a find). Returns and raises as `receive`; ValueError for a `delta` of zero."""
    _check(abs(delta), least=1)
    change = Change(product.pk, warehouse.pk, Kind.ADJUST, delta=delta, seen_seq=seen_seq)
    return record([change], operation=operation, reason=reason, actor=actor)


def count(
    *,
    product: Product,
    warehouse: Warehouse,
    counted: int,
    operation: str,
    reason: str = "",
    actor: Any = None,
    seen_seq: int | None = None,
) -> bool:
    """Set on hand to what was counted on the shelf; the movement is written even where nothing differs."""
    _check(counted, least=0)
    change = Change(product.pk, warehouse.pk, Kind.COUNT, counted=counted, seen_seq=seen_seq)
    return record([change], operation=operation, reason=reason, actor=actor)


def count_many(*, counts: Mapping[Place, int], operation: str, reason: str = "", actor: Any = None) -> bool:
    """Count many products at once, as one change: all or nothing, and one look at how many listings it would empty."""
    for counted in counts.values():
        _check(counted, least=0)
    changes = [Change(*place, Kind.COUNT, counted=counted) for place, counted in counts.items()]
    return record(changes, operation=operation, reason=reason, actor=actor)


def transfer(
    *,
    product: Product,
    source: Warehouse,
    target: Warehouse,
    quantity: int,
    operation: str,
    reason: str = "",
    actor: Any = None,
    seen_seq: int | None = None,
) -> bool:
    """Move units between two warehouses; `seen_seq` is the source's. Returns and raises as `receive`.

    Raises InsufficientStock if the source has fewer units available, ValueError for the same warehouse twice.
    """
    _check(quantity, least=1)
    if source.pk == target.pk:
        raise ValueError("source and target are the same warehouse")
    leaving = Change(product.pk, source.pk, Kind.TRANSFER, delta=-quantity, seen_seq=seen_seq, needs_available=True)
    arriving = Change(product.pk, target.pk, Kind.TRANSFER, delta=quantity)
    return record([leaving, arriving], operation=operation, reason=reason, actor=actor)


def _check(quantity: int, *, least: int) -> None:
    if not least <= quantity <= LARGEST:
        raise ValueError(f"a quantity is a whole number from {least} to {LARGEST}")


@transaction.atomic
def record(
    changes: Sequence[Change], *, operation: str, reason: str = "", actor: Any = None, at: datetime | None = None
) -> bool:
    """Write several lines as one operation, all or nothing; each place once. `at` dates them. Raises as the above."""
    levels = _lock_levels({change.place for change in changes})
    if StockMovement.objects.filter(operation=operation).exists():
        return False
    movements = [
        _movement(levels[change.place], change.effect_on(levels[change.place]), operation=operation, reason=reason)
        for change in changes
    ]
    for movement in movements:
        movement.actor = actor
    _write(movements, now=at)
    return True


# --- the one place that writes ---------------------------------------------------------------------------------------


def _lock_owners(owners: Iterable[str]) -> None:
    """Two workers with the same owner go one after the other, also where the owner holds nothing yet."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_OWNERS, [sorted(owners)])


def hold(places: Iterable[Place]) -> None:
    """Let nobody else write to these levels until the caller's transaction ends."""
    _lock_levels(places)


def _lock_levels(places: Iterable[Place]) -> dict[Place, StockLevel]:
    """The levels of these places, made where they are not there yet, locked by product, then pk."""
    places = sorted(places)
    with connection.cursor() as cursor:
        cursor.execute(MAKE_LEVELS, [[place[0] for place in places], [place[1] for place in places]])
    rows = StockLevel.objects.filter(
        product_id__in={product_id for product_id, _ in places},
        warehouse_id__in={warehouse_id for _, warehouse_id in places},
    )
    locked = rows.order_by("product_id", "pk").select_for_update(of=("self",))
    return {(level.product_id, level.warehouse_id): level for level in locked}


def _movement(level: StockLevel, effect: Effect, **fields: Any) -> StockMovement:
    return StockMovement(
        level=level, kind=effect.kind, on_hand_delta=effect.on_hand, reserved_delta=effect.reserved, **fields
    )


def _write(movements: Sequence[StockMovement], *, now: datetime | None = None, guard: bool = True) -> None:
    """Add movements and ask for the pushes of every product whose availability changes, in the same transaction.

    Without `guard` for what orders took: many last units sold at once are no mistake.
    """
    if now is not None:
        for movement in movements:
            movement.created_at = now
    StockMovement.objects.bulk_create(movements)
    point("ledger.moved")
    changed = {movement.level.product_id for movement in movements if movement.on_hand_delta != movement.reserved_delta}
    if changed:
        wants.want_products(changed, guard=guard)
    point("ledger.wanted")
