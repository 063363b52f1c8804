"""What is where: levels and sellers' warehouses, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import F, Prefetch, QuerySet, Sum

from catalog.models import Product, SkuMapping
from inventory.allocation import Place
from inventory.models import StockLevel, StockMovement
from sellers.models import SellerAccount

Available = dict[int, dict[int, int]]  # product id -> warehouse id -> units

# Asked with every push and every order, so as they are.
AVAILABLE = "select product_id, warehouse_id, on_hand - reserved from inventory_stocklevel where product_id = any(%s)"
PLACES = """
select account_id, active, warehouse_id, store_id, network_node_id
  from (select link.account_id, here.active, here.id as warehouse_id, link.store_id, link.network_node_id,
               link.priority, link.id as position
          from inventory_sellerwarehouse link join inventory_warehouse here on here.id = link.warehouse_id
         where link.account_id = any(%s)
        union all
        select null, true, id, '', '', 0, row_number() over (order by code) from inventory_warehouse where active) found
 order by priority, position
"""


def available_of(product_ids: Iterable[int]) -> Available:
    """Units on hand that nobody has reserved, by product and warehouse. One query."""
    found: Available = {}
    with connection.cursor() as cursor:
        cursor.execute(AVAILABLE, [list(set(product_ids))])
        for product_id, warehouse_id, units in cursor.fetchall():
            found.setdefault(product_id, {})[warehouse_id] = units
    return found


def places_of(account_ids: Iterable[int]) -> dict[int, list[Place]]:
    """The active warehouses each seller sells from, the most preferred first. One query.

    A seller without any link sells from every active warehouse.
    """
    account_ids = set(account_ids)
    with connection.cursor() as cursor:
        cursor.execute(PLACES, [list(account_ids)])
        rows = cursor.fetchall()
    linked: dict[int | None, list[Place]] = {}
    for account_id, active, *place in rows:
        places = linked.setdefault(account_id, [])
        if active:
            places.append(Place(*place))
    everywhere = linked.get(None, [])
    return {account_id: linked.get(account_id, everywhere) for account_id in account_ids}


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
    mappings = SkuMapping.objects.select_related("variation__listing__account", "variation__stock_target")
    feeds = Prefetch("product__mappings", queryset=mappings.defer("variation__listing__raw"))
    rows = StockLevel.objects.select_related("product", "warehouse").annotate(free=F("on_hand") - F("reserved"))
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
