"""One run: trade while the nemesis strikes, then quiet, then the invariants."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psutil
from django.utils import timezone

from sellers.models import Work
from tests.bench import market
from tests.chaos import bounds, invariants, sometimes, watching
from tests.chaos.children import Children
from tests.chaos.courier import Courier, Ways, forgeries
from tests.chaos.invariants import AT_REST, LIVE, SETTLING, Run
from tests.chaos.nemesis import Nemesis, plan_of
from tests.chaos.services import Services
from tests.chaos.trade import Trade
from tests.chaos.world import Shop, market_of, open_shop, patiently, unleash

LOSSLESS = Ways(lost=0)
SOON = timedelta(seconds=3)
AT_MOST = 2.5  # times the length that was wished
TRIED_AGAIN = {  # what is lacking -> what may bring it
    "breaker open": "storm",
    "lease expired": "kill orders",
    "lease taken over": "kill orders",
    "fence refusal": "stop orders",
    "spool replayed": "restart database",
    "disk full": "fill database",
    "told 503": "fill spool",
    "done by a wrong clock": "clock orders ahead",
}


@dataclass(frozen=True)
class Wish:
    """`without` names the safety net that is off: polls, webhooks, sweeps or none. `quiet` is in seconds."""

    seed: int
    seconds: int = 25
    without: str = ""
    quiet: int = 60

    @property
    def is_long(self) -> bool:
        return self.seconds >= sometimes.LONG


def run(wish: Wish, services: Services) -> list[str]:
    """Returns what is broken, in words; says the rest."""
    children = Children(services.run, with_web=wish.is_long)
    # Without polls nobody finds what is lost: then nothing is, and Mercado Libre tries for longer.
    courier = Courier(list(children.ports.values()), wish.seed, LOSSLESS if wish.without == "polls" else Ways())
    courier.start()
    notify = None if wish.without == "webhooks" else courier.url
    scale = 0.01 if wish.without == "polls" else 0.002  # of the hour in which Mercado Libre tries
    try:
        with market_of(notify, token_life=8 if wish.is_long else 14, retry_scale=scale) as made:
            shop = open_shop(made, wish.seed)
            watching.install()
            children.start_all()
            return Play(wish, made, shop, children, courier, services).acts()
    finally:
        children.kill_all()
        courier.stop()


@dataclass
class Play:
    wish: Wish
    made: market.Market
    shop: Shop
    children: Children
    courier: Courier
    services: Services

    @property
    def has_rooms(self) -> bool:
        return not self.services.no_rooms

    def acts(self) -> list[str]:
        trade = Trade(self.made, self.shop, self.wish.seed)
        self.courier.forge = forgeries(*self._first_sale(trade))
        reader, yardstick = watching.Reader(Path(self.services.run) / "spool"), watching.Yardstick()
        plan = plan_of(self.wish.seed, self.wish.seconds, list(self.children.commands), rooms=self.has_rooms)
        say("plan: " + ", ".join(f"{at:.1f} {what}" for at, what in plan))
        nemesis = Nemesis(self.made, self.children, self.services, plan)
        unleash(self.made)
        for each in (reader, trade, nemesis):
            each.start()
        began = time.monotonic()
        nemesis.join()
        time.sleep(max(0.0, self.wish.seconds - (time.monotonic() - began)))
        self._until_all_was_met(reader, nemesis, began + AT_MOST * self.wish.seconds)
        trade.stop()
        nemesis.rest()
        self.made.control("clear_faults")
        self.courier.behave()
        found = Run(self.made, trade, self.courier, reader, self.children, self.services, yardstick)
        found.struck = nemesis.struck
        broken = self._wait_for_quiet(found) or self._sell_some_more(found)
        trade.leave()
        reader.stop()
        say(f"memory: {self._memory()}")
        self.children.end()
        broken += patiently(lambda: invariants.broken(found, AT_REST))
        return broken + nemesis.failures + self._tell(found, nemesis)

    def _until_all_was_met(self, reader: watching.Reader, nemesis: Nemesis, until: float) -> None:
        """Trade goes on for a while where a slow machine has not come to everything yet."""
        while time.monotonic() < until and (lacking := patiently(lambda: self._lacking(reader))):
            say(f"  goes on: no {', '.join(lacking)} yet")
            if set(lacking) & set(TRIED_AGAIN):
                nemesis.once_more(TRIED_AGAIN[next(name for name in lacking if name in TRIED_AGAIN)])
            time.sleep(2)

    def _lacking(self, reader: watching.Reader) -> list[str]:
        wish = self.wish
        return sometimes.missing(
            self._counted(reader), seconds=wish.seconds, without=wish.without, rooms=self.has_rooms
        )

    def _counted(self, reader: watching.Reader) -> Counter[str]:
        return sometimes.counted(self.made, self.children, reader, self.services, self.courier)

    def _first_sale(self, trade: Trade) -> tuple[int, list[int]]:
        """A sale, and the sellers whose it is not."""
        goods = self.shop.goods[0]
        item_id, variation_id = goods.units[0]
        order = self.made.control("sell", item_id=item_id, variation_id=variation_id or None)
        trade.sold[order["order_id"]] = goods
        others = [account.ml_user_id for account in self.shop.accounts if account.ml_user_id != order["seller_id"]]
        return order["order_id"], others

    def _wait_for_quiet(self, found: Run, last: str = "fault") -> list[str]:
        """What is still broken when the time is over; nothing as soon as everything holds."""
        began = time.monotonic()
        while True:
            broken = [f"{self.courier.waiting} notifications were not taken"] if self.courier.waiting else []
            for checks in (SETTLING, LIVE):  # what takes time first: it is asked again and again
                broken = broken or patiently(lambda: invariants.broken(found, checks))  # noqa: B023  called now
            if not broken:
                break
            if time.monotonic() - began > self.wish.quiet:
                return broken
            say(f"  {time.monotonic() - began:.0f} s: {broken[0]}")
            time.sleep(1)
            patiently(hurry)
        say(f"quiet {time.monotonic() - began:.1f} s after the last {last}")
        return []

    def _sell_some_more(self, found: Run) -> list[str]:
        slow, times = bounds.as_fast_as_ever(found)
        say(f"sales afterwards, to the ledger + to the listings: {times}")
        return slow or self._wait_for_quiet(found, "sale")

    def _tell(self, found: Run, nemesis: Nemesis) -> list[str]:
        counts = self._counted(found.reader)
        lacking = self._lacking(found.reader)
        say(found.trade.told())
        say(nemesis.told())
        say(", ".join(f"{count}× {name}" for name, count in sorted(self.courier.did.items())))
        stood_still = f"this machine stood still for {found.yardstick.worst * 1000:.0f} ms at worst"
        say(f"intake's 200s: {self.courier.latencies()}; {stood_still}; {found.reader.looks} looks at the ledger")
        say(sometimes.told(counts))
        return [f"vacuous: no {name}" for name in lacking]

    def _memory(self) -> str:
        """Of each process with its children."""
        found = {}
        for name, process in self.children.running.items():
            family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            found[name] = sum(each.memory_info().rss for each in family) // 2**20
        return ", ".join(f"{name} {size} MB" for name, size in found.items())


def hurry() -> None:
    """What is put off for long is due now: hours are not waited for. Nothing is asked for that nobody wanted."""
    now = timezone.now()
    Work.objects.filter(state="ready", due_at__gt=now + SOON).update(due_at=now)


def say(text: str) -> None:
    print(text, flush=True)
