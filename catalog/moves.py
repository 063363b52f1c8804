"""Listings that took the place of others: relisted, or made of the variations that ML moved to listings of their own.

The old link stays, for the orders that name the old listing; the new listing is linked like it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection

from catalog import sku_mapping
from catalog.models import SkuMapping, Variation

MOST = 200  # proposals of one page


class Sign(StrEnum):
    """What says that a listing took the place of another; the first is trusted most."""

    USER_PRODUCT = "user_product"
    SKU = "sku"


# Unlinked units that can be sold, and linked ones of listings that ended, of the same seller.
PROPOSED = """
with ended as materialized (
  select old.id, old.user_product_id, old.seller_sku, listing.account_id, link.product_id, link.units
    from catalog_skumapping link
    join catalog_variation old on old.id = link.variation_id
    join catalog_listing listing on listing.id = old.listing_id
   where listing.status = 'closed' or listing.missing_since is not null),
waiting as materialized (
  select new.id, new.user_product_id, new.seller_sku, listing.account_id
    from catalog_variation new
    join catalog_listing listing on listing.id = new.listing_id
    left join catalog_skumapping link on link.variation_id = new.id
   where link.id is null and not new.ignored and new.gone_at is null
     and listing.missing_since is null and listing.status <> 'closed' and listing.parent_item_id is null
     and exists (select from ended)),
found as (
  select waiting.id as new_id, 1 as rank, 'user_product' as sign, ended.id as old_id, ended.product_id, ended.units
    from waiting join ended using (account_id, user_product_id) where waiting.user_product_id <> ''
  union all
  select waiting.id, 2, 'sku', ended.id, ended.product_id, ended.units
    from waiting join ended using (account_id, seller_sku) where waiting.seller_sku <> ''),
strongest as (
  select distinct on (new_id) new_id, sign, max(old_id) as old_id, count(distinct (product_id, units)) as meanings
    from found group by new_id, rank, sign order by new_id, rank)
select new_id, old_id, sign from strongest where meanings = 1
"""


@dataclass(frozen=True)
class Move:
    """A link that is to follow its listing."""

    old: Variation
    new: Variation
    sign: Sign

    @property
    def link(self) -> SkuMapping:
        found: SkuMapping = self.old.mapping
        return found


def proposals(*, limit: int | None = MOST) -> list[Move]:
    """What may be moved; nothing where old listings disagree on the product. Two queries."""
    found = _found()[:limit]
    ids = {pk for new, old, _sign in found for pk in (new, old)}
    units = Variation.objects.filter(pk__in=ids).select_related("listing__account", "mapping__product")
    by_pk = units.defer("listing__raw").in_bulk()
    moves = [Move(by_pk[old], by_pk[new], Sign(sign)) for new, old, sign in found]
    return sorted(moves, key=lambda move: (-move.old.sold_quantity, move.new.pk))


def count() -> int:
    return len(_found())


def _found() -> list[tuple[int, int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(PROPOSED)
        rows: list[tuple[int, int, str]] = cursor.fetchall()
    return rows


def move(new_ids: Collection[int] | None, *, by: Any) -> int:
    """Link these new units like the old ones, or all that are proposed. Returns how many; repeating is harmless.

    Raises MappingRefused.
    """
    chosen: Iterable[Move] = (one for one in proposals(limit=None) if new_ids is None or one.new.pk in new_ids)
    links = [
        sku_mapping.Link(one.new.pk, one.link.product_id, one.link.units, SkuMapping.Source.ACCEPTED) for one in chosen
    ]
    return sku_mapping.link_many(links, by=by) if links else 0
