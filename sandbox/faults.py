"""Things that go wrong on purpose, a given number of times, for the requests they match."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.request import Request

RATE_LIMITED = "RATE_LIMITED"
SERVER_ERROR = "SERVER_ERROR"
HTML_502 = "HTML_502"
TIMEOUT = "TIMEOUT"
APPLIED_THEN_TIMEOUT = "APPLIED_THEN_TIMEOUT"
TRUNCATED_JSON = "TRUNCATED_JSON"
CONFLICT_409 = "CONFLICT_409"
STALE_READ = "STALE_READ"
SLOW = "SLOW"
PARTIAL_206 = "PARTIAL_206"
POLICY_403 = "POLICY_403"
SCOPES_403 = "SCOPES_403"
INVALID_TOKEN_401 = "INVALID_TOKEN_401"  # noqa: S105 - the name of a fault
REDIRECT_302 = "REDIRECT_302"
IGNORED_WRITE = "IGNORED_WRITE"

KINDS = {
    RATE_LIMITED: "429 with an empty body",
    SERVER_ERROR: "500 with a JSON body",
    HTML_502: "502 with an HTML page from the edge",
    TIMEOUT: "no answer, nothing done",
    APPLIED_THEN_TIMEOUT: "the write is done, no answer",
    TRUNCATED_JSON: "the answer breaks off in the middle",
    CONFLICT_409: "409, somebody else wrote",
    STALE_READ: "the state before the last change",
    SLOW: "the answer comes late",
    PARTIAL_206: "206, some fields are missing",
    POLICY_403: "403, the permission is missing",
    SCOPES_403: "403, the token lacks a scope",
    INVALID_TOKEN_401: "401, the token is refused",
    REDIRECT_302: "302 to another host",
    IGNORED_WRITE: "200, but nothing was written",
}


@dataclass
class Fault:
    """One fault. `times` None means until removed; `path` is a regular expression for the whole path."""

    kind: str
    times: int | None = 1
    path: str = ".*"
    method: str | None = None
    user_id: int | None = None
    probability: float = 1.0
    seconds: float = 0.5
    hits: int = 0
    pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind}: one of {', '.join(KINDS)}")
        try:
            self.pattern = re.compile(self.path)
        except re.error as problem:
            raise ValueError(f"{self.path} is not a regular expression: {problem}") from problem

    def matches(self, request: Request) -> bool:
        return (
            self.times != 0
            and self.method in (None, request.method)
            and self.user_id in (None, request.caller_id)
            and self.pattern.fullmatch(request.path) is not None
        )


class Faults:
    """All faults switched on, oldest first. `seen` counts those that happened, by kind."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self.seen: Counter[str] = Counter()

    def add(
        self,
        kind: str,
        *,
        times: int | None = 1,
        path: str = ".*",
        method: str | None = None,
        user_id: int | None = None,
        probability: float = 1.0,
        seconds: float = 0.5,
    ) -> Fault:
        """Switch a fault on. `seconds` is how long SLOW waits. Raises ValueError for an unknown kind."""
        fault = Fault(kind, times, path, method.upper() if method else None, user_id, probability, seconds)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    @property
    def active(self) -> list[Fault]:
        with self._lock:
            return [fault for fault in self._faults if fault.times != 0]

    def take(self, request: Request) -> Fault | None:
        """The first fault that hits this request, used up by one."""
        if not self._faults:
            return None
        with self._lock:
            for fault in self._faults:
                if fault.matches(request) and self._chance() < fault.probability:
                    return self._use(fault)
        return None

    def _use(self, fault: Fault) -> Fault:
        fault.hits += 1
        self.seen[fault.kind] += 1
        if fault.times is not None:
            fault.times -= 1
            if fault.times == 0:
                self._faults.remove(fault)
        return fault
