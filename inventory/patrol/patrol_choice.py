"""Which listings and places a patrol's round reads, by queries over what is known of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from inventory.patrol.plan import PLACES, PLACES_OLDEST, Plan
from sellers.models import SellerAccount

JUST_SEEN = timedelta(seconds=30)
VANISHED = 20  # of one round
STILL_LOOKED_FOR = timedelta(days=2)  # a listing that vanished may come back, while ML moves it to user products

# Units a day, more where few are left: what may be sold out before anybody has looked.
WEIGHT = """
coalesce(speed.per_day, 0)
 * case when l.available_quantity <= 3 then 3 when l.available_quantity <= 10 then 2 else 1 end
"""
# Of everything that is for sale and was not seen a moment ago; and a few of those that vanished, by chance, so that
# many of them take nothing from the others.
CHOSEN = f"""
with present as materialized (
  select l.id, l.item_id, l.seen_at, {WEIGHT} as weight
    from catalog_listing l left join catalog_salesspeed speed on speed.listing_id = l.id
   where l.account_id = %(account)s and l.status <> 'closed' and l.seen_at < %(seen_before)s
     and l.missing_since is null),
top as (select id from present where weight > 0 order by weight desc, id limit %(top)s),
riskiest as (
  select id from present where id not in (select id from top)
   order by extract(epoch from %(now)s - seen_at) * (1 + weight) desc, id limit %(riskiest)s),
oldest as (
  select id from present where id not in (select id from top) and id not in (select id from riskiest)
   order by seen_at, id limit %(oldest)s),
vanished as (
  select item_id from catalog_listing
   where account_id = %(account)s and status <> 'closed' and missing_since between %(missing_after)s and %(seen_before)s
   order by random() limit %(vanished)s)
select item_id, part
  from present join (select id, 0 as part from top union all select id, 1 from riskiest
                     union all select id, 2 from oldest) as chosen using (id)
union all select item_id, 3 from vanished
 order by part
"""  # noqa: S608  no outside words in it
COUNT = """
select count(*) from catalog_listing where account_id = %s and status <> 'closed' and missing_since is null
"""
# The user product whose places are read for a unit, as `stock_targets.unit_key` has it.
USER_PRODUCT = (
    "coalesce(nullif(v.user_product_id, ''), case when v.variation_id = 0 then l.user_product_id else '' end)"
)
# User products of linked units, by when their places were read last. Those whose look waits, or failed a moment ago,
# are not asked for again, and those that wait take the room of others: so nothing piles up before a slow lane.
PLACES_CHOSEN = f"""
with asked as materialized (
  select key, state <> 'dead' and due_at <= now() + interval '1 min' as takes_room from sellers_work
   where account_id = %(account)s and kind = 'user_product_stock'
     and (state in ('ready', 'leased') or (state = 'dead' and last_error_at > now() - interval '15 min'))),
room as (select greatest(%(places)s - count(*) filter (where takes_room), 0) as many from asked),
present as materialized (
  select {USER_PRODUCT} as key, min(t.places_at) as read_at, max({WEIGHT}) as weight
    from catalog_listing l join catalog_variation v on v.listing_id = l.id
    join catalog_skumapping m on m.variation_id = v.id
    left join inventory_stocktarget t on t.variation_id = v.id
    left join catalog_salesspeed speed on speed.listing_id = l.id
   where l.account_id = %(account)s and l.status <> 'closed' and l.missing_since is null and v.gone_at is null
     and not v.ignored and {USER_PRODUCT} <> '' and {USER_PRODUCT} not in (select key from asked)
   group by 1),
oldest as (
  select key from present order by read_at nulls first, key limit (select least(many, %(oldest)s) from room))
select key from oldest
union all
(select key from present where key not in (select key from oldest)
  order by extract(epoch from %(now)s - read_at) * (1 + weight) desc nulls last, key
  limit (select greatest(many - %(oldest)s, 0) from room))
"""  # noqa: S608  no outside words in it


def how_many(account: SellerAccount) -> int:
    """Listings that are or may be for sale."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [account.pk])
        (found,) = cursor.fetchone()
    return int(found)


def chosen(account: SellerAccount, plan: Plan, now: datetime) -> list[str]:
    """Item ids of one round: what sells most, what is most at risk, what nobody saw for longest. None seen just now."""
    given = {
        "account": account.pk,
        "now": now,
        "seen_before": now - JUST_SEEN,
        "missing_after": now - STILL_LOOKED_FOR,
        "vanished": VANISHED,
        **plan._asdict(),
    }
    return _column(CHOSEN, given)


def places(account: SellerAccount, now: datetime) -> list[str]:
    """User products of a seller with warehouses whose places are read in one round; none for any other seller."""
    if not account.manages_warehouses:
        return []
    given = {"account": account.pk, "now": now, "places": PLACES, "oldest": PLACES_OLDEST}
    return _column(PLACES_CHOSEN, given)


def _column(statement: str, given: dict[str, Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return [row[0] for row in cursor.fetchall()]
