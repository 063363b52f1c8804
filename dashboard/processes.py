"""Which processes must be alive, and which of them were seen within a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from sellers.models import Heartbeat

STALE_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Process:
    """A process that beats, by name: pump, beat, worker:orders … `seen_at` is None where it never was seen."""

    name: str
    seen_at: datetime | None
    age: timedelta | None

    @property
    def alive(self) -> bool:
        return self.age is not None and self.age <= STALE_AFTER


def expected() -> list[str]:
    return ["pump", "beat", *(f"worker:{lane}" for lane in settings.LANES)]


def all_processes(now: datetime) -> list[Process]:
    """Every expected process with the age of its last beat, in one query."""
    seen = dict(Heartbeat.objects.filter(name__in=expected()).values_list("name", "at"))
    return [process_of(name, seen.get(name), now) for name in expected()]


def process_of(name: str, seen_at: datetime | None, now: datetime) -> Process:
    return Process(name, seen_at, max(now - seen_at, timedelta(0)) if seen_at else None)
