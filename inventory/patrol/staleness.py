"""How long ago the listing was seen that nobody saw for longest: what the patrol achieves, by the looks themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from inventory.patrol.patrol_choice import USER_PRODUCT, WEIGHT
from inventory.patrol.plan import TOP

# `top`: the listings that sell most, as the patrol ranks them. Places are those of linked user products.
SEEN = f"""
with present as materialized (
  select l.account_id, l.id, l.seen_at, {WEIGHT} as weight
    from catalog_listing l left join catalog_salesspeed speed on speed.listing_id = l.id
   where l.status <> 'closed' and l.missing_since is null),
ranked as (
  select account_id, seen_at, row_number() over (partition by account_id order by weight desc, id) as rank
    from present where weight > 0),
top as (
  select account_id, min(seen_at) as seen_at, count(*) as many from ranked where rank <= {TOP} group by account_id),
places as (
  select l.account_id, min(coalesce(t.places_at, l.created_at)) as read_at
    from sellers_selleraccount a join catalog_listing l on l.account_id = a.id
    join catalog_variation v on v.listing_id = l.id join catalog_skumapping m on m.variation_id = v.id
    left join inventory_stocktarget t on t.variation_id = v.id
   where 'warehouse_management' = any(a.tags) and l.status <> 'closed' and l.missing_since is null
     and v.gone_at is null and not v.ignored and {USER_PRODUCT} <> ''
   group by l.account_id)
select present.account_id, count(*), min(present.seen_at), min(top.seen_at), coalesce(min(top.many), 0),
       min(places.read_at)
  from present left join top using (account_id) left join places using (account_id) group by present.account_id
"""  # noqa: S608  no outside words in it


@dataclass(frozen=True)
class OldestLook:
    """When it was: at any listing, at the `top_count` that sell most, and at a store's part of a user product."""

    listings: int = 0
    every: datetime | None = None
    top: datetime | None = None
    top_count: int = 0
    places: datetime | None = None


def by_seller() -> dict[int, OldestLook]:
    """Of every seller with listings, by account id. One query."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN)
        return {account_id: OldestLook(*row) for account_id, *row in cursor.fetchall()}
