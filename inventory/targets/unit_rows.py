"""Rules and sellable units as the derivation needs them: plain rows, quick for a seller's whole catalog."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from catalog.lifecycle import MIGRATION_TAGS
from inventory.queries import available_of, places_of
from inventory.rules.stock_rules import ProductSays, RuleBook, SellerSays, can_sell
from inventory.targets.derivation import Available, Derived, Subject, derive_all
from inventory.targets.stock_targets import Facts, accepts_zero, most_units
from mercadolibre.resources.marketplaces import GLOBAL_SITE, is_global
from sellers.models import SellerAccount

RULES = """
select 'seller' as scope, a.id, '' as key, a.buffer, r.last_units, null::bigint as preferred
  from sellers_selleraccount a left join inventory_sellerrule r on r.account_id = a.id where a.id = any(%(accounts)s)
union all
select 'product', product_id, '', buffer, last_units, preferred_id
  from inventory_productrule where product_id = any(%(products)s)
union all
select 'listing', l.account_id, named.key, max(r.buffer), null, null
  from inventory_listingrule r join catalog_listing l on l.id = r.listing_id
  left join catalog_variation v on v.listing_id = l.id
  cross join lateral (values (l.item_id), (l.user_product_id), (v.user_product_id)) as named (key)
 where l.account_id = any(%(accounts)s) and named.key <> '' group by l.account_id, named.key
"""
OF_PRODUCTS = """
select v.id, l.account_id, l.id, l.item_id, l.status, v.variation_id,
       coalesce(nullif(v.user_product_id, ''), case when v.variation_id = 0 then l.user_product_id else '' end),
       coalesce(nullif(v.inventory_id, ''), case when v.variation_id = 0 then l.inventory_id else '' end),
       l.logistic_type, case when l.logistic_type = 'fulfillment' or v.inventory_id <> '' or l.inventory_id <> ''
                             then l.raw #> '{shipping,tags}' end,
       l.raw -> 'bundle', l.missing_since is not null, m.product_id, m.units, l.condition, l.listing_type_id,
       l.sold_quantity, l.sub_status, l.category_id, l.tags && %s::varchar[], l.frozen_by <> '', v.available_quantity,
       t.id, t.wanted, t.accepted, t.accepted_at, t.observed, t.observed_at
  from catalog_skumapping m join catalog_variation v on v.id = m.variation_id
  join catalog_listing l on l.id = v.listing_id left join inventory_stocktarget t on t.variation_id = v.id
 where m.product_id = any(%s) and not v.ignored and v.gone_at is null
"""


def rules_of(account_ids: Iterable[int], product_ids: Iterable[int]) -> RuleBook:
    """All rules that matter to units of these sellers and products. One query."""
    book = RuleBook({}, {}, {})
    with connection.cursor() as cursor:
        cursor.execute(RULES, {"accounts": list(set(account_ids)), "products": list(set(product_ids))})
        for row in cursor.fetchall():
            _enter(book, *row)
    return book


def _enter(
    book: Any, scope: str, pk: int, key: str, buffer: int | None, last_units: int | None, preferred: int | None
) -> None:
    if scope == "seller":
        book.sellers[pk] = SellerSays(buffer or 0, last_units)
    elif scope == "product":
        book.products[pk] = ProductSays(buffer, last_units, preferred)
    else:
        book.listings[pk, key] = buffer


class Lamps(NamedTuple):
    """What is known of a unit's number so far."""

    shown: int  # on ML's listing, as last read
    target_id: int | None
    wanted: int | None
    accepted: int | None
    accepted_at: datetime | None
    observed: int | None
    observed_at: datetime | None

    @property
    def last_known(self) -> int:
        """What ML has, as far as we know: accepted after the last look, or seen."""
        if self.accepted is None:
            return self.shown
        seen = self.observed_at and self.accepted_at and self.observed_at > self.accepted_at
        return self.observed if seen and self.observed is not None else self.accepted

    def falls_to(self, quantity: int | None) -> bool:
        return quantity is not None and quantity < self.last_known


class SellerFacts(NamedTuple):
    site_id: str
    by_warehouse: bool
    several: bool
    live: bool


@dataclass(frozen=True)
class Units:
    """Every linked unit of some products, with what follows for each from levels and rules as they are now."""

    subjects: list[Subject]
    lamps: dict[int, Lamps]
    derived: dict[int, Derived]


def units_of_products(product_ids: Collection[int], *, available: Available | None = None) -> Units:
    """All linked units of these products. Five queries, however many they are; `available` where it is known."""
    facts = sellers_facts()
    with connection.cursor() as cursor:
        cursor.execute(OF_PRODUCTS, [list(MIGRATION_TAGS), list(product_ids)])
        rows = cursor.fetchall()
    subjects = [subject_of_row(row, *facts[row[1]]) for row in rows]
    sellers = {subject.account_id for subject in subjects}
    derived = derive_all(
        subjects,
        places=places_of(sellers),
        available=available_of(product_ids) if available is None else available,
        rules=rules_of(sellers, product_ids),
    )
    return Units(subjects, {row[0]: Lamps(*row[21:]) for row in rows}, derived)


def sellers_facts() -> dict[int, SellerFacts]:
    """What a unit's number depends on of its seller, by account id. One query."""
    return {
        one.pk: SellerFacts(one.site_id, one.manages_warehouses, one.several_warehouses, one.may_write)
        for one in SellerAccount.objects.all()
    }


def subject_of_row(row: Sequence[Any], site_id: str, by_warehouse: bool, several: bool, live: bool) -> Subject:
    """A unit from a row of OF_PRODUCTS and the facts of its seller."""
    pk, account_id, listing_id, item_id, status, variation_id, user_product_id, inventory_id, *rest = row
    logistic_type, tags, bundle, is_gone, product_id, units, condition, listing_type_id, sold, sub_status, *rest = rest
    category_id, is_migrated, is_frozen, *_ = rest
    facts = Facts(
        site_id=site_id,
        manages_warehouses=by_warehouse,
        several_warehouses=several,
        status=status,
        sub_status=sub_status,
        variation_id=variation_id,
        user_product_id=user_product_id,
        inventory_id=inventory_id,
        logistic_type=logistic_type,
        shipping_tags=tuple(json.loads(tags) or ()) if tags else (),
        is_kit=bool(bundle and json.loads(bundle)),
        is_gone=is_gone,
        is_migrated=is_migrated,
        is_of_marketplace=site_id == GLOBAL_SITE and not is_global(item_id),
        is_frozen=is_frozen,
    )
    return Subject(
        pk,
        account_id,
        listing_id,
        item_id,
        facts,
        product_id,
        units,
        zero_is_fine=accepts_zero(condition=condition, listing_type_id=listing_type_id),
        sold=sold,
        able=can_sell(status=status, sub_status=sub_status),
        live=live,
        most=most_units(condition=condition, category_id=category_id),
    )
