"""Adding up the whole ledger again: proof that levels are what their movements make them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Mismatch:
    """A level whose movements do not add up. `problem` is "sum", "chain" or "after"."""

    sku: str
    warehouse: str
    problem: str
    count: int


VERIFY = """
with walked as (
  select m.level_id, m.seq, m.on_hand_delta, m.reserved_delta, m.on_hand_after, m.reserved_after,
         row_number() over w as expected_seq,
         sum(m.on_hand_delta) over w as on_hand_sum, sum(m.reserved_delta) over w as reserved_sum
    from inventory_stockmovement m window w as (partition by m.level_id order by m.seq)),
added as (
  select l.id, l.product_id, l.warehouse_id,
         (coalesce(sum(k.on_hand_delta), 0) <> l.on_hand or coalesce(sum(k.reserved_delta), 0) <> l.reserved
          or count(k.seq) <> l.seq)::int as sums,
         count(*) filter (where k.seq <> k.expected_seq) as chain,
         count(*) filter (where k.on_hand_after <> k.on_hand_sum or k.reserved_after <> k.reserved_sum) as after
    from inventory_stocklevel l left join walked k on k.level_id = l.id group by l.id)
select p.sku, h.code, problem, n
  from added a join catalog_product p on p.id = a.product_id join inventory_warehouse h on h.id = a.warehouse_id
  cross join lateral (values ('sum', a.sums::bigint), ('chain', a.chain), ('after', a.after)) as found(problem, n)
 where n > 0 order by p.sku, h.code, problem
"""


def verify() -> list[Mismatch]:
    """Levels whose movements do not add up to them, have gaps in their numbers or carry wrong after-values: none."""
    with connection.cursor() as cursor:
        cursor.execute(VERIFY)
        return [Mismatch(*row) for row in cursor.fetchall()]
