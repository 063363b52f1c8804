"""Units that took the place of others: relisted, made of variations that ML moved to listings of their own, or of an
item that lost its variations.

The old link stays, for the orders that name the old unit; the new unit is linked like it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db import connection

from catalog.models import SkuMapping, Variation


class Sign(StrEnum):
    """What says that a unit took the place of another; the first is trusted most."""

    RELISTED = "relisted"
    USER_PRODUCT = "user_product"
    SKU = "sku"
    ONLY_ONE = "only_one"


# Unlinked units that can be sold, and linked ones that are gone or of listings that ended, of the same seller; of
# several that mean the same, one of a listing whose change waits for an answer. An item without variations sells what
# its variations were, where those were all the same.
PROPOSED = """
with ended as materialized (
  select old.id, old.user_product_id, old.seller_sku, old.attributes_text, old.listing_id, listing.account_id,
         link.product_id, link.units
    from catalog_skumapping link
    join catalog_variation old on old.id = link.variation_id
    join catalog_listing listing on listing.id = old.listing_id
   where (listing.status = 'closed' or listing.missing_since is not null or old.gone_at is not null)
     and (%(account)s::bigint is null or listing.account_id = %(account)s)),
waiting as materialized (
  select new.id, new.user_product_id, new.seller_sku, new.attributes_text, new.listing_id, new.variation_id,
         listing.item_id, listing.account_id
    from catalog_variation new
    join catalog_listing listing on listing.id = new.listing_id
    left join catalog_skumapping link on link.variation_id = new.id
   where link.id is null and not new.ignored and new.gone_at is null
     and listing.missing_since is null and listing.status <> 'closed' and listing.parent_item_id is null
     and (%(account)s::bigint is null or listing.account_id = %(account)s) and exists (select from ended)),
changed as materialized (
  select listing_id, kind, after ->> 'item_id' as item_id from catalog_shapechange where state = 'open'),
found as (
  select waiting.id as new_id, 0 as rank, 'relisted' as sign, ended.id as old_id, ended.product_id, ended.units
    from changed join ended on ended.listing_id = changed.listing_id join waiting on waiting.item_id = changed.item_id
   where changed.kind = 'relisted' and ended.attributes_text = waiting.attributes_text
  union all
  select waiting.id, 1, 'user_product', ended.id, ended.product_id, ended.units
    from waiting join ended using (account_id, user_product_id) where waiting.user_product_id <> ''
  union all
  select waiting.id, 2, 'sku', ended.id, ended.product_id, ended.units
    from waiting join ended using (account_id, seller_sku) where waiting.seller_sku <> ''
  union all
  select waiting.id, 3, 'only_one', ended.id, ended.product_id, ended.units
    from changed join ended on ended.listing_id = changed.listing_id
    join waiting on waiting.listing_id = changed.listing_id
   where changed.kind = 'flattened' and waiting.variation_id = 0
     and not exists (
       select from catalog_variation other left join catalog_skumapping link on link.variation_id = other.id
        where other.listing_id = changed.listing_id and other.gone_at is not null and link.id is null)),
strongest as (
  select distinct on (found.new_id) found.new_id, found.sign,
         count(distinct (found.product_id, found.units)) as meanings,
         (array_agg(found.old_id order by ended.listing_id in (select listing_id from changed) desc, found.old_id desc)
         )[1] as old_id
    from found join ended on ended.id = found.old_id
   group by found.new_id, found.rank, found.sign order by found.new_id, found.rank)
select new_id, old_id, sign from strongest where meanings = 1 order by new_id
"""


@dataclass(frozen=True)
class Move:
    """A link that is to follow its unit."""

    old: Variation
    new: Variation
    sign: Sign

    @property
    def link(self) -> SkuMapping:
        found: SkuMapping = self.old.mapping
        return found


def proposals(account_id: int | None = None) -> list[Move]:
    """What may be moved; nothing where old units disagree on the product. Two queries."""
    found = pairs(account_id)
    ids = {pk for new, old, _sign in found for pk in (new, old)}
    units = Variation.objects.filter(pk__in=ids).select_related("listing__account", "mapping__product")
    by_pk = units.defer("listing__raw").in_bulk()
    moves = [Move(by_pk[old], by_pk[new], Sign(sign)) for new, old, sign in found]
    return sorted(moves, key=lambda move: (-move.old.sold_quantity, move.new.pk))


def pairs(account_id: int | None = None) -> list[tuple[int, int, str]]:
    """The same as (new unit, old unit, sign), of one seller where one is named. One query."""
    with connection.cursor() as cursor:
        cursor.execute(PROPOSED, {"account": account_id})
        rows: list[tuple[int, int, str]] = cursor.fetchall()
    return rows
