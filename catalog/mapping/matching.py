"""Links that need nobody: a seller SKU that is exactly one product's, on exactly one unit of the seller."""

from collections.abc import Iterable

from django.db import connection, transaction

from catalog.mapping import sku_mapping
from catalog.models import SkuMapping
from catalog.sheets.sheets import chunks

BATCH = 500
# Listings of one user product are one thing by ML's own word, so they count as one unit. Those of a Global Selling item
# on its marketplaces are that item.
UNIQUE_MATCHES = """
with candidate as materialized (
  select unit.id, unit.seller_sku, listing.account_id, product.id as product_id
    from catalog_variation unit
    join catalog_listing listing on listing.id = unit.listing_id
    join catalog_product product on product.sku = unit.seller_sku
    left join catalog_skumapping mapping on mapping.variation_id = unit.id
    left join catalog_productprice price on price.product_id = product.id and price.currency_id = listing.currency_id
   where mapping.id is null and not unit.ignored and unit.gone_at is null and unit.seller_sku <> ''
     and listing.missing_since is null and listing.status <> 'closed' and listing.parent_item_id is null
     and (listing.own_price < price.floor) is not true
     and (%(account)s::bigint is null or listing.account_id = %(account)s)
     and (%(units)s::bigint[] is null or unit.id = any(%(units)s))
     and (%(products)s::bigint[] is null or product.id = any(%(products)s))),
unique_sku as (
  select listing.account_id, unit.seller_sku
    from catalog_variation unit
    join catalog_listing listing on listing.id = unit.listing_id
   where upper(unit.seller_sku) in (select upper(seller_sku) from candidate)
     and unit.gone_at is null and listing.missing_since is null and listing.status <> 'closed'
     and listing.parent_item_id is null
   group by listing.account_id, unit.seller_sku
  having count(distinct coalesce(nullif(unit.user_product_id, ''), unit.id::text)) = 1)
select candidate.id, candidate.product_id
  from candidate join unique_sku using (account_id, seller_sku) order by candidate.id
"""


def link_exact(
    *,
    account_id: int | None = None,
    variation_ids: Iterable[int] | None = None,
    product_ids: Iterable[int] | None = None,
) -> int:
    """Link every unlinked unit whose seller SKU is unique on both sides, within what is named. Returns how many.

    A unit that was ever unlinked by staff stays unlinked. One whose own price is below the product's floor stays a
    suggestion too.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            UNIQUE_MATCHES,
            {
                "account": account_id,
                "units": None if variation_ids is None else list(variation_ids),
                "products": None if product_ids is None else list(product_ids),
            },
        )
        found: list[tuple[int, int]] = cursor.fetchall()
    return sum(_link(some) for some in chunks(found, BATCH))


def _link(matches: list[tuple[int, int]]) -> int:
    events = sku_mapping.links_history()
    by_hand = set(
        events.filter(variation__in=[pk for pk, _product in matches], pgh_label="delete").values_list(
            "variation_id", flat=True
        )
    )
    links = [
        sku_mapping.Link(pk, product_id, 1, SkuMapping.Source.EXACT_SKU)
        for pk, product_id in matches
        if pk not in by_hand
    ]
    with transaction.atomic():
        return sku_mapping.link_many(links, by=None) if links else 0
