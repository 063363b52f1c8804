"""Both sides as they are now: the sandbox by its control API, ours by the database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sellers.models import SellerAccount
from tests.bench.market import Market

EVERYTHING = 1_000_000


@dataclass
class Look:
    """Both sides, as they are now. `dead`: work that was meant to fail, as (kind, key); `reconnects`: how many sellers
    have to connect again because an answer was lost on its way; `answered`: how many notifications were told 200.
    `at_rest`: nobody works any more, so that nothing waits, is held or is under way."""

    made: Market
    at_rest: bool = True
    dead: Collection[tuple[str, str]] = ()
    reconnects: int = 0
    answered: int = 0

    @cached_property
    def accounts(self) -> dict[int, SellerAccount]:
        """By every number they have at Mercado Libre."""
        found = SellerAccount.objects.exclude(status="disconnected")
        return {number: account for account in found for number in account.user_ids}

    @cached_property
    def items(self) -> dict[str, dict[str, Any]]:
        return {one["id"]: one for one in self.made.look("items", limit=EVERYTHING)["items"]}

    @cached_property
    def orders(self) -> dict[int, dict[str, Any]]:
        found = self.made.look("orders", limit=EVERYTHING)["orders"]
        return {one["id"]: one for one in found if one["seller_id"] in self.accounts}

    @cached_property
    def requests(self) -> list[dict[str, Any]]:
        return list(self.made.look("requests", limit=EVERYTHING)["requests"])

    @cached_property
    def counters(self) -> dict[str, int]:
        return dict(self.made.look("state")["counters"])
