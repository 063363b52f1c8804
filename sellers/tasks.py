"""Celery tasks: wake-ups. Losing, repeating or delaying one changes nothing but the time.

None expires: that would be told by the clocks of two machines, and one that is wrong would do nothing any more.
"""

import os
import socket

from celery import shared_task
from django.conf import settings

from sellers import clock
from sellers.brakes import installation, probes
from sellers.queue import schedule, work

PUMP_AWAY = 15.0  # seconds
TOGETHER = 1.0  # seconds in which many pulses are one: they waited for a worker that was away


def who() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def drain(lane: str) -> None:
    schedule.beat(f"worker:{lane}")
    installation.attend()
    work.drain(settings.LANES[lane], who=who())


@shared_task
def drain_orders() -> None:
    drain("orders")


@shared_task
def drain_pushes() -> None:
    drain("pushes")


@shared_task
def drain_bulk() -> None:
    drain("bulk")


@shared_task
def tick() -> None:
    """Celery beat's pulse: run what the clock says is due, and wake every lane while the pump is away."""
    if not schedule.beat("beat", again_after=TOGETHER):
        return drain("orders")  # whose wake-ups wait behind those pulses
    now = clock.now()
    schedule.run_due(now)
    seen = schedule.last_seen("pump", now)
    if seen is None or seen > PUMP_AWAY:
        work.reap()
        probes.probe_due()
        for wake_up in WAKE_UPS.values():
            wake_up.apply_async()


WAKE_UPS = {0: drain_orders, 1: drain_pushes, 2: drain_bulk}
