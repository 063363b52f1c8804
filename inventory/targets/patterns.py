"""What follows for a seller's whole catalog: sellable units that are alike are derived once, together.

Most of twenty thousand listings are alike in all that the derivation looks at: status, shipping, units per sale, rules,
what is available and what was wanted before. The database sorts them into patterns, and one unit stands for each. What
depends on other listings too (last units), on other products (kits) or on a listing's own rule is derived unit by unit,
as everywhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from django.db import connection

from catalog.lifecycle import MIGRATION_TAGS
from catalog.models import SkuMapping
from inventory.queries import places_of
from inventory.rules.stock_rules import ProductSays, RuleBook
from inventory.targets.derivation import Derived, derive, last_units_rule
from inventory.targets.unit_rows import Lamps, rules_of, sellers_facts, subject_of_row, units_of_products
from mercadolibre.checks.used_goods import ONE_OF_EACH

# The columns of `unit_rows.OF_PRODUCTS`. Of ids and times only what the derivation looks at is kept: whether there is
# one, which of two is later. {products} selects the ids of the products that are reached.
ALIKE = """
with reached as ({products}),
level as (
  select product_id, array_agg(warehouse_id order by warehouse_id) as places,
         array_agg(on_hand - reserved order by warehouse_id) as units
    from inventory_stocklevel group by product_id),
ruled as materialized (
  select l.account_id, named.key
    from inventory_listingrule r join catalog_listing l on l.id = r.listing_id
    left join catalog_variation v on v.listing_id = l.id
   cross join lateral (values (l.item_id), (l.user_product_id), (v.user_product_id)) as named (key)
   where named.key <> '')
select 0, l.account_id, 0, left(l.item_id, 3), l.status, (v.variation_id > 0)::int,
       case when v.user_product_id <> '' or (v.variation_id = 0 and l.user_product_id <> '') then 'U' else '' end,
       case when v.inventory_id <> '' or (v.variation_id = 0 and l.inventory_id <> '') then 'I' else '' end,
       l.logistic_type, case when l.logistic_type = 'fulfillment' or v.inventory_id <> '' or l.inventory_id <> ''
                             then l.raw #> '{{shipping,tags}}' end,
       l.raw -> 'bundle', l.missing_since is not null, 0, m.units, l.condition, l.listing_type_id,
       0, l.sub_status, case when l.category_id = any(%(one_of_each)s) then l.category_id else '' end,
       l.tags && %(migration_tags)s::varchar[], l.frozen_by <> '', v.available_quantity,
       case when t.id is not null then 0 end, t.wanted, t.accepted,
       case when t.accepted_at is not null then to_timestamp(0) end, t.observed,
       case when t.observed_at is not null then to_timestamp((t.observed_at > t.accepted_at)::int) end,
       says.buffer, says.last_units, level.places, level.units,
       m.product_id in (select kit_id from catalog_kitcomponent)
         or (l.account_id, l.item_id) in (select * from ruled)
         or (l.account_id, l.user_product_id) in (select * from ruled)
         or (l.account_id, v.user_product_id) in (select * from ruled),
       array_agg(v.id)
  from catalog_skumapping m join catalog_variation v on v.id = m.variation_id
  join catalog_listing l on l.id = v.listing_id left join inventory_stocktarget t on t.variation_id = v.id
  left join inventory_productrule says on says.product_id = m.product_id
  left join level on level.product_id = m.product_id
 where m.product_id in (select * from reached) and not v.ignored and v.gone_at is null
 group by {columns}
"""
# Whole tables are read: joined and sorted into patterns by hashing, in whatever state the planner's statistics are.
BY_HASHING = "; ".join(
    f"set local {name} to {value}"
    for name, value in (("work_mem", "'64MB'"), ("enable_nestloop", "off"), ("enable_sort", "off"), ("jit", "off"))
)
AS_EVER = "; ".join(f"set local {name} to default" for name in ("work_mem", "enable_nestloop", "enable_sort", "jit"))
LAMPS = slice(21, 28)
ALIKE_BY = 33  # columns
UNTIL = ", ".join(str(number) for number in range(1, ALIKE_BY + 1))


class Products(NamedTuple):
    """Which products a change reaches: a select of their ids, its parameters by name, and whether they are many."""

    sql: str
    parameters: dict[str, Any]
    many: bool = False


class Pattern(NamedTuple):
    """Units that are alike, by their ids, with what follows for each of them.

    `shares_stock`: their pushes write a user product, not the item.
    """

    account_id: int
    derived: Derived
    lamps: Lamps
    shares_stock: bool
    variation_ids: Sequence[int]

    @property
    def falls(self) -> bool:
        return self.lamps.falls_to(self.derived.quantity)


def patterns_of(products: Products) -> list[Pattern]:
    """Every linked unit of these products, in patterns; in a transaction. Twelve queries at most, however many."""
    if products.many:
        return _by_pattern(products)
    with connection.cursor() as cursor:
        cursor.execute(products.sql, products.parameters)
        return list(_one_by_one({product_id for (product_id,) in cursor.fetchall()}))


def _by_pattern(products: Products) -> list[Pattern]:
    sellers = sellers_facts()
    rows = _rows(products)
    accounts = {row[1] for row in rows}
    places, rules = places_of(accounts), rules_of(accounts, ())
    found: list[Pattern] = []
    apart: set[int] = set()
    for row in rows:
        buffer, last_units, warehouse_ids, units, is_apart, variation_ids = row[ALIKE_BY - 5 :]
        subject = subject_of_row(row, *sellers[row[1]])
        book = RuleBook(rules.sellers, {0: ProductSays(buffer, last_units)})
        there = dict(zip(warehouse_ids or (), units or (), strict=True))
        derived = derive(subject, places=places[subject.account_id], there=there, rules=book)
        if is_apart or last_units_rule(subject, derived, book):
            apart.update(variation_ids)
        else:
            shares = derived.key == subject.facts.user_product_id
            found.append(Pattern(subject.account_id, derived, Lamps(*row[LAMPS]), shares, variation_ids))
    if not apart:
        return found
    linked = SkuMapping.objects.filter(variation_id__in=apart).values_list("product_id", flat=True)
    return [*found, *(one for one in _one_by_one(set(linked)) if one.variation_ids[0] in apart)]


def _rows(products: Products) -> list[tuple[Any, ...]]:
    parameters = {"one_of_each": list(ONE_OF_EACH), "migration_tags": list(MIGRATION_TAGS)}
    with connection.cursor() as cursor:
        cursor.execute(BY_HASHING)
        cursor.execute(ALIKE.format(products=products.sql, columns=UNTIL), products.parameters | parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.execute(AS_EVER)
    return rows


def _one_by_one(product_ids: Collection[int]) -> Iterator[Pattern]:
    """Patterns of one unit each."""
    units = units_of_products(product_ids)
    for one in units.subjects:
        derived = units.derived[one.pk]
        yield Pattern(one.account_id, derived, units.lamps[one.pk], derived.key != one.item_id, [one.pk])
