"""Asking for pushes: what should be shown is written down with its time, and one work row per unit is bumped.

Part of the caller's transaction: a change of stock and the wish to push it exist together or not at all.
Locks: work rows first, then targets, as a push that completes does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from catalog.kits import kits_with
from catalog.models import Variation
from inventory.models import StockTarget
from inventory.pushes.blast import guard_against_mass_zero
from inventory.targets.derivation import Derived, Subject
from inventory.targets.intents import linked
from inventory.targets.patterns import Pattern
from inventory.targets.unit_rows import Lamps, Units, units_of_products
from sellers.models import SellerAccount
from sellers.queue import work, work_sql

NORMAL = 50
URGENT = 40  # a quantity that falls goes before one that rises: it is the one that oversells
SOLD = work_sql.SOLD  # that fell by a sale goes first, also while staff is asked about what else has changed
State = StockTarget.State

# What the pushes of units write, and whether any of it falls; of units and the numbers of their patterns.
KEYS = """
select l.account_id, case when shares.is_so[unit.at + 1] then coalesce(nullif(v.user_product_id, ''), l.user_product_id)
                          else l.item_id end as key, bool_or(shares.falls[unit.at + 1])
  from unnest(%s::bigint[], %s::int[]) as unit (id, at) join catalog_variation v on v.id = unit.id
  join catalog_listing l on l.id = v.listing_id
 cross join (select %s::boolean[] as is_so, %s::boolean[] as falls) as shares
 group by 1, 2
"""
MAKE_TARGETS = """
insert into inventory_stocktarget (variation_id, state, explanation, settle_rounds, ignored_times)
select id, 'waiting', '', 0, 0 from unnest(%s::bigint[]) as made (id) on conflict do nothing
"""
LOCK_TARGETS = "select from inventory_stocktarget where variation_id = any(%s) order by id for update"
WANT_TARGETS = """
update inventory_stocktarget as kept
   set wanted = now_is.wanted, wanted_at = clock_timestamp(), settle_rounds = 0, ignored_times = 0,
       state = case when now_is.written then 'waiting' else kept.state end,
       explanation = case when now_is.written then '' else kept.explanation end
  from unnest(%s::bigint[], %s::int[], %s::boolean[]) as now_is (variation_id, wanted, written)
 where kept.variation_id = now_is.variation_id and kept.wanted is distinct from now_is.wanted
"""


def want_products(product_ids: Iterable[int], *, guard: bool = True) -> None:
    """Ask for the pushes of every listing that is linked to one of these products, or to a kit that contains one.

    Without `guard` for what orders took.
    """
    product_ids = set(product_ids)
    _want(units_of_products(product_ids | kits_with(product_ids)), guard=guard, urgent=URGENT if guard else SOLD)


def want_variations(variation_ids: Iterable[int]) -> None:
    """Ask for the pushes of these sellable units; one that is no longer linked loses what was wanted of it."""
    variation_ids = set(variation_ids)
    _want(units_of_products(_products_of(linked().filter(pk__in=variation_ids))), variation_ids)
    unlinked = StockTarget.objects.filter(variation_id__in=variation_ids, variation__mapping=None)
    unlinked.update(wanted=None, wanted_at=None, state=State.UNLINKED, explanation="")


def want_account(account: SellerAccount, *, guard: bool = True) -> int:
    """Ask for the pushes of everything a seller has for sale. Returns how many units of stock were asked for.

    Without `guard` for a change that staff has just seen and confirmed.
    """
    rows = linked().filter(listing__account=account, listing__missing_since=None)
    units = units_of_products(_products_of(rows))
    its_own = {one.pk for one in units.subjects if one.account_id == account.pk and not one.facts.is_gone}
    return _want(units, its_own, guard=guard)


@transaction.atomic
def want_patterns(changing: Sequence[Pattern]) -> None:
    """Ask for the pushes of units that should show something else, as staff has just seen and confirmed."""
    ids = [pk for one in changing for pk in one.variation_ids]
    number = [at for at, one in enumerate(changing) for _ in one.variation_ids]
    shares, falls = [one.shares_stock for one in changing], [one.falls for one in changing]
    with connection.cursor() as cursor:
        cursor.execute(KEYS, [ids, number, shares, falls])
        rows = cursor.fetchall()
    work.bump_each((account_id, "stock", key, URGENT if falls else NORMAL) for account_id, key, falls in rows)
    found = [one.derived for one in changing for _ in one.variation_ids]
    without = [pk for one in changing if one.lamps.target_id is None for pk in one.variation_ids]
    _remember(dict(zip(ids, found, strict=True)), without)


def _products_of(variations: QuerySet[Variation]) -> set[int]:
    return set(variations.values_list("mapping__product_id", flat=True))


@transaction.atomic
def _want(units: Units, asked: Collection[int] | None = None, *, guard: bool = True, urgent: int = URGENT) -> int:
    """Ask for the pushes of units, all or those asked for (by pk), and of those that should show something else now."""
    wishes = [
        Wish(one, units.derived[one.pk], units.lamps[one.pk])
        for one in units.subjects
        if asked is None or one.pk in asked or units.derived[one.pk].quantity != units.lamps[one.pk].wanted
    ]
    if guard:
        guard_against_mass_zero(wishes)
    urgency: dict[tuple[int, str], int] = {}
    for wish in wishes:
        row = (wish.subject.account_id, wish.found.key)
        urgency[row] = min(urgency.get(row, NORMAL), urgent if wish.falls else NORMAL)
    work.bump_each((account_id, "stock", key, priority) for (account_id, key), priority in urgency.items())
    without = [wish.subject.pk for wish in wishes if wish.lamps.target_id is None]
    _remember({wish.subject.pk: wish.found for wish in wishes}, without)
    return len(urgency)


class Wish(NamedTuple):
    """A unit, what follows for it, and what is known of it so far."""

    subject: Subject
    found: Derived
    lamps: Lamps

    @property
    def falls(self) -> bool:
        return self.lamps.falls_to(self.found.quantity)


def _remember(found: Mapping[int, Derived], without: list[int]) -> None:
    """Light the first lamp: what is wanted of units, since when. `without` have no lamps yet."""
    ids = list(found)
    with connection.cursor() as cursor:
        cursor.execute(MAKE_TARGETS, [without])
        cursor.execute(LOCK_TARGETS, [ids])
        wanted = [one.quantity for one in found.values()]
        written = [one.quantity is not None and one.choice.dialect.is_written for one in found.values()]
        cursor.execute(WANT_TARGETS, [ids, wanted, written])
