"""Prometheus metrics, computed when they are asked for, by a few queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Count
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dashboard import processes
from dashboard.queries.work import by_kind
from sellers.models import Notification, PushAttempt, SellerAccount

HOUR = timedelta(hours=1)


class Enlace(Collector):
    """What the database knows at one moment."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterable[Metric]:
        yield from self.work()
        yield self.notifications()
        yield self.pushes()
        yield self.heartbeats()
        yield self.sellers()

    def work(self) -> Iterator[Metric]:
        rows = GaugeMetricFamily("enlace_work_rows", "Work rows that are not done.", labels=["kind", "state"])
        oldest = GaugeMetricFamily("enlace_work_oldest_seconds", "Age of the oldest wish.", labels=["kind"])
        for row in by_kind():
            for state in ("ready", "leased", "dead"):
                rows.add_metric([row["kind"], state], row[state])
            oldest.add_metric([row["kind"]], (self.now - row["oldest"]).total_seconds() if row["oldest"] else 0)
        yield rows
        yield oldest

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
        for process in processes.all_processes(self.now):
            found.add_metric([process.name], process.age.total_seconds() if process.age is not None else float("inf"))
        return found

    def sellers(self) -> Metric:
        found = GaugeMetricFamily("enlace_sellers", "Sellers by state and mode.", labels=["state", "mode"])
        counted: dict[tuple[str, str], int] = {}
        for account in SellerAccount.objects.only("status", "pushes_paused", "mode"):
            key = (account.state, account.mode)
            counted[key] = counted.get(key, 0) + 1
        for (state, mode), count in counted.items():
            found.add_metric([state, mode], count)
        return found


def exposition(now: datetime) -> bytes:
    """Everything in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Enlace(now))
    return generate_latest(registry)
