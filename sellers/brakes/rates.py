"""How much of its allowance each seller is using, read from the buckets that `sellers.brakes.budget` keeps in Redis."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from sellers.brakes import budget
from sellers.models import SellerAccount

TIMEOUT = 0.1  # seconds


def used(accounts: Iterable[SellerAccount]) -> dict[int, float | None]:
    """By seller, the share of the allowance that is used up at this moment: 0 idle, 1 where the next call waits.

    A bucket fills with each call and empties at the seller's rate, so a seller that makes calls as fast as it may
    stays at 1, whatever was counted in which minute. None where Redis does not answer: not known, which is not 0.
    """
    accounts = list(accounts)
    buckets = [_bucket(account) for account in accounts]
    try:
        ends, now = _read([f"enlace:rate:{each.key}" for each in buckets])
    except redis.RedisError:
        return dict.fromkeys([account.pk for account in accounts])
    return {
        account.pk: _share(end, now, each.tolerance) for account, each, end in zip(accounts, buckets, ends, strict=True)
    }


def _bucket(account: SellerAccount) -> budget.Bucket:
    return budget.buckets_for(account_id=account.pk, lane="orders", factor=account.rate_factor, stock_read=False)[0]


def _share(end: bytes | None, now: float, tolerance: float) -> float:
    """`end` is when the bucket will be empty, in microseconds of Redis' clock; none where it is."""
    ahead = float(end) / 1e6 - now if end else 0.0
    return round(min(1.0, max(0.0, ahead / tolerance)), 3)


def _read(keys: list[str]) -> tuple[list[Any], float]:
    pipe = _connection(settings.REDIS_URL).pipeline(transaction=False)
    pipe.time()
    if keys:
        pipe.mget(keys)
    (seconds, micros), *found = pipe.execute()
    return (found[0] if found else []), seconds + micros / 1e6


@lru_cache(maxsize=4)
def _connection(url: str) -> Any:
    return redis.Redis.from_url(
        url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=Retry(NoBackoff(), 0)
    )
