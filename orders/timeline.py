"""What became of a sale, step by step, with the time from each step to the next. Pure but for the words."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Step:
    """An event; `note` says how long after the one before it happened."""

    at: datetime
    what: str
    tone: str = ""
    url: str = ""
    note: str = ""


def told(steps: Iterable[Step | None]) -> list[Step]:
    """Steps in the order they happened, each with its lag."""
    known = sorted((step for step in steps if step is not None), key=lambda step: step.at)
    with_lags = known[:1]
    for before, step in itertools.pairwise(known):
        lag = _("%(time)s later") % {"time": lag_words(step.at - before.at)}
        with_lags.append(Step(step.at, step.what, step.tone, step.url, lag))
    return with_lags


def lag_words(lag: timedelta) -> str:
    """A lag as its two largest parts: "0 s", "47 s", "3 min 5 s", "2 h 10 min", "4 d 3 h"."""
    seconds = max(0, int(lag.total_seconds()))
    parts = [(seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s")]
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    return " ".join(f"{number} {unit}" for number, unit in parts[:2] if number or len(parts) == 1)


def step(at: datetime | None, what: Any, tone: str = "", url: str = "") -> Step | None:
    """A step, or None where it has not happened."""
    return Step(at, str(what), tone, url) if at else None
