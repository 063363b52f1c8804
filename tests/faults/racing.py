"""Two at once: one is held at a named point while another does something."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

from sellers import points
from sellers.models import Work
from sellers.queue import work
from tests.faults import processes
from tests.faults.invariants import broken
from tests.faults.stage import Stage

WAIT = 10.0
A_MOMENT = 0.3  # in which somebody must be seen waiting


class Beside:
    """Something another worker does meanwhile, with a connection of its own. `join` gives its answer or its error."""

    def __init__(self, action: Callable[[], Any]) -> None:
        self.action, self.answer, self.error = action, None, None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.answer = self.action()
        except BaseException as error:
            self.error = error
        finally:
            connections.close_all()

    def join(self) -> Any:
        self.thread.join(WAIT)
        assert not self.thread.is_alive(), "it hangs"
        if self.error is not None:
            raise self.error
        return self.answer

    @property
    def waits(self) -> bool:
        """Whether it is still not done a moment later: somebody else holds what it needs."""
        self.thread.join(A_MOMENT)
        return self.thread.is_alive()


@contextmanager
def held_at(name: str, action: Callable[[], Any]) -> Iterator[Beside]:
    """A worker that does something and is held at a point as long as the block lasts. Afterwards it has ended."""
    there, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        there.set()
        assert go_on.wait(WAIT), "nobody let it go on"

    with points.at(name, hold):
        worker = Beside(action)
        try:
            while not there.wait(0.05):
                assert worker.thread.is_alive(), f"{name} was not reached: {worker.error}"
            yield worker
        finally:
            go_on.set()
            worker.thread.join(WAIT)
    worker.join()


@contextmanager
def meanwhile(name: str, action: Callable[[], Any]) -> Iterator[None]:
    """The action happens when anybody in this process comes to the point; somebody has to."""
    happened = []
    with points.at(name, lambda: happened.append(action())):
        yield
    assert happened, f"{name} was not reached"


def claims_of(kind: str) -> list[work.Claim]:
    """Everything of a kind that waits, for one worker; the rest is left to others."""
    rows = work.claim(lane=work.lane_of(kind), who="one", limit=50)
    work.give_back(one for one in rows if one.kind != kind)
    return [one for one in rows if one.kind == kind]


def claim_of(kind: str) -> work.Claim:
    (claimed,) = claims_of(kind)
    return claimed


def lease_ends() -> None:
    """A minute passes in which the worker was frozen: its row is given to others."""
    processes.time_passes()
    work.reap()
    Work.objects.filter(state="ready").update(due_at=processes.LONG_AGO)


def a_minute_passes(monkeypatch: Any) -> None:
    """For whoever looks at the clock from now on."""
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + 60)


def comes_right(stage: Stage, **expected: Any) -> None:
    """The rest is worked off, and everything holds."""
    processes.work_off()
    assert not (found := broken(stage.market, **expected)), "\n".join(found)
