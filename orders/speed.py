"""How fast each listing sells, from what was bought lately. The only writer of `SalesSpeed`."""

from __future__ import annotations

from django.db import connection, transaction

DAYS = 14
SOLD = """
with sold as materialized (
  select unit.listing_id, sum(line.quantity)::float / %(days)s as per_day
    from orders_order bought join orders_orderline line on line.order_id = bought.order_id
    join catalog_variation unit on unit.id = line.listing_variation_id
   where bought.date_created > now() - make_interval(days => %(days)s)
     and bought.status not in ('cancelled', 'invalid')
   group by unit.listing_id),
ended as (delete from catalog_salesspeed where listing_id not in (select listing_id from sold))
insert into catalog_salesspeed (listing_id, per_day) select listing_id, per_day from sold
on conflict (listing_id) do update set per_day = excluded.per_day where catalog_salesspeed.per_day <> excluded.per_day
"""


@transaction.atomic
def refresh() -> None:
    """Compute every listing's sales a day again, over the last fourteen days. Cancelled sales are none."""
    with connection.cursor() as cursor:
        cursor.execute(SOLD, {"days": DAYS})
