"""How often we may call: budgets per seller, per application and per resource, taken before each request.

All processes share one count in Redis: a GCRA per bucket, all buckets of a call taken together or none, in one round
trip. While Redis is silent each process counts by itself, at its share of the rate: slow, never open.

    seller       the budget: 80 % of MELI_RATE_PER_MINUTE times the seller's rate factor, a burst of two seconds' worth;
                 the rest is left to the seller's other applications and to how ML counts
    lane         pushes may use all but a fiftieth of it, bulk half; a lower lane finds the burst empty earlier (at 80 %
                 and 50 % of it), so that orders find room at once and pushes go before bulk
    retries      a fifth of the budget for calls of work that failed before, so that an outage is not made worse
    application  MELI_APP_RATE_PER_HOUR, where it is set
    stock reads  80 of the 100 reads of user-product stock that ML allows a minute
"""

from __future__ import annotations

import contextlib
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.db.models.functions import Least, Now
from redis.backoff import NoBackoff
from redis.retry import Retry

from mercadolibre.protocol import Request, Response
from mercadolibre.transport import Transport
from sellers.models import SellerAccount
from sellers.queue.outcomes import TryLater

USED_SHARE = 0.8
LANE_SHARE = {"orders": 1.0, "pushes": 0.98, "bulk": 0.5}  # of the rate
LANE_BURST = {"orders": 1.0, "pushes": 0.8, "bulk": 0.5}  # of the burst
BURST_SECONDS = 2.0
STOCK_READS_PER_MINUTE = 80
TOKEN_CALLS_PER_MINUTE = 60
STOCK_READ = re.compile(r"/user-products/[A-Z0-9]+/stock")
REDIS_TIMEOUT = 0.05
REDIS_PAUSE = 1.0  # seconds without asking a Redis that did not answer
PROCESSES = 8  # what one process may use of the rate while it counts alone
PATIENCE = 1.0  # seconds a call waits for its turn before the whole work is put back
RETRY_SHARE = 0.2
RETRY_BURST_SECONDS = 10.0
SLOWED_AT_MOST = 0.1  # of the rate is left however often ML says 429
PAUSE = (2.0, 5.0)  # seconds after the first 429, doubled with each that follows
LONGEST_PAUSE = 60.0

_lane: ContextVar[str] = ContextVar("lane", default="orders")
_retrying: ContextVar[bool] = ContextVar("retrying", default=False)
_ahead: ContextVar[list[int] | None] = ContextVar("ahead", default=None)  # calls of a seller taken and not made yet


@contextlib.contextmanager
def in_lane(lane: str) -> Iterator[None]:
    """Calls made inside are counted for this lane."""
    token = _lane.set(lane)
    try:
        yield
    finally:
        _lane.reset(token)


def current_lane() -> str:
    return _lane.get()


@contextlib.contextmanager
def retrying(again: bool) -> Iterator[None]:
    """Calls made inside are tries again of what failed before, where `again` is true."""
    token = _retrying.set(again)
    try:
        yield
    finally:
        _retrying.reset(token)


@dataclass(frozen=True)
class Bucket:
    """`interval` seconds between calls when they are even; `tolerance` seconds they may come early: the burst."""

    key: str
    interval: float
    tolerance: float

    def slower(self, times: int) -> Bucket:
        return Bucket(self.key, self.interval * times, self.interval * times)

    def at_once(self, calls: int) -> Bucket:
        """The same bucket, from which one take takes many calls."""
        return Bucket(self.key, self.interval * calls, self.tolerance)


def bucket(key: str, per_second: float, burst: float) -> Bucket:
    interval = 1 / per_second
    return Bucket(key, interval, max(burst, 1.0) * interval)


def buckets_for(*, account_id: int, lane: str, factor: float, stock_read: bool) -> list[Bucket]:
    """Every bucket that one call has to pass."""
    per_second = settings.MELI_RATE_PER_MINUTE / 60 * USED_SHARE * factor
    share, burst = LANE_SHARE[lane], BURST_SECONDS * per_second * LANE_BURST[lane]
    # A lower lane finds the seller's bucket full earlier: the rest of the burst is kept for the lanes above.
    found = [bucket(f"{account_id}", per_second, burst)]
    if share < 1:
        found.append(bucket(f"{account_id}:{lane}", per_second * share, burst))
    if _retrying.get():
        retries = per_second * RETRY_SHARE
        found.append(bucket(f"{account_id}:retries", retries, retries * RETRY_BURST_SECONDS))
    if stock_read:
        found.append(bucket(f"{account_id}:stock", STOCK_READS_PER_MINUTE / 60, BURST_SECONDS * 2))
    if settings.MELI_APP_RATE_PER_HOUR:
        per_second = settings.MELI_APP_RATE_PER_HOUR / 3600
        found.append(bucket("application", per_second, per_second * 60 * LANE_BURST[lane]))
    return found


# KEYS are the buckets; ARGV holds interval and tolerance of each, in microseconds. Answers the wait, 0 when taken.
TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local wait, ends = 0, {}
for i, key in ipairs(KEYS) do
  local interval, tolerance = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  ends[i] = math.max(tonumber(redis.call('GET', key) or now), now) + interval
  wait = math.max(wait, ends[i] - tolerance - now)
end
if wait > 0 then return math.ceil(wait) end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.0f', ends[i]), 'PX', math.ceil((ends[i] - now) / 1000) + 1000)
end
return 0
"""


@dataclass
class Alone:
    """The count of one process, for while Redis is silent."""

    ends: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, buckets: list[Bucket], *, now: float) -> float:
        """Seconds to wait, 0 when taken."""
        with self.lock:
            ends = {each.key: max(self.ends.get(each.key, now), now) + each.interval for each in buckets}
            wait = max(ends[each.key] - each.tolerance - now for each in buckets)
            if wait > 1e-9:
                return wait
            self.ends.update(ends)
            return 0.0


class Shared:
    """The count in Redis, with one's own as the fallback."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        connection: Any = redis.Redis.from_url(
            url,
            socket_timeout=REDIS_TIMEOUT,
            socket_connect_timeout=REDIS_TIMEOUT,
            retry=Retry(NoBackoff(), 0),
        )
        self._script = connection.register_script(TAKE)
        self._alone = Alone()
        self._clock = clock
        self._ask_again_at = 0.0

    def take(self, buckets: list[Bucket]) -> float:
        """Seconds to wait, 0 when taken."""
        now = self._clock()
        if now >= self._ask_again_at:
            try:
                return self._ask(buckets)
            except redis.RedisError:
                self._ask_again_at = now + REDIS_PAUSE
        return self._alone.take([each.slower(PROCESSES) for each in buckets], now=now)

    def _ask(self, buckets: list[Bucket]) -> float:
        keys = [f"enlace:rate:{each.key}" for each in buckets]
        figures = [round(value * 1e6) for each in buckets for value in (each.interval, each.tolerance)]
        return int(self._script(keys=keys, args=figures)) / 1e6


@lru_cache(maxsize=4)
def shared(url: str) -> Shared:
    return Shared(url)


def take(buckets: list[Bucket], *, patience: float = PATIENCE) -> None:
    """Take one call's worth out of every bucket, waiting at most `patience` seconds. Raises TryLater."""
    waited = 0.0
    while wait := shared(settings.REDIS_URL).take(buckets):
        if waited + wait > patience:
            raise TryLater("The calls we allow ourselves are used up for the moment.", timedelta(seconds=wait))
        time.sleep(wait)
        waited += wait


@contextlib.contextmanager
def taken_ahead(calls: int, *, account_id: int, factor: float) -> Iterator[None]:
    """Take the calls that a seller's work is going to make inside in one round trip.

    Where they are not all there at this moment each is taken when it is made, as ever. What is not used is lost.
    """
    buckets = buckets_for(account_id=account_id, lane=current_lane(), factor=factor, stock_read=False)
    waits = calls < 2 or shared(settings.REDIS_URL).take([each.at_once(calls) for each in buckets])
    token = _ahead.set(None if waits else [account_id] * calls)
    try:
        yield
    finally:
        _ahead.reset(token)


def is_taken(account_id: int) -> bool:
    """Whether a call of this seller was taken ahead; then it is used now."""
    left = _ahead.get()
    if not left or left[-1] != account_id:
        return False
    left.pop()
    return True


def take_token_call(*, patience: float = 0) -> None:
    """The same for the token endpoint, whose limit is the application's. Raises TryLater."""
    take([bucket("token", TOKEN_CALLS_PER_MINUTE / 60, 5)], patience=patience)


@dataclass(frozen=True)
class BudgetTransport:
    """A transport that waits its turn. `lane` None: the lane of the work that is being done."""

    inner: Transport
    account_id: int
    factor: float = 1.0
    lane: str | None = None

    def send(self, request: Request, *, base_url: str, access_token: str | None) -> Response:
        stock_read = request.method == "GET" and STOCK_READ.fullmatch(request.path) is not None
        lane = self.lane or current_lane()
        if stock_read or not is_taken(self.account_id):
            buckets = buckets_for(account_id=self.account_id, lane=lane, factor=self.factor, stock_read=stock_read)
            take(buckets)
        return self.inner.send(request, base_url=base_url, access_token=access_token)


# What was sent before the last 429 came, or while its pause lasts, belongs to the same burst.
SLOW_DOWN = """
update sellers_selleraccount
   set rate_factor = greatest(rate_factor / 2, %(least)s), slowed_at = now(), slowed_times = counted.times,
       throttle_until = now() + make_interval(
         secs => greatest(least(%(pause)s * 2 ^ (counted.times - 1), %(longest)s), %(asked)s))
  from (select id, case when slowed_at > now() - interval '3 minutes'
                        then least(slowed_times + 1, 10) else 1 end as times
          from sellers_selleraccount where id = %(id)s for update) as counted
 where sellers_selleraccount.id = counted.id and coalesce(throttle_until, '-infinity') <= now()
   and coalesce(slowed_at, '-infinity') < now() - make_interval(secs => %(elapsed)s)
"""


def slow_down(account_id: int, *, elapsed: float, retry_after: float | None = None) -> bool:
    """ML said 429 to a call that took `elapsed` seconds: half the rate for all workers, and a pause.

    However many calls of one burst are refused, it happens once. False where it had happened.
    """
    pause = random.uniform(*PAUSE)  # noqa: S311  spreads sellers, guards nothing
    values = {"id": account_id, "elapsed": elapsed, "pause": pause, "asked": retry_after or 0.0}
    with connection.cursor() as cursor:
        cursor.execute(SLOW_DOWN, values | {"least": SLOWED_AT_MOST, "longest": LONGEST_PAUSE})
        return bool(cursor.rowcount)


def recover() -> None:
    """Give sellers that ML had slowed down a tenth of their rate back; run once a minute."""
    slowed = SellerAccount.objects.filter(rate_factor__lt=1).exclude(throttle_until__gt=Now())
    slowed.update(rate_factor=Least(F("rate_factor") + 0.1, 1.0))
