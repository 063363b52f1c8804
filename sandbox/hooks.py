"""Something of a test's own, run just before or just after the simulated API does a request."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.request import Request


@dataclass
class _Hook:
    method: str
    pattern: re.Pattern[str]
    action: Callable[[], object]
    times: int


class Hooks:
    """Directed races: `world.hooks.after("GET", "/items/MLA1", lambda: world.sell("MLA1"))`."""

    def __init__(self) -> None:
        self._before: list[_Hook] = []
        self._after: list[_Hook] = []

    def before(self, method: str, path: str, action: Callable[[], object], *, times: int = 1) -> None:
        """Run before the request is done. `path` is a regular expression for the whole path."""
        self._before.append(_Hook(method, re.compile(path), action, times))

    def after(self, method: str, path: str, action: Callable[[], object], *, times: int = 1) -> None:
        """Run after the answer is made and before it is given."""
        self._after.append(_Hook(method, re.compile(path), action, times))

    def run_before(self, request: Request) -> None:
        if self._before:
            _run(self._before, request)

    def run_after(self, request: Request) -> None:
        if self._after:
            _run(self._after, request)


def _run(hooks: list[_Hook], request: Request) -> None:
    for hook in list(hooks):
        if hook.method == request.method and hook.pattern.fullmatch(request.path):
            hook.times -= 1
            if hook.times <= 0:
                hooks.remove(hook)
            hook.action()
