"""How fast: while everything is struck, and when it is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from inventory.models import StockLevel
from tests.chaos import pace, watching
from tests.chaos.world import Goods, patiently
from tests.faults.invariants import Look, quantity_there

if TYPE_CHECKING:
    from tests.chaos.invariants import Run

ANSWERED = 0.5  # seconds that Mercado Libre gives the intake
BOOKED, SHOWN = 10.0, 15.0  # seconds from a sale to the ledger, and from there to the product's other listings
SALES = 3
TEN_SECONDS = timedelta(seconds=10)


def every_200_came_in_time(run: Run, look: Look) -> Iterator[str]:
    """Whatever was struck then. What this machine itself stood still is not the intake's."""
    slowest, bound = max(run.courier.took, default=0.0), ANSWERED + run.yardstick.worst
    if slowest > bound:
        yield f"a notification was told 200 after {slowest * 1000:.0f} ms, allowed are {bound * 1000:.0f}"


def a_429_halves_the_rate(run: Run, look: Look) -> Iterator[str]:
    """For all workers at once, and the ten seconds after it see at most half of what the limit allows."""
    for at, seller, before, after in watching.slowdowns():
        if after > max(before / 2, 0.1) + 1e-6:
            yield f"seller {seller} was at {before:.2f} of the rate, after a 429 at {after:.2f}"
        calls = sum(of_seller(line, seller) and at < moment(line) <= at + TEN_SECONDS for line in look.requests)
        if calls > pace.RATE / 6 / 2:
            yield f"seller {seller}: {calls} calls in the ten seconds after a 429"


def of_seller(line: dict[str, Any], seller: int) -> bool:
    return bool(line["user_id"] == seller)


def moment(line: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(line["at"])


# --- when all is quiet ------------------------------------------------------------------------------------------------


def as_fast_as_ever(run: Run) -> tuple[list[str], str]:
    """Sell some more: nothing that was slowed down or put off may be so still. What is broken, and the times."""
    broken, times = [], []
    for goods in run.trade.shop.goods[:SALES]:
        booked, shown = sale(run, goods)
        times.append(f"{booked:.1f} + {shown:.1f} s")
        if booked > BOOKED or shown > SHOWN:
            broken.append(f"slow: {goods.product.sku} took {booked:.1f} s to the ledger, {shown:.1f} s to the listings")
    return broken, ", ".join(times)


def sale(run: Run, goods: Goods) -> tuple[float, float]:
    """Seconds from a sale to the ledger, and from there until every listing of the product shows it."""
    (item_id, variation_id), level = goods.units[0], level_of(run, goods)
    began = time.monotonic()
    order = run.made.control("sell", item_id=item_id, variation_id=variation_id or None)
    run.trade.sold[order["order_id"]] = goods
    booked = until(lambda: level_of(run, goods).reserved > level.reserved, BOOKED)
    there = max(0, level.available - 1)
    until(lambda: all(quantity == there for quantity in shown(run, goods)), SHOWN)
    return booked - began, time.monotonic() - booked


def level_of(run: Run, goods: Goods) -> StockLevel:
    found: StockLevel = patiently(lambda: StockLevel.objects.get(product=goods.product, warehouse=run.trade.shop.main))
    return found


def shown(run: Run, goods: Goods) -> list[int | None]:
    items = run.look().items
    return [quantity_there(items.get(item_id), variation_id) for item_id, variation_id in goods.units]


def until(holds: Callable[[], bool], seconds: float) -> float:
    """When it held, or was given up on a while after it should have."""
    end = time.monotonic() + seconds + 5
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return time.monotonic()
