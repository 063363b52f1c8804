"""Named points of the flows, at which a test lets the process die or something else happen meanwhile.

Off, which is always but in tests, a point is one look at an empty dictionary. A process started with
`ENLACE_CRASH_AT=push.after_put` ends there as by kill -9, with `push.after_put:3` when it comes there for the third
time. Nothing starts with it in production. What each point stands between is told by tests/faults.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

CRASH_AT = "ENLACE_CRASH_AT"
KILLED = 137  # what a shell tells of a process that was killed

_actions: dict[str, Callable[[], object]] = {}


def point(name: str) -> None:
    """A place in a flow. Names are `flow.where`, each stands in the code once."""
    if _actions and name in _actions:
        _actions[name]()


def crash_at(where: str) -> None:
    """End this process at a point: "push.after_put", or "push.after_put:3" for the third time."""
    name, _, nth = where.partition(":")
    left = itertools.count(int(nth or 1), -1)

    def die() -> None:
        if next(left) == 1:
            os._exit(KILLED)

    _actions[name] = die


@contextmanager
def at(name: str, action: Callable[[], object]) -> Iterator[None]:
    """Run an action the first time that anybody in this process comes to a point; they wait for it."""
    left = itertools.count()

    def once() -> None:
        if next(left) == 0:
            action()

    _actions[name] = once
    try:
        yield
    finally:
        del _actions[name]


def read_environment(*, production: bool) -> None:
    """Crash where the environment says. Raises RuntimeError in production, where it may say nothing."""
    where = os.environ.get(CRASH_AT)
    if where and production:
        raise RuntimeError(f"{CRASH_AT} is for tests only: take it out of the environment.")
    if where:
        crash_at(where)
