"""The numbers of `manage.py status`: sellers, work, processes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dashboard import processes
from dashboard.queries import sellers
from dashboard.queries.sellers import SellerCard
from dashboard.queries.work import by_kind


def report(now: datetime) -> dict[str, list[dict[str, Any]]]:
    """See /readyz for ready or not; ages are in seconds, None where there is nothing to measure."""
    return {
        "sellers": [of_seller(card, now) for card in sellers.cards(now)],
        "work": [
            {
                "kind": row["kind"],
                "ready": row["ready"],
                "leased": row["leased"],
                "dead": row["dead"],
                "oldest_s": age(row["oldest"], now),
            }
            for row in by_kind()
        ],
        "processes": [
            {"name": process.name, "last_seen_s": seconds(process.age)} for process in processes.all_processes(now)
        ],
    }


def of_seller(card: SellerCard, now: datetime) -> dict[str, Any]:
    account, numbers = card.account, card.numbers
    return {
        "nickname": account.nickname,
        "user_id": account.ml_user_id,
        "site": account.site_id,
        "state": account.state,
        "mode": account.mode,
        "listings": numbers.listings,
        "unlinked": numbers.unlinked,
        "drift": numbers.drift,
        "max_staleness_s": age(numbers.seen_at, now),
        "order_lag_s": seconds(card.order_lag),
        "push_lag_s": seconds(card.push_lag),
    }


def age(at: datetime | None, now: datetime) -> float | None:
    return seconds(now - at) if at else None


def seconds(length: timedelta | None) -> float | None:
    return round(max(0.0, length.total_seconds()), 3) if length is not None else None
