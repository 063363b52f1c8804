"""When calls to Mercado Libre are held back because it does not answer, and when they go on. Pure.

A call is bad where no answer came or a 5xx; any other answer is good, whatever it says: somebody was there to say it.

    closed   calls are made; 20 calls within a minute of which half were bad open the breaker
    open     no calls for 30 s, twice as long each time it opens again soon after closing, at most 5 min
    probing  one process makes one call: good closes, bad opens; where nothing is heard of it another may try
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

WINDOW = timedelta(seconds=60)
ENOUGH = 20  # calls, below which nothing is known
SHARE = 0.5
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=5)
SPREAD = 0.2  # of a pause, more or less, so that many sellers do not come back at one moment
PROBE_LIFE = timedelta(seconds=60)  # a probe not heard of for so long died with its process
SOON = timedelta(minutes=10)  # after closing: opening again is the same trouble
MOST_SELLERS = 0.75

CLOSED, OPEN, PROBING = "closed", "open", "probing"


@dataclass(frozen=True)
class Tally:
    """Calls of the last minute."""

    good: int = 0
    bad: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.good + other.good, self.bad + other.bad)

    @property
    def mostly_bad(self) -> bool:
        return self.bad > 0 and self.bad >= SHARE * (self.good + self.bad)

    @property
    def opens(self) -> bool:
        return self.good + self.bad >= ENOUGH and self.mostly_bad


@dataclass(frozen=True)
class Circuit:
    """A breaker's state. `times` counts openings in a row, `probe_at` says when the next call may be tried."""

    state: str = CLOSED
    times: int = 0
    opened_at: datetime | None = None
    probe_at: datetime | None = None
    closed_at: datetime | None = None

    def may_probe(self, now: datetime) -> bool:
        return self.state != CLOSED and (self.probe_at is None or self.probe_at <= now)


def is_bad(status: int) -> bool:
    """Whether an answer says that Mercado Libre is in trouble."""
    return status >= 500 or status == 408


def all_are_down(sellers: Iterable[Tally]) -> bool:
    """Whether it is Mercado Libre as a whole: most of at least two sellers that called were answered badly."""
    called = [tally for tally in sellers if tally.good + tally.bad]
    bad = sum(tally.mostly_bad for tally in called)
    return len(called) >= 2 and bad >= MOST_SELLERS * len(called) and sum(called, Tally()).opens


def pause_of(times: int, chance: float) -> timedelta:
    """How long nothing is called after the `times`-th opening in a row; `chance` from 0 to 1 spreads it."""
    pause: timedelta = min(FIRST_PAUSE * 2 ** min(times - 1, 10), LONGEST_PAUSE)
    return min(pause * (1 - SPREAD + 2 * SPREAD * chance), LONGEST_PAUSE)


def opened(circuit: Circuit, *, now: datetime, chance: float) -> Circuit:
    """The breaker after too many bad calls. One that is not closed stays as it is."""
    if circuit.state != CLOSED:
        return circuit
    again = circuit.closed_at is not None and now - circuit.closed_at < SOON
    times = circuit.times + 1 if again else 1
    return replace(circuit, state=OPEN, times=times, opened_at=now, probe_at=now + pause_of(times, chance))


def opened_again(circuit: Circuit, *, now: datetime, chance: float) -> Circuit:
    """The breaker after a bad probe."""
    times = circuit.times + 1
    return replace(circuit, state=OPEN, times=times, probe_at=now + pause_of(times, chance))


def probing(circuit: Circuit, *, now: datetime) -> Circuit:
    """The breaker while one call is tried."""
    return replace(circuit, state=PROBING, probe_at=now + PROBE_LIFE)


def closed(circuit: Circuit, *, now: datetime) -> Circuit:
    return replace(circuit, state=CLOSED, probe_at=None, closed_at=now)


def not_tried(circuit: Circuit, *, now: datetime) -> Circuit:
    """The probe could not be made, for a reason of ours: later, at no other pace."""
    return replace(circuit, state=OPEN, probe_at=now + FIRST_PAUSE)
