"""From a sale of a kit to the last PUT of all listings that share one of its components, all processes running."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

from catalog import kits
from catalog.models import Product, SkuMapping, Variation
from config.embedded import free_port
from inventory import ledger
from inventory.models import Warehouse
from tests.bench import market
from tests.bench.flow import Puts, processes
from tests.bench.pushes import settle
from tests.bench.report import Row, milliseconds

COMPONENTS = 6
EACH = 5  # listings of one component; those of the kit are one more group
LISTINGS = COMPONENTS * EACH + 1
STOCK = 500
SALES = 40
PAUSE = 2.0  # seconds between two sales, so that each is measured by itself
GOAL = 3.0


def rounds(count: int) -> Iterator[Row]:
    port = free_port()
    with market.market(listings=LISTINGS, notify=f"http://127.0.0.1:{port}/meli/notifications/") as made:
        market.forget()
        market.import_all(market.connect(made, mode="live"))
        kit, others = share_components()
        settle()
        with processes(port):
            for _ in range(count):
                yield row(measure(made, kit, others))


def share_components() -> tuple[str, list[str]]:
    """Link one listing to a kit of six components, and five listings to each of them. Returns the item ids."""
    units = list(Variation.objects.filter(variation_id=0).select_related("listing").order_by("listing__item_id"))
    components = [Product.objects.create(sku=f"PART-{number}", name="Part") for number in range(COMPONENTS)]
    kit = Product.objects.create(sku="BENCH-KIT", name="Kit")
    kits.compose({kit.pk: {component.pk: 1 for component in components}}, by=None)
    sold = [kit] + [component for component in components for _ in range(EACH)]
    SkuMapping.objects.bulk_create(
        SkuMapping(variation=unit, product=product, units=1, source=SkuMapping.Source.FILE)
        for unit, product in zip(units, sold, strict=False)
    )
    main = Warehouse.objects.get(code="MAIN")
    for component in components:
        ledger.receive(product=component, warehouse=main, quantity=STOCK, operation=f"bench:{component.sku}")
    item_ids = [unit.listing.item_id for unit in units[: len(sold)]]
    return item_ids[0], item_ids[1:]


def measure(made: market.Market, kit: str, others: list[str]) -> list[float]:
    """Sell the kit again and again. Returns the seconds from each sale to the last of the other listings' PUTs."""
    puts = Puts(made)
    sales: list[tuple[int, int]] = []
    left = shown(made, others)
    for _ in range(SALES):
        left -= 1
        sales.append((made.control("sell", item_id=kit)["order_id"], left))
        time.sleep(PAUSE)
        puts.collect()
    wait_for(made, others, left)
    puts.collect()
    at = {one["id"]: datetime.fromisoformat(one["created_at"]) for one in made.look("orders", limit=100_000)["orders"]}
    return sorted(last_put(puts, others, at[order_id], units) for order_id, units in sales)


def last_put(puts: Puts, others: list[str], sold_at: datetime, units: int) -> float:
    """Seconds until every listing was written that few units or fewer."""
    first = [
        min(done for done, quantity in puts.by_item[item_id] if done >= sold_at and quantity <= units)
        for item_id in others
    ]
    return (max(first) - sold_at).total_seconds()


def shown(made: market.Market, others: list[str]) -> int:
    """What all of these listings show. Raises where they differ."""
    items = {item["id"]: item["available_quantity"] for item in made.look("items", limit=LISTINGS)["items"]}
    (quantity,) = {items[item_id] for item_id in others}
    return int(quantity)


def wait_for(made: market.Market, others: list[str], units: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        items = {item["id"]: item["available_quantity"] for item in made.look("items", limit=LISTINGS)["items"]}
        if all(items[item_id] == units for item_id in others):
            return
        time.sleep(0.5)
    raise TimeoutError("the listings do not follow the kit a minute after its last sale")


def row(found: list[float]) -> Row:
    p99 = found[min(len(found) - 1, int(len(found) * 0.99))]
    return Row(
        ratios={"sale of a kit → last PUT, p99 ÷ the goal of 3 s": (p99 / GOAL, "<=", 1.0)},
        facts={
            "sale → last of 30 PUTs, p50": milliseconds(found[len(found) // 2]),
            "sale → last of 30 PUTs, p99": milliseconds(p99),
            "measured": f"{len(found)} sales of a kit of {COMPONENTS} components",
        },
    )
