"""Counts that cost something are kept for twenty times as long as they took, so cheap ones are always fresh."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import cache

T = TypeVar("T")
WORTH = 20
FRESH_BELOW = 0.05  # seconds of counting that need no keeping
LONGEST = 60


def kept(name: str, count: Callable[[], T]) -> T:
    """The answer of `count`, or its last one where counting was slow and not long ago."""
    found: Any = cache.get(name)
    if found is not None:
        answer: T = found[0]
        return answer
    began = time.monotonic()
    answer = count()
    took = time.monotonic() - began
    if took > FRESH_BELOW:
        cache.set(name, (answer,), min(LONGEST, took * WORTH))
    return answer
