"""What is where: levels and sellers' warehouses, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import F, IntegerField, Prefetch, QuerySet, Sum
from django.db.models.expressions import RawSQL

from catalog.models import Product, SkuMapping
from inventory.models import StockLevel, StockMovement, Warehouse
from inventory.targets.allocation import Place
from inventory.targets.kits import available_kits
from sellers.models import SellerAccount

Available = dict[int, dict[int, int]]  # product id -> warehouse id -> units

# Asked with every push and every order, so as they are.
AVAILABLE = """
select null, 1, product_id, warehouse_id, on_hand - reserved from inventory_stocklevel where product_id = any(%s)
union all
select part.kit_id, part.quantity, part.component_id, level.warehouse_id, level.on_hand - level.reserved
  from catalog_kitcomponent part left join inventory_stocklevel level on level.product_id = part.component_id
 where part.kit_id = any(%s)
"""
PLACES = """
select account_id, active, excluded, warehouse_id, store_id, network_node_id
  from (select link.account_id, here.active and here.kind = 'shelf' as active, link.excluded, here.id as warehouse_id,
               link.store_id, link.network_node_id, link.priority, link.id as position
          from inventory_sellerwarehouse link join inventory_warehouse here on here.id = link.warehouse_id
         where link.account_id = any(%s)
        union all
        select null, true, false, id, '', '', 0, row_number() over (order by code)
          from inventory_warehouse where active and kind = 'shelf') found
 order by priority, position
"""

# Each user product once: its listings show the same units in Full, be it under one inventory id or several.
IN_FULL = """
(select sum(pool.available) from (
  select distinct on (coalesce(nullif(unit.user_product_id, ''), unit.inventory_id)) held.available
    from catalog_skumapping link join catalog_variation unit on unit.id = link.variation_id
    join inventory_fullstock held on held.inventory_id = unit.inventory_id
   where link.product_id = inventory_stocklevel.product_id and unit.gone_at is null and unit.inventory_id <> ''
   order by coalesce(nullif(unit.user_product_id, ''), unit.inventory_id), held.read_at desc) pool)
"""


def available_of(product_ids: Iterable[int], *, moved: Mapping[tuple[int, int], int] | None = None) -> Available:
    """Units on hand that nobody has reserved, by product and warehouse; of a kit, what its components are good for.

    `moved` is units by (product id, warehouse id) that are added in thought. One query.
    """
    asked = list(set(product_ids))
    levels: Available = {}
    kits: dict[int, dict[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(AVAILABLE, [asked, asked])
        for kit_id, quantity, product_id, warehouse_id, units in cursor.fetchall():
            by_warehouse = levels.setdefault(product_id, {})
            if warehouse_id is not None:
                by_warehouse[warehouse_id] = units
            if kit_id is not None:
                kits.setdefault(kit_id, {})[product_id] = quantity
    for (product_id, warehouse_id), units in (moved or {}).items():
        by_warehouse = levels.setdefault(product_id, {})
        by_warehouse[warehouse_id] = by_warehouse.get(warehouse_id, 0) + units
    levels |= {kit_id: available_kits(parts, levels) for kit_id, parts in kits.items()}
    return {product_id: levels[product_id] for product_id in asked if product_id in levels}


def places_of(account_ids: Iterable[int]) -> dict[int, list[Place]]:
    """The active warehouses each seller sells from, the most preferred first. One query.

    A seller who chose none sells from every active warehouse but those excluded.
    """
    account_ids = set(account_ids)
    with connection.cursor() as cursor:
        cursor.execute(PLACES, [list(account_ids)])
        rows = cursor.fetchall()
    chosen: dict[int | None, list[Place]] = {}
    excluded: dict[int, set[int]] = {}
    for account_id, active, never, *place in rows:
        if never:
            excluded.setdefault(account_id, set()).add(place[0])
            continue
        places = chosen.setdefault(account_id, [])
        if active:
            places.append(Place(*place))
    return {one: chosen[one] if one in chosen else _but(chosen.get(None, []), excluded.get(one)) for one in account_ids}


def _but(places: list[Place], excluded: set[int] | None) -> list[Place]:
    return [place for place in places if place.warehouse_id not in excluded] if excluded else places


def in_use() -> QuerySet[Warehouse]:
    """The warehouses that staff can choose: not those closed, nor what is on the way between two."""
    return Warehouse.objects.filter(active=True, kind=Warehouse.Kind.SHELF)


def warehouses_of(account: SellerAccount) -> list[Place]:
    """The warehouses a seller sells from, the most preferred first."""
    return places_of([account.pk])[account.pk]


def available_for(
    account_ids: Iterable[int], product_ids: Iterable[int]
) -> Mapping[int, Mapping[int, Mapping[int, int]]]:
    """Units available by seller, product and warehouse: only the warehouses that the seller sells from."""
    levels = available_of(product_ids)
    return {
        account_id: {
            product_id: {place.warehouse_id: by_warehouse.get(place.warehouse_id, 0) for place in places}
            for product_id, by_warehouse in levels.items()
        }
        for account_id, places in places_of(account_ids).items()
    }


# --- rows for pages --------------------------------------------------------------------------------------------------


def level_rows() -> QuerySet[StockLevel]:
    """Levels with their product, warehouse and the listings the product feeds: three queries for any page."""
    mappings = SkuMapping.objects.select_related(
        "variation__listing__account", "variation__listing__stock_rule", "variation__stock_target"
    )
    feeds = Prefetch("product__mappings", queryset=mappings.defer("variation__listing__raw"))
    rows = StockLevel.objects.select_related("product__stock_rule", "warehouse").annotate(
        free=F("on_hand") - F("reserved")
    )
    rows = rows.annotate(full_units=RawSQL(IN_FULL, (), IntegerField()))  # noqa: S611  no outside words in it
    return rows.prefetch_related(feeds)


def movement_rows() -> QuerySet[StockMovement]:
    """Movements with everything a row of the ledger shows: one query for any page."""
    return StockMovement.objects.select_related("level__product", "level__warehouse", "actor")


@dataclass(frozen=True)
class Reservation:
    """Units that an order holds in a warehouse."""

    owner: str
    warehouse: str
    units: int

    @property
    def order_id(self) -> str:
        """The order's number, from an owner such as "order:2001:0"."""
        kind, _, rest = self.owner.partition(":")
        return rest.partition(":")[0] if kind == "order" else ""


def reservations_of(product: Product, *, limit: int = 50) -> list[Reservation]:
    """Who holds units of a product, the most units first. One query."""
    held = StockMovement.objects.filter(level__product=product).exclude(owner="").order_by()
    rows = held.values_list("owner", "level__warehouse__code").annotate(units=Sum("reserved_delta"))
    return [Reservation(*row) for row in rows.filter(units__gt=0).order_by("-units", "owner")[:limit]]
