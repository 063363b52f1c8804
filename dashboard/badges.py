"""Counts beside the menu, read in one query and kept for half a minute."""

from __future__ import annotations

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest

SECONDS = 30
KEY = "badges"
COUNTS = """
select (select count(*) from (select 1 from catalog_variation v join catalog_listing l on l.id = v.listing_id
           left join catalog_skumapping m on m.variation_id = v.id
          where m.id is null and not v.ignored and v.gone_at is null and l.missing_since is null
            and l.status <> 'closed' limit 1000) unlinked),
       (select count(*) from sellers_work where state = 'dead' and kind in ('stock', 'price')),
       (select count(*) from sellers_selleraccount where status = 'needs_reconnect'),
       (select count(*) from orders_order where stock_state in ('unlinked', 'unknown'))
"""


def counts(request: HttpRequest | None = None) -> dict[str, int]:
    """By URL name, as `settings.UI_BADGES` wants it."""
    found: dict[str, int] | None = cache.get(KEY)
    if found is None:
        found = count()
        cache.set(KEY, found, SECONDS)
    return found


def count() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        unlinked, failed, reconnect, orders = cursor.fetchone()
    return {
        "catalog:mapping": unlinked,
        "dashboard:pushes": failed,
        "dashboard:sellers": reconnect,
        "orders:list": orders,
    }
