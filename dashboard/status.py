"""What `manage.py status` prints: sellers, work, processes and the whole in a few numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dashboard import numbers
from dashboard.numbers import Numbers, SellerNumbers, age, seconds

Report = dict[str, Any]


def report(now: datetime) -> Report:
    """See /readyz for ready or not; ages are in seconds, None where there is nothing to measure."""
    return as_report(numbers.read(now))


def as_report(found: Numbers) -> Report:
    return {
        "sellers": [of_seller(one) for one in found.sellers],
        "work": [
            {
                "kind": row.kind,
                "ready": row.ready,
                "leased": row.leased,
                "dead": row.dead,
                "oldest_s": age(row.since, found.at),
                "backlog": row.due,
                "backlog_oldest_s": age(row.due_since, found.at),
            }
            for row in found.work
        ],
        "processes": [{"name": process.name, "last_seen_s": seconds(process.age)} for process in found.processes],
        "totals": numbers.totals(found),
    }


def of_seller(one: SellerNumbers) -> dict[str, Any]:
    account, counted = one.card.account, one.card.numbers
    return {
        "nickname": account.nickname,
        "user_id": account.ml_user_id,
        "site": account.site_id,
        "state": account.state,
        "mode": account.mode,
        "listings": counted.listings,
        "unlinked": counted.unlinked,
        "drift": counted.drift,
        "max_staleness_s": seconds(one.staleness),
        "top_listings": counted.looks.top_count,
        "top_staleness_s": age(counted.looks.top, one.at),
        "places_staleness_s": age(counted.looks.places, one.at),
        "order_lag_s": seconds(one.card.order_lag),
        "push_lag_s": seconds(one.card.push_lag),
        "rate_used": one.rate_used,
        "token_left_s": seconds(one.token_left),
    }
