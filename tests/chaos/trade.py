"""What buyers and the seller do meanwhile."""

from __future__ import annotations

import random

import requests

from tests.bench import market


class Trade:
    """Random sales and cancellations, some within moments of each other; some notifications are lost for good."""

    def __init__(self, made: market.Market, groups: list[list[str]], seed: int) -> None:
        self.made, self.groups = made, groups
        self.random = random.Random(seed)
        self.sold: list[int] = []
        self.cancelled: set[int] = set()
        self.refused = 0

    def step(self) -> None:
        dice = self.random.random()
        if dice < 0.45:
            self._sell()
        elif dice < 0.6 and self.sold:
            self._cancel()
        elif dice < 0.65:
            self.made.control("drop", count=1, missed=self.random.random() < 0.5)

    def _sell(self) -> None:
        item_id = self.random.choice(self.random.choice(self.groups))
        try:
            self.sold.append(self.made.control("sell", item_id=item_id)["order_id"])
        except requests.HTTPError:
            self.refused += 1  # nothing left to sell on this listing

    def _cancel(self) -> None:
        order_id = self.random.choice(self.sold)
        if order_id not in self.cancelled:
            self.made.control("cancel", order_id=order_id)
            self.cancelled.add(order_id)

    def told(self) -> str:
        return f"{len(self.sold)} sales, {len(self.cancelled)} cancelled, {self.refused} refused"
