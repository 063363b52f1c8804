"""A process whose clock on the wall is an hour off."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine


@contextmanager
def another_hour(hours: int, *, world: Any = None) -> Iterator[None]:
    """Inside, the clock of this process is so many hours ahead (or behind) and goes on; that of `world`, which lives in
    the same process, stays right."""
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=hours), tick=True):
        if world:
            world.clock.advance(seconds=-3600 * hours)
        yield
    if world:
        world.clock.advance(seconds=3600 * hours)
