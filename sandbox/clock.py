"""The simulated world's time: the real one, shifted or stopped at will."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Runs like the wall clock until `set` stops it; `advance` moves it either way. Always UTC and aware."""

    def __init__(self) -> None:
        self._shift = timedelta()
        self._stopped_at: datetime | None = None
        self.on_change: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return self._stopped_at or datetime.now(UTC) + self._shift

    def set(self, at: datetime) -> None:
        """Stop the clock at an aware datetime."""
        self._stopped_at = at.astimezone(UTC)
        self.on_change()

    def advance(self, *, seconds: float) -> None:
        """Move forward; what was due meanwhile happens at once."""
        if self._stopped_at is not None:
            self._stopped_at += timedelta(seconds=seconds)
        else:
            self._shift += timedelta(seconds=seconds)
        self.on_change()

    def run(self) -> None:
        """Let a stopped clock run on from where it stands."""
        if self._stopped_at is not None:
            self._shift = self._stopped_at - datetime.now(UTC)
            self._stopped_at = None

    def follow(self) -> None:
        """Show the real time again."""
        self._stopped_at, self._shift = None, timedelta()
