"""The pump: the one process that listens for asked work and wakes the workers. Without it everything happens, later.

It also gives back the rows of dead workers, refreshes tokens (nobody else does), takes in the notification spool, runs
the schedule while beat is away and drains the lanes by itself while the broker is away.
"""

from __future__ import annotations

import logging
import math
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import Error, close_old_connections, connection, connections

from sellers import clock
from sellers.brakes import installation, probes
from sellers.connection import tokens
from sellers.notifications import inbox
from sellers.points import point
from sellers.queue import schedule, work
from sellers.queue.waking import Waker
from sellers.queue.work_sql import DUE
from sellers.tasks import who

logger = logging.getLogger(__name__)

LOCK = 0x656E6C61  # advisory lock: one pump at a time, others stand by
TICK = 2.0
GATHER = 0.02  # seconds that wishes are gathered before one wake-up is sent for them
BEAT_AWAY = 45.0
BROKER_AWAY = 15.0
KEEP_WAKING = 15.0  # every lane is woken this often, so that its worker is seen alive


class Pump:
    """Run with `run()` until `stopping` is set; `tick()` is one round of the clock, for tests and for the loop."""

    def __init__(self, waker: Waker | None = None) -> None:
        self.waker = waker or Waker()
        self.stopping = threading.Event()
        self.woken_at = 0.0
        self.side: dict[str, threading.Thread] = {}

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                self._listen()
            except (psycopg.Error, Error, OSError) as error:
                logger.warning("the database does not answer (%s); trying again", type(error).__name__)
                connections.close_all()
                self.stopping.wait(random.uniform(0.2, 1.0))  # noqa: S311

    def _listen(self) -> None:
        """Hold one connection: first the lock, then LISTEN; wake lanes as they are asked for."""
        with psycopg.connect(**listen_parameters(), autocommit=True) as listening:
            if not self._take_lock(listening):
                return
            listening.execute(f"listen {work.CHANNEL}")
            next_tick = 0.0
            while not self.stopping.is_set():
                if time.monotonic() >= next_tick:
                    self.tick()
                    next_tick = time.monotonic() + TICK
                for lane in self._asked(listening, max(0.01, next_tick - time.monotonic())):
                    self.waker.wake(lane)

    def _take_lock(self, listening: psycopg.Connection[Any]) -> bool:
        row = listening.execute("select pg_try_advisory_lock(%s)", [LOCK]).fetchone()
        if row and row[0]:
            return True
        self.stopping.wait(TICK)
        return False

    def _asked(self, listening: psycopg.Connection[Any], seconds: float) -> list[int]:
        """Lanes asked for: wait for the first wish, then gather for a moment."""
        lanes = {int(notify.payload) for notify in listening.notifies(timeout=min(seconds, 0.5), stop_after=1)}
        if lanes:
            lanes |= {int(notify.payload) for notify in listening.notifies(timeout=GATHER)}
        return sorted(lanes)

    def tick(self) -> None:
        close_old_connections()
        schedule.beat("pump")
        work.reap()
        point("pump.reaped")
        self._replay_spool()
        self._aside("refresh", refresh_tokens)
        self._aside("probe", probes.probe_due)
        self._aside("installation", installation.attend)
        point("pump.before_wake")
        self._wake_due()
        now = clock.now()
        seen = schedule.last_seen("beat", now)
        if seen is None or seen > BEAT_AWAY:
            schedule.run_due(now)
        if self.waker.silent_for() > BROKER_AWAY:
            for lane in self.waker.queues:
                self._aside(f"drain-{lane}", drain_here(lane))

    def _replay_spool(self) -> None:
        with connection.cursor() as cursor:
            inbox.replay(cursor)

    def _wake_due(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(DUE, {"push_kinds": list(work.PUSH_KINDS)})
            due = dict(cursor.fetchall())
        if time.monotonic() - self.woken_at > KEEP_WAKING:
            due, self.woken_at = dict.fromkeys(self.waker.queues, 1) | due, time.monotonic()
        for lane, rows in sorted(due.items()):
            for _ in range(math.ceil(rows / work.TOGETHER)):
                if not self.waker.wake(lane):
                    break

    def _aside(self, name: str, what: Callable[[], Any]) -> None:
        """Run something slow beside the loop, one at a time by name."""
        running = self.side.get(name)
        if running is None or not running.is_alive():
            self.side[name] = threading.Thread(target=aside, args=(name, what), name=name)
            self.side[name].start()

    def stop(self) -> None:
        """Stop after what is under way; a token exchange is always finished."""
        self.stopping.set()

    def finish(self) -> None:
        for thread in self.side.values():
            thread.join()


def aside(name: str, what: Callable[[], Any]) -> None:
    try:
        what()
    except Exception:
        logger.exception("%s failed", name)
    finally:
        connections.close_all()


def refresh_tokens() -> None:
    tokens.refresh_due(clock.now())


def drain_here(lane: int) -> Callable[[], int]:
    return lambda: work.drain(lane, who=f"pump {who()}", seconds=10)


def listen_parameters() -> dict[str, Any]:
    found = dict(connection.get_connection_params())
    for name in ("cursor_factory", "context", "prepare_threshold"):
        found.pop(name, None)
    return found | {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
