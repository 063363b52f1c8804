"""Delivers notifications over HTTP: one second each, no redirects followed, tried again for an hour."""

from __future__ import annotations

import heapq
import http.client
import itertools
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from sandbox.notifications import ATTEMPTS, Notification, wait_after

if TYPE_CHECKING:
    from sandbox.world import World

TICK = 0.05
DELIVERIES_AT_ONCE = 8
MOST_DISORDER = 0.5  # seconds


class Courier:
    """A thread that keeps the queue and a few that carry. `stop` ends them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._queue: list[tuple[float, int, Notification]] = []
        self._counter = itertools.count()
        self._ready = threading.Condition()
        self._stopped = False
        self._carriers = ThreadPoolExecutor(DELIVERIES_AT_ONCE, thread_name_prefix="notify")
        self._thread = threading.Thread(target=self._run, name="notify-queue", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._ready:
            self._stopped = True
            self._ready.notify()
        self._thread.join(timeout=2)
        self._carriers.shutdown(wait=False, cancel_futures=True)

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def take(self, notification: Notification, after: float = 0.0) -> None:
        """Queue a delivery. `after` is in seconds."""
        if self._world.disorder and not after:
            after = self._world.ids.chance() * MOST_DISORDER
        with self._ready:
            heapq.heappush(self._queue, (time.monotonic() + after, next(self._counter), notification))
            self._ready.notify()

    def _run(self) -> None:
        while not self._stopped:
            # Delayed effects of the world need somebody to look at the time when nobody asks for anything.
            self._world.run_due()
            due = self._next_due()
            if due is not None:
                self._carriers.submit(self._carry, due)

    def _next_due(self) -> Notification | None:
        with self._ready:
            if not self._queue or self._queue[0][0] > time.monotonic():
                self._ready.wait(TICK)
            if self._stopped or not self._queue or self._queue[0][0] > time.monotonic():
                return None
            return heapq.heappop(self._queue)[2]

    def _carry(self, notification: Notification) -> None:
        world = self._world
        with world.lock:
            notification.sent_at = world.now()
            body, url, limit = notification.body(), world.notify_url, world.delivery_timeout
        if url is None:
            return
        started = time.monotonic()
        status = post(url, json.dumps(body).encode(), limit)
        took = time.monotonic() - started
        with world.lock:
            if status == 200 and took <= limit:
                world.mailbox.accepted(notification)
            else:
                self._again_or_never(notification, status, took)

    def _again_or_never(self, notification: Notification, status: int, took: float) -> None:
        world = self._world
        world.counters["deliveries_failed"] += 1
        if notification.attempts >= ATTEMPTS:
            milliseconds = int(took * 1000)
            world.mailbox.miss(notification, attempts=ATTEMPTS, http_code=status, req_time=milliseconds)
            return
        wait = wait_after(notification.attempts) * world.retry_scale
        notification.attempts += 1
        self.take(notification, after=max(wait, 0.001))


def post(url: str, body: bytes, limit: float) -> int:
    """POST JSON and give the status; 0 where nobody answered within `limit` seconds."""
    parts = urlsplit(url)
    connection = _connect(parts, limit)
    try:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        connection.request("POST", _target(parts), body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def _connect(parts: SplitResult, limit: float) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=limit)


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
