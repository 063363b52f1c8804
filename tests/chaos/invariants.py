"""What must hold when it is quiet again. Each check returns sentences; none means it holds."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.models import SkuMapping
from inventory import ledger
from inventory.models import StockLevel
from orders.models import Order
from sellers.models import Work
from tests.bench import market
from tests.chaos.trade import Trade


def broken(made: market.Market, groups: list[list[str]], trade: Trade) -> list[str]:
    checks = (orders_are_ours(made), stock_is_held_once(trade), listings_show_what_is_there(made, groups))
    return [
        *(sentence for check in checks for sentence in check),
        *nothing_is_deleted(made),
        *books_add_up(),
        *no_work_left(),
    ]


def orders_are_ours(made: market.Market) -> Iterator[str]:
    """No order lost, none invented, the same status."""
    theirs = {order["id"]: order["status"] for order in made.look("orders", limit=100_000)["orders"]}
    ours = dict(Order.objects.values_list("order_id", "status"))
    if lost := theirs.keys() - ours.keys():
        yield f"{len(lost)} orders lost: {sorted(lost)[:3]}"
    if invented := ours.keys() - theirs.keys():
        yield f"{len(invented)} orders invented: {sorted(invented)[:3]}"
    if stale := [order for order, status in ours.items() if theirs.get(order, status) != status]:
        yield f"{len(stale)} orders with an old status: {stale[:3]}"


def stock_is_held_once(trade: Trade) -> Iterator[str]:
    """Every sale that stands holds one unit, a cancelled one none."""
    held = sum(StockLevel.objects.values_list("reserved", flat=True))
    wanted = len(trade.sold) - len(trade.cancelled)
    if held != wanted:
        yield f"{held} units are reserved, {wanted} are sold"


def listings_show_what_is_there(made: market.Market, groups: list[list[str]]) -> Iterator[str]:
    shown = {item["id"]: item["available_quantity"] for item in made.look("items", limit=100_000)["items"]}
    products = dict(SkuMapping.objects.values_list("variation__listing__item_id", "product_id"))
    available = {level.product_id: max(0, level.available) for level in StockLevel.objects.all()}
    for group in groups:
        wrong = {item: shown[item] for item in group if shown[item] != available[products[item]]}
        if wrong:
            yield f"there are {available[products[group[0]]]}, Mercado Libre shows {wrong}"


def nothing_is_deleted(made: market.Market) -> Iterator[str]:
    counters = made.look("state")["counters"]
    for name in ("variations_deleted", "put_missing_variation", "refresh_replays"):
        if counters.get(name):
            yield f"{name}: {counters[name]}"


def books_add_up() -> Iterator[str]:
    for mismatch in ledger.verify():
        yield f"ledger: {mismatch}"


def no_work_left() -> Iterator[str]:
    dead = list(Work.objects.filter(state="dead").values_list("kind", "key", "last_error")[:3])
    if dead:
        yield f"failed work: {dead}"
