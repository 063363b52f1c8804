"""Celery tasks: wake-ups. Losing, repeating or delaying one changes nothing but the time."""

import os
import socket

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from sellers.brakes import probes
from sellers.queue import schedule, work

PUMP_AWAY = 15.0  # seconds


def who() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def drain(lane: str) -> None:
    schedule.beat(f"worker:{lane}")
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
    now = timezone.now()
    schedule.beat("beat")
    schedule.run_due(now)
    seen = schedule.last_seen("pump", now)
    if seen is None or seen > PUMP_AWAY:
        work.reap()
        probes.probe_due()
        for wake_up in WAKE_UPS.values():
            wake_up.apply_async(expires=30)


WAKE_UPS = {0: drain_orders, 1: drain_pushes, 2: drain_bulk}
