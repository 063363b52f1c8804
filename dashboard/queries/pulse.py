"""How fast and how much: lags, pushes per hour, what is linked and what differs, by seller."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Aggregate, Count, DurationField, F, Q
from django.db.models.functions import Greatest, TruncHour

from catalog.models import Variation
from dashboard.kept import kept
from inventory.models import StockTarget
from inventory.patrol import staleness
from inventory.patrol.staleness import OldestLook
from orders.models import Order
from sellers.models import PushAttempt

DAY = timedelta(days=1)
NEVER = OldestLook()
HOURS = 24
Outcome = PushAttempt.Outcome
DONE = (Outcome.UNCHANGED, Outcome.VERIFIED, Outcome.ACCEPTED)
REFUSED = (Outcome.REJECTED,)


class P95(Aggregate):
    """The value that 95 of 100 do not exceed."""

    name = "P95"
    template = "percentile_cont(0.95) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True)
class Hour:
    """Pushes that began within an hour."""

    at: datetime
    done: int = 0
    again: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Numbers:
    """What a seller's listings come to, and when the one was looked at that nobody saw for longest."""

    units: int = 0
    unlinked: int = 0
    drift: int = 0
    looks: OldestLook = NEVER

    @property
    def listings(self) -> int:
        return self.looks.listings

    @property
    def seen_at(self) -> datetime | None:
        return self.looks.every


def order_lags(now: datetime) -> dict[int, timedelta]:
    """From the first notification of an order until we had it, p95 of the last day, by seller. One query."""
    told = Order.objects.filter(date_created__gt=now - DAY, announced_at__isnull=False)
    return _by_seller(told, "account_id", F("first_seen_at") - F("announced_at"))


def push_lags(now: datetime) -> dict[int, timedelta]:
    """From wanting a quantity until ML accepted it, p95 of a day, by seller. One query, kept while it is slow."""
    return kept("push_lags", lambda: _push_lags(now))


def _push_lags(now: datetime) -> dict[int, timedelta]:
    # What was wanted while the seller only observed waits since it went live.
    wanted = Greatest(F("wanted_at"), F("variation__listing__account__live_since"))
    sent = StockTarget.objects.filter(accepted_at__gt=now - DAY, accepted_at__gte=wanted)
    return _by_seller(sent, "variation__listing__account_id", F("accepted_at") - wanted)


def _by_seller(rows: Any, path: str, lag: Any) -> dict[int, timedelta]:
    lags = rows.order_by().values_list(path).annotate(lag=P95(lag, output_field=DurationField()))
    return {account_id: max(found, timedelta(0)) for account_id, found in lags}


def worst(lags: Iterable[timedelta]) -> timedelta | None:
    return max(lags, default=None)


def pushes_per_hour(now: datetime) -> list[Hour]:
    """The last 24 hours, the present one last. Hours that are over are counted once and kept. One query."""
    present = now.replace(minute=0, second=0, microsecond=0)
    hours = [present - timedelta(hours=back) for back in reversed(range(HOURS))]
    known = {hour: found for hour in hours if (found := cache.get(_name(hour)))}
    unknown = [hour for hour in hours if hour not in known]
    counted = _counted(unknown[0])
    for hour in unknown:
        known[hour] = counted.get(hour, Hour(hour))
        if hour < present - timedelta(hours=1):
            cache.set(_name(hour), known[hour], HOURS * 3600)
    return [known[hour] for hour in hours]


def _name(hour: datetime) -> str:
    return f"pushes:{hour:%Y%m%d%H}"


def _counted(since: datetime) -> dict[datetime, Hour]:
    rows = (
        PushAttempt.objects.filter(started_at__gte=since)
        .order_by()
        .values(hour=TruncHour("started_at"))
        .annotate(
            done=Count("pk", filter=Q(outcome__in=DONE)),
            refused=Count("pk", filter=Q(outcome__in=REFUSED)),
            every=Count("pk"),
        )
    )
    return {
        row["hour"]: Hour(row["hour"], row["done"], row["every"] - row["done"] - row["refused"], row["refused"])
        for row in rows
    }


def numbers_by_seller() -> dict[int, Numbers]:
    """Listings, units, unlinked, drift and the oldest look of every seller. Two queries, kept while they are slow."""
    return kept("numbers_by_seller", _count_numbers)


def _count_numbers() -> dict[int, Numbers]:
    units = _units_by_seller()
    return {pk: Numbers(looks=looks, **units.get(pk, {"units": 0})) for pk, looks in staleness.by_seller().items()}


def _units_by_seller() -> dict[int, dict[str, int]]:
    rows = (
        Variation.objects.filter(gone_at__isnull=True, listing__missing_since__isnull=True)
        .exclude(listing__status="closed")
        .order_by()
        .values("listing__account_id")
        .annotate(
            units=Count("pk"),
            unlinked=Count("pk", filter=Q(mapping__isnull=True, ignored=False, listing__parent_item__isnull=True)),
            drift=Count("pk", filter=Q(stock_target__state=StockTarget.State.DRIFT)),
        )
    )
    return {row["listing__account_id"]: {name: row[name] for name in ("units", "unlinked", "drift")} for row in rows}
