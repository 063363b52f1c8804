"""Orders that no notification announced: the time to recover them against the time of their bare GETs.

Of one seller, by the same client, in one thread, at the rate that Mercado Libre allows: a recovery is bound by that.
Beside it, as a fact, the same without a rate: there a GET takes a few milliseconds, as none does over the net.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from catalog.models import Product, SkuMapping, Variation
from inventory import ledger
from inventory.models import Warehouse
from orders.models import Order, Run
from orders.runs import reconciliation
from sellers.brakes.budget import BURST_SECONDS
from sellers.connection.clients import client_for
from sellers.models import SellerAccount, Work
from sellers.queue import work
from tests.bench import market
from tests.bench.pushes import settle
from tests.bench.report import Row

LISTINGS = 240
ORDERS = 1000
FEW = 300
ALLOWED = 1500  # calls a minute and seller: Mercado Libre's limit


def rounds(count: int) -> Iterator[Row]:
    for number in range(count):
        unbound, _ = measure(f"{number}-unbound", FEW, per_minute=market.NO_LIMITS["rate_per_minute"])
        yield row(*measure(f"{number}", ORDERS, per_minute=ALLOWED), unbound=unbound)


@dataclass(frozen=True)
class Measured:
    """Seconds."""

    own: float
    bare: float

    @property
    def ratio(self) -> float:
        return self.own / self.bare


def measure(name: str, orders: int, *, per_minute: int) -> tuple[Measured, int]:
    """Lose orders in a world of their own, fetch them, recover them. Also how many the runs say they recovered."""
    with market.market(listings=LISTINGS) as made:
        market.forget()
        account, *others = market.connect(made)
        market.import_all([account, *others])
        sold = sell(made, link(name, account), orders)
        settle()
        settings.MELI_RATE_PER_MINUTE = per_minute
        bare = timed(lambda: fetch(account, sold))
        time.sleep(BURST_SECONDS)  # both begin with a whole burst
        own = timed(lambda: recover(orders))
        add_up()
        recovered = sum(Run.objects.values_list("recovered", flat=True))
        assert Order.objects.count() == recovered == orders, (Order.objects.count(), recovered)
        return Measured(own, bare), recovered


def link(name: str, account: SellerAccount) -> list[str]:
    """Link every listing of a seller to a product of its own, with units for all sales. Returns the item ids."""
    units = list(Variation.objects.filter(variation_id=0, listing__account=account).select_related("listing"))
    main = Warehouse.objects.get(code="MAIN")
    for unit in units:
        sku = f"LOST-{name}-{unit.listing.item_id}"
        product = Product.objects.create(sku=sku, name=sku)
        SkuMapping.objects.create(variation=unit, product=product, units=1, source=SkuMapping.Source.FILE)
        ledger.receive(product=product, warehouse=main, quantity=market.STOCK, operation=f"bench:{sku}")
    return [unit.listing.item_id for unit in units]


def sell(made: market.Market, item_ids: list[str], orders: int) -> list[int]:
    """Sell while no notification goes anywhere. Returns the order ids."""
    return [made.control("sell", item_id=item_ids[number % len(item_ids)])["order_id"] for number in range(orders)]


def fetch(account: SellerAccount, sold: list[int]) -> None:
    """Each order and its shipment, by the client that reconciliation uses, in one thread; nothing is kept."""
    client = client_for(account)
    for order_id in sold:
        order = client.order(order_id)
        if order.shipping_id:
            client.shipment(order.shipping_id)


def recover(orders: int) -> None:
    """What the clock does every five minutes, until all orders are here; in one thread too."""
    reconciliation.schedule_polls()
    Work.objects.filter(kind="order_poll").update(due_at=timezone.now())  # without the pause between sellers
    while Order.objects.count() < orders:
        if not work.drain(settings.LANES["orders"], who="bench", seconds=0.5):
            time.sleep(0.05)


def add_up() -> None:
    """Wait for the runs to say what they recovered."""
    while Run.objects.filter(finished_at=None).exists():
        work.drain(settings.LANES["orders"], who="bench")
        time.sleep(0.5)


def timed(what: object) -> float:
    started = time.perf_counter()
    what()  # type: ignore[operator]
    return time.perf_counter() - started


def row(found: Measured, recovered: int, *, unbound: Measured) -> Row:
    return Row(
        ratios={"recovery ÷ the bare GETs": (found.ratio, "<=", 1.3)},
        facts={
            "recovered": f"{recovered} of {ORDERS}",
            "recovery": f"{found.own:.1f} s",
            "bare GETs": f"{found.bare:.1f} s",
            f"without a rate limit, {FEW} orders": f"{unbound.ratio:.2f} ({unbound.own:.1f} s ÷ {unbound.bare:.1f} s)",
            "load average": f"{os.getloadavg()[0]:.1f}",
        },
    )
