"""Stops of writing: while one has not ended nothing is written to Mercado Libre for any seller.

Staff stops and goes on; what an installation found out about itself is in `sellers.brakes.installation`.
"""

from __future__ import annotations

import logging
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from sellers.models import WriteStop
from sellers.points import point
from sellers.queue import wishes

logger = logging.getLogger(__name__)

SHOWN = "write-stops"  # kept for the banner of every page
SHOWN_FOR = 5  # seconds
Cause = WriteStop.Cause


def active() -> QuerySet[WriteStop]:
    return WriteStop.objects.filter(ended_at=None).select_related("started_by", "released_by").order_by("pk")


def stop(*, cause: str = Cause.STAFF, reason: str, by: Any = None) -> bool:
    """Write nothing for any seller from now on. False where it was stopped for this cause already."""
    if active().filter(cause=cause).exists():
        return False
    made = WriteStop(cause=cause, reason=reason, started_by=by)
    WriteStop.objects.bulk_create([made], ignore_conflicts=True)
    point("stop.written")
    began = active().filter(cause=cause, reason=reason, started_by=by).exists()
    cache.delete(SHOWN)
    if began:
        logger.warning("writing to Mercado Libre is stopped (%s) by %s: %s", cause, by or "the installation", reason)
    return began


def go_on(pk: int, *, by: Any = None) -> bool:
    """End a stop that staff made; what waited is sent. False where it had ended."""
    return _end(WriteStop.objects.filter(pk=pk, cause=Cause.STAFF), by=by)


def end_released(pk: int) -> bool:
    """End a stop that was released, once everything was compared. False where it had ended or was not released."""
    return _end(WriteStop.objects.filter(pk=pk, released_at__isnull=False), by=None)


def _end(stops: QuerySet[WriteStop], *, by: Any) -> bool:
    ended = stops.filter(ended_at=None).update(ended_at=Now(), ended_by=by)
    point("stop.ended")
    cache.delete(SHOWN)
    if ended and not active().exists():
        logger.warning("writing to Mercado Libre goes on (%s)", by or "compared")
        wishes.wake_all()
    return bool(ended)


def shown(request: HttpRequest) -> list[WriteStop]:
    """For the banner of every page; kept for a few seconds."""
    found: list[WriteStop] | None = cache.get(SHOWN)
    if found is None:
        found = list(active())
        cache.set(SHOWN, found, SHOWN_FOR)
    return found
