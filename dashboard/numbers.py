"""The numbers by which it is seen whether all is well, each computed once.

Today, `manage.py status`, /readyz and /metrics show these and no others; what is not known is None, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from dashboard import processes
from dashboard.queries import sellers, work
from dashboard.queries.sellers import SellerCard
from dashboard.queries.work import Backlog, KindOfWork
from sellers.brakes import rates
from sellers.models import Hearing
from sellers.notifications import hearing

T = TypeVar("T", timedelta, float)


@dataclass(frozen=True)
class SellerNumbers:
    """A seller's card with what depends on the moment. `rate_used` is a share: see `sellers.brakes.rates`."""

    card: SellerCard
    at: datetime
    staleness: timedelta | None
    token_left: timedelta | None
    rate_used: float | None


@dataclass(frozen=True)
class Numbers:
    at: datetime
    sellers: Sequence[SellerNumbers]
    work: Sequence[KindOfWork]
    processes: Sequence[processes.Process]
    silent: Mapping[int, Sequence[Hearing]]  # topics that are silent beyond chance, by seller

    @property
    def cards(self) -> list[SellerCard]:
        return [one.card for one in self.sellers]

    @property
    def backlogs(self) -> list[Backlog]:
        """What is due and not done, by kind."""
        return [kind.backlog for kind in self.work if kind.backlog]

    @property
    def backlog(self) -> int:
        return sum(backlog.count for backlog in self.backlogs)

    @property
    def backlog_age(self) -> timedelta | None:
        return worst(self.at - backlog.since for backlog in self.backlogs)

    @property
    def dead(self) -> int:
        return sum(kind.dead for kind in self.work)

    @property
    def drift(self) -> int:
        return sum(one.card.numbers.drift for one in self.sellers)

    @property
    def order_lag(self) -> timedelta | None:
        return worst(one.card.order_lag for one in self.sellers)

    @property
    def push_lag(self) -> timedelta | None:
        return worst(one.card.push_lag for one in self.sellers)

    @property
    def staleness(self) -> timedelta | None:
        """Since the listing was looked at that was looked at longest ago, of sellers that are connected."""
        return worst(one.staleness for one in self.sellers if one.card.account.status == "connected")

    @property
    def rate_used(self) -> float | None:
        """Of the seller that uses most of its allowance."""
        return worst(one.rate_used for one in self.sellers)

    @property
    def token_left(self) -> timedelta | None:
        """Until the access of the first connected seller ends, unless it is renewed."""
        known = [one.token_left for one in self.sellers if one.token_left is not None]
        return min(known, default=None)

    @property
    def silent_topics(self) -> int:
        return sum(len(topics) for topics in self.silent.values())

    @property
    def heartbeat_age(self) -> timedelta | None:
        """Since the process was seen that was seen longest ago; None where one never was."""
        ages = [process.age for process in self.processes]
        return None if None in ages else worst(ages)


def read(now: datetime) -> Numbers:
    """Nine queries and one question to Redis, however many sellers and rows there are."""
    cards = sellers.cards(now)
    used = rates.used(card.account for card in cards)
    return Numbers(
        at=now,
        sellers=[numbers_of(card, used[card.pk], now) for card in cards],
        work=work.by_kind(),
        processes=processes.all_processes(now),
        silent=hearing.silent_topics(),
    )


def numbers_of(card: SellerCard, rate_used: float | None, now: datetime) -> SellerNumbers:
    connected = card.account.status == "connected"
    ends = card.token_expires_at if connected else None
    seen = card.numbers.seen_at
    return SellerNumbers(
        card=card,
        at=now,
        staleness=max(now - seen, timedelta(0)) if seen else None,
        token_left=max(ends - now, timedelta(0)) if ends else None,
        rate_used=rate_used,
    )


def worst(values: Iterable[T | None]) -> T | None:
    return max((value for value in values if value is not None), default=None)


def totals(numbers: Numbers) -> dict[str, float | None]:
    """The whole in eleven numbers; lengths in seconds. Named as in `manage.py status --json`, /readyz and /metrics."""
    return {
        "order_lag_s": seconds(numbers.order_lag),
        "push_lag_s": seconds(numbers.push_lag),
        "backlog": numbers.backlog,
        "backlog_oldest_s": seconds(numbers.backlog_age),
        "dead": numbers.dead,
        "drift": numbers.drift,
        "max_staleness_s": seconds(numbers.staleness),
        "rate_used": numbers.rate_used,
        "token_left_s": seconds(numbers.token_left),
        "heartbeat_s": seconds(numbers.heartbeat_age),
        "silent_topics": numbers.silent_topics,
    }


def seconds(length: timedelta | None) -> float | None:
    return None if length is None else round(max(0.0, length.total_seconds()), 3)


def age(at: datetime | None, now: datetime) -> float | None:
    return seconds(now - at) if at else None
