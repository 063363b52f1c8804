"""What pages show of orders, each in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest

from catalog.models import Product
from inventory.models import StockMovement
from orders.models import Order, OrderLine
from orders.stock_effects import HERE, SOLD
from sellers.models import Notification, PushAttempt

State = Order.StockState
MOST_FOUND = 1000
TO_SHIP = [State.RESERVED, State.UNLINKED, State.UNKNOWN]
LINES = Prefetch("lines", OrderLine.objects.select_related("product"))


# --- the list ---------------------------------------------------------------------------------------------------------


def order_rows(request: HttpRequest) -> QuerySet[Order]:
    return Order.objects.select_related("account", "shipment").defer("raw", "shipment__raw").order_by("-date_created")


def one_per_pack(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Of each pack the first of these orders: its row in the list."""
    earlier = orders.order_by().filter(pack_key=OuterRef("pack_key"), pk__lt=OuterRef("pk"))
    return orders.filter(~Exists(earlier))


def to_ship(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Parcels of ours that have not left, the most urgent first."""
    waiting = orders.filter(status__in=SOLD, stock_state__in=TO_SHIP, shipment__status__in=HERE)
    return waiting.order_by(F("shipment__dispatch_by").asc(nulls_last=True), "date_created")


def in_packs_of(orders: QuerySet[Order]) -> QuerySet[Order]:
    """All orders of the packs that these orders are in."""
    return Order.objects.filter(pack_key__in=orders.order_by().values("pack_key"))


def attach_packs(rows: Iterable[Order]) -> None:
    """Give each row its pack: `row.pack`, all orders of it with their lines. Two queries."""
    rows = list(rows)
    members: dict[int, list[Order]] = {}
    found = Order.objects.filter(pack_key__in={row.pack_key for row in rows}).defer("raw").order_by("pk")
    for order in found.prefetch_related(LINES):
        members.setdefault(order.pack_key, []).append(order)
    for row in rows:
        row.pack = members.get(row.pack_key, [])  # type: ignore[attr-defined]


def search(orders: QuerySet[Order], words: str) -> QuerySet[Order]:
    """By the id of order, pack or shipment, by item id, SKU or buyer: whole words only, each by its index.

    The newest MOST_FOUND orders that are named; one query.
    """
    return orders.filter(pk__in=list(_named(words.strip()).order_by("-order_id")[:MOST_FOUND]))


def _named(words: str) -> Any:
    """Ids of orders that these words name, as one UNION: an OR over several tables would read them all."""
    lines = OrderLine.objects.order_by("-order_id").values_list("order_id", flat=True)
    orders = Order.objects.order_by("-order_id").values_list("order_id", flat=True)
    named = [
        lines.filter(item_id=words.upper()),
        lines.filter(seller_sku__iexact=words),
        lines.filter(product__in=Product.objects.filter(sku__iexact=words)),
        orders.filter(buyer_nickname__iexact=words),
    ]
    if words.isascii() and words.isdigit() and len(words) < 19:
        number = int(words)
        named += [orders.filter(pk=number), orders.filter(pack_key=number), orders.filter(shipping_id=number)]
    newest = [found[:MOST_FOUND] for found in named]
    return newest[0].union(*newest[1:])


def counts_of_trouble() -> Mapping[str, int]:
    """How many packs wait for a link or have a status nobody knows."""
    troubled = Order.objects.filter(stock_state__in=[State.UNLINKED, State.UNKNOWN]).order_by()
    return dict(troubled.values_list("stock_state").annotate(packs=Count("pack_key", distinct=True)))


# --- one pack ---------------------------------------------------------------------------------------------------------


def pack_of(order: Order) -> list[Order]:
    """The orders of an order's pack with everything their page shows. Three queries."""
    found = Order.objects.filter(pack_key=order.pack_key, account_id=order.account_id).order_by("pk")
    return list(found.select_related("account", "shipment").prefetch_related(LINES, "payments"))


def movements_of(orders: Iterable[Order]) -> list[StockMovement]:
    """What the lines of these orders did in the ledger, oldest first. One query."""
    owners = [line.owner for order in orders for line in order.lines.all()]
    found = StockMovement.objects.filter(owner__in=owners).exclude(owner="").order_by("id")
    return list(found.select_related("level__product", "level__warehouse"))


def notifications_of(orders: Sequence[Order]) -> list[Notification]:
    """The newest notifications about these orders and their shipments. One query."""
    about = Q(work_kind="order", work_key__in=[str(order.pk) for order in orders])
    about |= Q(work_kind="shipment", work_key__in=[str(order.shipping_id) for order in orders if order.shipping_id])
    return list(Notification.objects.filter(about).defer("body").order_by("-id")[:30])


def pushes_of(orders: Sequence[Order]) -> list[PushAttempt]:
    """The first stock pushes of the sold listings after the sale. One query."""
    items = {line.item_id for order in orders for line in order.lines.all()}
    since = min(order.date_created for order in orders)
    found = PushAttempt.objects.filter(item_id__in=items, kind=PushAttempt.Kind.STOCK, started_at__gte=since)
    return list(found.order_by("id")[:10])


# --- facts for Today --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unlinked:
    """Orders that wait for a SKU link, and since when the oldest of them does."""

    orders: int
    oldest: datetime | None


def unlinked(accounts: Iterable[int] | None = None) -> Unlinked:
    waiting = Order.objects.filter(stock_state=State.UNLINKED)
    if accounts is not None:
        waiting = waiting.filter(account__in=accounts)
    found = waiting.aggregate(orders=Count("pk"), oldest=Min("date_created"))
    return Unlinked(**found)
