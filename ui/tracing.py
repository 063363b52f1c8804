"""What is being done at this moment, for every log line that is written meanwhile: the request, or the piece of work.

    with tracing.about(work_id=7, kind="order", key="2001", seller=3):
        logger.info("taken in")            # the line carries all four

A line about something else than its surroundings says so: `logger.info("done", extra=tracing.extra(work_id=8))`.
Of rows that are worked off together `works` has the ids by key: a line carries all, or its own where it has a key.
Values are ids and short words of ours: never a token, never a buyer's data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

NAMED = 10
_about: ContextVar[Mapping[str, object]] = ContextVar("about", default={})  # noqa: B039  never changed in place


@contextmanager
def about(**fields: object) -> Iterator[None]:
    """Lines logged inside carry these fields, besides those around them."""
    token = _about.set({**_about.get(), **fields})
    try:
        yield
    finally:
        _about.reset(token)


def current() -> Mapping[str, object]:
    return _about.get()


def together(own: Mapping[str, Any]) -> dict[str, Any]:
    """A line's own fields with those around it. About one of several rows at hand it carries the id of that one."""
    found: dict[str, Any] = {**_about.get(), **own}
    works: Mapping[str, int] = found.pop("works", {})
    if own.get("key") in works:
        found.setdefault("work_id", works[own["key"]])
    elif works:
        found["work_ids"] = list(works.values())
    return found


def named(things: Sequence[str]) -> str:
    """The first of many things, for a log line."""
    more = len(things) - NAMED
    return ", ".join(things[:NAMED]) + (f" and {more} more" if more > 0 else "")


def extra(**fields: object) -> dict[str, Any]:
    """For `extra=` of one log line: its own fields, before those around it."""
    return {"about": fields}
