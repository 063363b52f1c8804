"""What all flows have in common."""

from __future__ import annotations

from tests.faults.stage import Stage


class Flow:
    """`act` runs in the process that dies, the rest in the test's. `check` is what this flow has to come to."""

    reconnects = 0  # sellers that have to connect again: an answer of the token endpoint is lost

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.begin()

    def begin(self) -> None:
        """What happened before."""

    def act(self) -> None:
        raise NotImplementedError

    def again(self) -> None:
        """What people, or Mercado Libre, do once more where they got no answer."""

    def check(self) -> None:
        raise NotImplementedError
