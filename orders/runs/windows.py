"""Reading every order that changed in a window of time, although the search hides, repeats and reorders. Pure but for
the client it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mercadolibre.client import Client

PAGE = 50
MOST = 1000  # a window with more is halved: deep pages are slow, and ML ends them at 10,000
HOUR = timedelta(hours=1)
OVERLAP = timedelta(hours=2)
READINGS = 3


@dataclass
class Found:
    """What a pass saw: order id -> `date_last_updated`; `complete` where no row can have been missed."""

    orders: dict[int, datetime | None] = field(default_factory=dict)
    complete: bool = True

    @property
    def newest(self) -> datetime | None:
        return max((at for at in self.orders.values() if at), default=None)

    @property
    def timeless(self) -> bool:
        """Whether the search tells when orders changed of none of them."""
        return bool(self.orders) and self.newest is None


def floor_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def window_start(high_water: datetime) -> datetime:
    """Where the next pass begins: ML drops the minutes of a filter, and its clock is not ours."""
    return floor_hour(high_water - OVERLAP)


def changed_orders(
    client: Client, seller_id: int, start: datetime, end: datetime, *, between: Callable[[int], object]
) -> Found:
    """Every order of a seller that changed from `start` to `end`. `between` is called after each page with the number
    of orders found so far; whatever it raises ends the pass."""
    found = Found()
    for window in _windows(client, seller_id, floor_hour(start), end):
        found.complete = _read(client, seller_id, window, found, between) and found.complete
    return found


def _windows(client: Client, seller_id: int, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The window, halved until each part holds few enough orders or is as short as ML can tell."""
    page = client.search_orders(seller_id, start, end, limit=1)
    if (page.total or 0) <= MOST or end - start <= HOUR:
        yield start, end
        return
    middle = floor_hour(start + (end - start) / 2)
    middle = middle if middle > start else start + HOUR
    yield from _windows(client, seller_id, start, middle)
    yield from _windows(client, seller_id, middle, end)


def _read(
    client: Client, seller_id: int, window: tuple[datetime, datetime], found: Found, between: Callable[[int], object]
) -> bool:
    """Read a window's pages. Rows that change meanwhile leave it and move others up a page, so it is read again
    until as many were seen as ML said there are, at any page of a reading: orders, or carts of Global Selling. False
    where even that did not help."""
    seen: set[int] = set()
    for _ in range(READINGS):
        total = _read_once(client, seller_id, window, seen, found, between)
        if len(seen) >= total:
            return True
    return False


def _read_once(
    client: Client,
    seller_id: int,
    window: tuple[datetime, datetime],
    seen: set[int],
    found: Found,
    between: Callable[[int], object],
) -> int:
    offset = most = 0
    while True:
        page = client.search_orders(seller_id, *window, offset=offset, limit=PAGE)
        seen.update(page.hits)
        found.orders.update((ref.order_id, ref.date_last_updated) for ref in page.orders)
        between(len(found.orders))
        offset, most = offset + PAGE, max(most, page.total or 0)
        if len(page.hits) < PAGE or offset + PAGE > 10_000:
            return most
