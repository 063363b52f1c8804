"""Catalog import of 20,000 listings: API calls against the least possible, time against a loop that discards."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from mercadolibre.client import Client
from sellers.connection.clients import client_for
from sellers.models import SellerAccount
from tests.bench import market
from tests.bench.report import Row

LISTINGS = 20_000
PAGE, BULK = 100, 20


def rounds(count: int, listings: int = LISTINGS) -> Iterator[Row]:
    with market.market(listings=listings) as made:
        accounts = market.connect(made)
        for _ in range(count):
            market.forget()
            loop = timed(lambda: [discard(client_for(account), account) for account in accounts])
            before = datetime.now(UTC)
            own = timed(lambda: market.import_all(accounts))
            yield row(own, loop, calls_since(made, before), listings, accounts)


def timed(what: object) -> float:
    started = time.perf_counter()
    what()  # type: ignore[operator]
    return time.perf_counter() - started


def discard(client: Client, account: SellerAccount) -> None:
    """Fetch the pages that an import fetches, with the same client, and keep nothing."""
    scroll_id = None
    while True:
        page = client.scan_items(account.ml_user_id, scroll_id, PAGE)
        for begin in range(0, len(page.ids), BULK):
            client.items(page.ids[begin : begin + BULK])
        if not page.ids or page.scroll_id is None:
            return
        scroll_id = page.scroll_id


def calls_since(made: market.Market, moment: datetime) -> int:
    lines = made.look("requests", limit=5000)["requests"]
    return sum(datetime.fromisoformat(line["at"]) >= moment for line in lines)


def row(own: float, loop: float, made: int, listings: int, accounts: list[SellerAccount]) -> Row:
    each = listings / len(accounts)
    # An answer without ids is the only way a scan says that it is at its end.
    least = len(accounts) * (math.ceil(each / PAGE) + 1 + math.ceil(each / BULK))
    return Row(
        ratios={
            "import: API calls ÷ the least possible": (made / least, "<=", 1.02),
            "import: time ÷ a loop that discards": (own / loop, "<=", 1.5),
        },
        facts={
            "import of 20,000": f"{own:.1f} s",
            "listings/s": f"{listings / own:.0f}",
            "loop": f"{loop:.1f} s",
            "calls": f"{made} (least {least})",
        },
    )
