"""A burst of notifications about few resources: how many reads they cost, with all processes running."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import connection

from catalog.models import Listing
from config.embedded import free_port
from sellers.models import Work
from sellers.notifications import inbox
from tests.bench import flow, market
from tests.bench.report import Row

RESOURCES = 200
NOTIFICATIONS = 10_000
TOGETHER = 100  # notifications that the intake commits at once
MOST = 400


def rounds(count: int) -> Iterator[Row]:
    with market.market(listings=2 * RESOURCES) as made:
        market.forget()
        accounts = market.connect(made)
        market.import_all(accounts)
        plain = Listing.objects.exclude(variations__variation_id__gt=0).order_by("item_id")
        items = list(plain.values_list("item_id", flat=True)[:RESOURCES])
        with flow.processes(free_port()):
            for _ in range(count):
                orders = [made.control("sell", item_id=item_id)["order_id"] for item_id in items]
                owners = {order["id"]: order["seller_id"] for order in made.look("orders", limit=10_000)["orders"]}
                yield measure(made, [(order_id, owners[order_id]) for order_id in orders])


def measure(made: market.Market, orders: list[tuple[int, int]]) -> Row:
    before = datetime.fromisoformat(made.look("state")["now"])
    started = time.perf_counter()
    for begin in range(0, NOTIFICATIONS, TOGETHER):
        bodies = [body(number, *orders[number % len(orders)]) for number in range(begin, begin + TOGETHER)]
        with connection.cursor() as cursor:
            inbox.store(cursor, [inbox.read(one) for one in bodies])
    took = time.perf_counter() - started
    wait_until_done(len(orders))
    named = {f"/orders/{order_id}" for order_id, _ in orders}
    lines = made.look("requests", limit=50_000)["requests"]
    reads = sum(line["path"] in named and datetime.fromisoformat(line["at"]) >= before for line in lines)
    return Row(
        ratios={f"GETs of {NOTIFICATIONS} notifications on {len(orders)} orders": (reads, "<=", MOST)},
        facts={"burst": f"{took:.1f} s", "load": f"{os.getloadavg()[0]:.1f}"},
    )


def body(number: int, order_id: int, seller: int) -> bytes:
    found = {"_id": f"{number:032x}", "topic": "orders_v2", "resource": f"/orders/{order_id}", "user_id": seller}
    found |= {"application_id": int(settings.MELI_CLIENT_ID), "attempts": 1}
    return json.dumps(found).encode()


def wait_until_done(orders: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        rows = Work.objects.filter(kind="order")
        if rows.filter(state="idle").count() >= orders and not rows.exclude(state="idle").exists():
            return
        time.sleep(0.2)
    raise TimeoutError("orders were not read within a minute")
