"""Requests per minute: of a seller, of the token endpoint, of stock reads."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING

from sandbox.answers import Answer, Refusal, error, text

if TYPE_CHECKING:
    from sandbox.world import World

MINUTE = 60.0


class Limits:
    """A sliding minute for each name."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._times: defaultdict[str, deque[float]] = defaultdict(deque)

    def exceeded(self, name: str, per_minute: int) -> bool:
        """Count one; say whether it was one too many. Refused ones do not count."""
        now = self._world.now().timestamp()
        times = self._times[name]
        while times and times[0] <= now - MINUTE:
            times.popleft()
        if len(times) >= per_minute:
            self._world.counters["rate_limited"] += 1
            return True
        times.append(now)
        return False

    def check_seller(self, user_id: int) -> None:
        if self.exceeded(f"seller {user_id}", self._world.rate_per_minute):
            raise Refusal(Answer(429, None))

    def check_global_searches(self, user_id: int) -> None:
        if self.exceeded(f"global search {user_id}", self._world.global_searches_per_minute):
            raise Refusal(Answer(429, None))

    def check_tokens(self) -> None:
        if self.exceeded("tokens", self._world.token_rate_per_minute):
            raise Refusal(text("local_rate_limited", 429))

    def check_stock_reads(self, user_id: int) -> None:
        if self.exceeded(f"stock {user_id}", self._world.stock_reads_per_minute):
            raise Refusal(error(429, "too_many_requests", "Too many requests"))
