"""What buyers do at Mercado Libre and what the merchant does in the house meanwhile."""

from __future__ import annotations

import heapq
import random
import threading
import time
import uuid
from dataclasses import dataclass, field

import requests
from django.conf import settings
from django.db import Error, connections

from inventory import ledger
from sellers.connection import oauth
from sellers.models import SellerAccount, Work
from tests.bench import market
from tests.chaos.world import Goods, Shop, patiently, reconnect

PER_SECOND = 4.0  # sales
SOON_CANCELLED = 0.2  # of the sales, within 0.4 s
CANCELLED = 0.12  # of the sales, some seconds later
ADJUST_EVERY = 2.0  # seconds
BUSY = 120  # rows that wait in the lane of orders: buyers wait too, or on a slow machine polls would never have a turn


@dataclass
class Trade:
    """`sold` and `cancelled` are order ids, as the simulated Mercado Libre gave them."""

    made: market.Market
    shop: Shop
    seed: int
    sold: dict[int, Goods] = field(default_factory=dict)
    cancelled: set[int] = field(default_factory=set)
    refused: int = 0
    adjusted: int = 0
    reconnected: list[int] = field(default_factory=list)  # account ids

    def __post_init__(self) -> None:
        self.ended, self.gone = threading.Event(), threading.Event()
        self.threads = [threading.Thread(target=what, daemon=True) for what in (self._buy, self._work, self._watch)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """No more sales and adjustments. Whoever has to connect again is still connected, until `leave`."""
        self.ended.set()
        for thread in self.threads[:2]:
            thread.join()

    def leave(self) -> None:
        self.gone.set()
        self.threads[2].join()

    # --- buyers

    def _buy(self) -> None:
        dice = random.Random(self.seed + 1)
        cancels: list[tuple[float, int]] = []
        number = 0
        while not self.ended.is_set() or cancels:
            while cancels and cancels[0][0] <= time.monotonic():
                self._cancel(heapq.heappop(cancels)[1])
            if self.ended.is_set():
                time.sleep(0.02)
                continue
            if number % 8 == 0:
                self._wait_while_busy()
            number += 1
            order_id, chance = self._sell(dice), dice.random()
            if order_id and chance < SOON_CANCELLED + CANCELLED:
                soon = chance < SOON_CANCELLED
                wait = dice.uniform(0, 0.4) if soon else dice.uniform(1, 8)
                heapq.heappush(cancels, (time.monotonic() + wait, order_id))
            self.ended.wait(dice.expovariate(PER_SECOND) if not cancels else min(0.2, dice.expovariate(PER_SECOND)))
        connections.close_all()

    def _wait_while_busy(self) -> None:
        waiting = Work.objects.filter(state="ready", lane=settings.LANES["orders"])
        while patiently(waiting.count) > BUSY and not self.ended.wait(0.3):
            pass

    def _sell(self, dice: random.Random) -> int:
        goods = dice.choice(self.shop.goods)
        item_id, variation_id = dice.choice(goods.units)
        try:
            order = self.made.control("sell", item_id=item_id, variation_id=variation_id or None)
        except requests.HTTPError:
            self.refused += 1  # nothing left on this listing
            return 0
        self.sold[order["order_id"]] = goods
        return int(order["order_id"])

    def _cancel(self, order_id: int) -> None:
        self.made.control("cancel", order_id=order_id)
        self.cancelled.add(order_id)

    # --- the merchant

    def _work(self) -> None:
        """Breakages and finds; one whose outcome is not known is written again, which changes nothing."""
        dice = random.Random(self.seed + 2)
        while not self.ended.wait(ADJUST_EVERY):
            goods, delta = dice.choice(self.shop.goods), dice.choice([-5, -3, -1, 1, 2, 5])
            given = {"product": goods.product, "warehouse": self.shop.main, "delta": delta, "actor": self.shop.owner}
            operation = f"chaos:{uuid.uuid4()}"
            patiently(lambda: ledger.adjust(**given, reason="counted", operation=operation))  # noqa: B023  called now
            goods.adjusted += delta
            self.adjusted += 1
        connections.close_all()

    def _watch(self) -> None:
        """Somebody presses Connect again where a seller has to."""
        while not self.gone.wait(0.5):
            away = patiently(lambda: list(SellerAccount.objects.filter(status="needs_reconnect")))
            for account in away:
                try:
                    reconnect(account, self.shop.owner)
                    self.reconnected.append(account.pk)
                except (oauth.ConnectProblem, requests.RequestException, Error):
                    connections.close_all()  # pressed again in a moment
        connections.close_all()

    def told(self) -> str:
        sales = f"{len(self.sold)} sales, {len(self.cancelled)} cancelled, {self.refused} refused"
        return f"{sales}, {self.adjusted} adjustments, {len(self.reconnected)} times connected again"
