"""How much of the calls that a seller's pushes allow themselves are used, at the limit of the real Mercado Libre.

The limit is 1,500 calls a minute and seller, and the sandbox keeps it. What we allow ourselves is four fifths of that
(`sellers.brakes.budget`), and pushes may use all but a fiftieth of it: 1,176 a minute. Every answer takes a tenth of a
second on its way, as it does from there: one process makes fewer than ten calls a second.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta

from catalog.models import Product
from config.run import worker
from inventory import ledger
from inventory.models import StockMovement, Warehouse
from sellers.brakes import budget
from sellers.models import SellerAccount, Work
from tests.bench import market, servers
from tests.bench.report import Row

SELLERS = 10
LISTINGS = 6000  # two thirds of them without variations; a product is on one listing of every seller
SECONDS = 10
BEGINNING = 6  # seconds at the start, in which what was saved up is used and all processes begin
LATENCY = 0.1  # seconds
PROCESSES = 3  # of the lane, for each seller
ALLOWED = market.MELI_RATE * budget.USED_SHARE * budget.LANE_SHARE["pushes"] / 60  # calls a second and seller


def rounds(count: int) -> Iterator[Row]:
    with market.market(listings=LISTINGS, sellers=SELLERS) as made:
        market.forget()
        accounts = market.connect(made, mode="live")
        market.import_all(accounts)
        market.share_products(each=SELLERS)
        Work.objects.filter(kind="stock").delete()  # they show what is wanted
        for number in range(count):
            with market.with_limits(made), market.far_away(made, LATENCY):
                one = used(made, accounts[:1], f"{number}:one")
                ten = used(made, accounts, f"{number}:ten")
                yield row(one, ten, made.look("state")["counters"].get("rate_limited", 0))


def used(made: market.Market, accounts: list[SellerAccount], name: str) -> float:
    """The share of the allowed calls that sellers make while all of their listings wait for a push."""
    SellerAccount.objects.update(pushes_paused=True)
    SellerAccount.objects.filter(pk__in=[one.pk for one in accounts]).update(pushes_paused=False)
    receive_one_more(name)
    with ExitStack() as stack:
        for command in ([sys.executable, "manage.py", "pump"], worker("pushes", PROCESSES * len(accounts))):
            stack.enter_context(servers.process([*command], LOG_LEVEL="WARNING"))
        begun = first_put(made, accounts)
        time.sleep(BEGINNING + SECONDS + 1)
    start = begun + timedelta(seconds=BEGINNING)
    calls = calls_between(made, accounts, start, start + timedelta(seconds=SECONDS))
    return calls / (ALLOWED * SECONDS * len(accounts))


def receive_one_more(name: str) -> None:
    main = Warehouse.objects.get(code="MAIN")
    kind = StockMovement.Kind.RECEIVE
    changes = [ledger.Change(pk, main.pk, kind, delta=1) for pk in Product.objects.values_list("pk", flat=True)]
    for begin in range(0, len(changes), 50):
        ledger.record(changes[begin : begin + 50], operation=f"{name}:{begin}", reason="bench")


def first_put(made: market.Market, accounts: list[SellerAccount]) -> datetime:
    since = datetime.fromisoformat(made.look("state")["now"])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for line in made.look("requests", limit=50)["requests"]:
            if line["method"] == "PUT" and datetime.fromisoformat(line["at"]) >= since:
                return datetime.fromisoformat(line["at"])
        time.sleep(0.1)
    raise TimeoutError("no push within a minute")


def calls_between(made: market.Market, accounts: list[SellerAccount], start: datetime, end: datetime) -> int:
    sellers = {one.ml_user_id for one in accounts}
    lines = made.look("requests", limit=50_000)["requests"]
    return sum(line["user_id"] in sellers and start <= datetime.fromisoformat(line["at"]) < end for line in lines)


def row(one: float, ten: float, refused: int) -> Row:
    return Row(
        ratios={
            "one seller: calls ÷ those allowed": (one, ">=", 0.97),
            "ten sellers: calls ÷ those allowed": (ten, ">=", 0.97),
            "429s": (refused, "<=", 0),
        },
        facts={
            "allowed": f"{ALLOWED * 60:.0f} a minute and seller",
            "answers take": f"{LATENCY * 1000:.0f} ms",
            "load": f"{os.getloadavg()[0]:.1f}",
        },
    )
