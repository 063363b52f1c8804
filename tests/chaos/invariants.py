"""What must hold when it is quiet again: what always must (`tests.faults.invariants`), and what this trade comes to."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.models import SkuMapping
from inventory.models import StockLevel
from tests.bench import market
from tests.chaos.trade import Trade
from tests.faults import invariants


def broken(made: market.Market, groups: list[list[str]], trade: Trade) -> list[str]:
    checks = (stock_is_held_once(trade), listings_show_what_is_there(made, groups))
    return [*(sentence for check in checks for sentence in check), *invariants.broken(made, at_rest=False)]


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
