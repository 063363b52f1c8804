"""Prometheus metrics, computed when they are asked for, by a few queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Count
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dashboard import numbers, status
from sellers.models import Breaker, Notification, PushAttempt, WriteStop

HOUR = timedelta(hours=1)
UNKNOWN = float("nan")
SAID = {
    "order_lag_s": (
        "enlace_order_lag_seconds",
        "From an order's first notification until we had it, p95 of a day.",
    ),
    "push_lag_s": ("enlace_push_lag_seconds", "From wanting a quantity until it was accepted, p95 of a day."),
    "backlog": ("enlace_backlog", "Work rows that are due and not done."),
    "backlog_oldest_s": ("enlace_backlog_oldest_seconds", "Age of the oldest of them."),
    "dead": ("enlace_dead", "Work rows that failed and wait for somebody."),
    "drift": ("enlace_drift", "Listings that show another quantity at Mercado Libre than ours."),
    "max_staleness_s": ("enlace_max_staleness_seconds", "Since the listing was seen that was seen longest ago."),
    "rate_used": ("enlace_rate_used_ratio", "Of the allowance in use, of the seller that uses most."),
    "token_left_s": ("enlace_token_left_seconds", "Until the first access token ends, unless it is renewed."),
    "heartbeat_s": ("enlace_heartbeat_oldest_seconds", "Since the process was seen that was seen longest ago."),
    "silent_topics": ("enlace_silent_topics", "Topics of sellers that are silent for longer than chance explains."),
}
OF_SELLER = {
    "drift": ("enlace_seller_drift", "Listings of the seller that differ."),
    "unlinked": ("enlace_seller_unlinked", "Listings of the seller without a SKU."),
    "order_lag_s": ("enlace_seller_order_lag_seconds", "Order lag of the seller."),
    "push_lag_s": ("enlace_seller_push_lag_seconds", "Push lag of the seller."),
    "max_staleness_s": ("enlace_seller_max_staleness_seconds", "Oldest look at a listing of the seller."),
    "top_staleness_s": ("enlace_seller_top_staleness_seconds", "The same of the hundred that sell most."),
    "places_staleness_s": ("enlace_seller_places_staleness_seconds", "Oldest look at stock kept by stores."),
    "rate_used": ("enlace_seller_rate_used_ratio", "Of the seller's allowance in use."),
    "token_left_s": ("enlace_seller_token_left_seconds", "Until the seller's access token ends."),
}


class Enlace(Collector):
    """What the database knows at one moment."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.numbers = numbers.read(now)

    def collect(self) -> Iterable[Metric]:
        yield from self.work()
        yield self.notifications()
        yield self.pushes()
        yield self.heartbeats()
        yield self.sellers()
        yield from self.brakes()
        yield from self.totals()
        yield from self.each_seller()

    def work(self) -> Iterator[Metric]:
        rows = GaugeMetricFamily("enlace_work_rows", "Work rows that are not done.", labels=["kind", "state"])
        oldest = GaugeMetricFamily("enlace_work_oldest_seconds", "Age of the oldest wish.", labels=["kind"])
        due = GaugeMetricFamily("enlace_work_backlog", "Work rows that are due and not done.", labels=["kind"])
        for row in self.numbers.work:
            for state in ("ready", "leased", "dead"):
                rows.add_metric([row.kind, state], getattr(row, state))
            oldest.add_metric([row.kind], numbers.age(row.since, self.now) or 0)
            due.add_metric([row.kind], row.due)
        yield rows
        yield oldest
        yield due

    def notifications(self) -> Metric:
        found = GaugeMetricFamily("enlace_notifications_hour", "Notifications of the last hour.", labels=["verdict"])
        counted = dict.fromkeys(Notification.Verdict.values, 0) | self._lately(Notification, "received_at", "verdict")
        for verdict, count in counted.items():
            found.add_metric([verdict], count)
        return found

    def pushes(self) -> Metric:
        found = GaugeMetricFamily("enlace_pushes_hour", "Pushes of the last hour.", labels=["outcome"])
        counted = dict.fromkeys(PushAttempt.Outcome.values, 0) | self._lately(PushAttempt, "started_at", "outcome")
        for outcome, count in counted.items():
            found.add_metric([outcome], count)
        return found

    def _lately(self, model: type[Notification] | type[PushAttempt], at: str, by: str) -> dict[str, int]:
        rows = model._default_manager.filter(**{f"{at}__gt": self.now - HOUR}).order_by()
        return dict(rows.values_list(by).annotate(count=Count("pk")))

    def heartbeats(self) -> Metric:
        found = GaugeMetricFamily(
            "enlace_heartbeat_age_seconds", "Seconds since a process was seen.", labels=["process"]
        )
        for process in self.numbers.processes:
            found.add_metric([process.name], process.age.total_seconds() if process.age is not None else float("inf"))
        return found

    def brakes(self) -> Iterator[Metric]:
        stopped = GaugeMetricFamily("enlace_writes_stopped", "1 while nothing is written, by why.", labels=["cause"])
        active = set(WriteStop.objects.filter(ended_at=None).values_list("cause", flat=True))
        for cause in WriteStop.Cause.values:
            stopped.add_metric([cause], int(cause in active))
        yield stopped
        held = GaugeMetricFamily(
            "enlace_breaker_open", "1 while no calls are made because Mercado Libre does not answer.", labels=["scope"]
        )
        for scope, state in Breaker.objects.order_by("scope").values_list("scope", "state"):
            held.add_metric([scope], int(state != Breaker.State.CLOSED))
        yield held

    def sellers(self) -> Metric:
        found = GaugeMetricFamily("enlace_sellers", "Sellers by state and mode.", labels=["state", "mode"])
        counted: dict[tuple[str, str], int] = {}
        for account in (card.account for card in self.numbers.cards):
            key = (account.state, account.mode)
            counted[key] = counted.get(key, 0) + 1
        for (state, mode), count in counted.items():
            found.add_metric([state, mode], count)
        return found

    def totals(self) -> Iterator[Metric]:
        """What is not known is NaN."""
        for name, value in numbers.totals(self.numbers).items():
            yield GaugeMetricFamily(*SAID[name], value=UNKNOWN if value is None else value)

    def each_seller(self) -> Iterator[Metric]:
        rows = [status.of_seller(one) for one in self.numbers.sellers]
        for name, said in OF_SELLER.items():
            found = GaugeMetricFamily(*said, labels=["user_id"])
            for row in rows:
                found.add_metric([str(row["user_id"])], UNKNOWN if row[name] is None else row[name])
            yield found


def exposition(now: datetime) -> bytes:
    """Everything in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Enlace(now))
    return generate_latest(registry)
