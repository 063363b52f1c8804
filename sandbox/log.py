"""What was asked of the simulated API, without secrets."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

SECRET_PARAMETERS = {"access_token", "code", "refresh_token", "client_secret", "code_verifier"}


@dataclass(frozen=True)
class LoggedRequest:
    """One request. `status` is 0 where no answer was given; `body` is the parsed JSON, None for forms."""

    method: str
    path: str
    query: str
    user_id: int
    status: int
    body: Any
    at: datetime
    ended_at: datetime
    fault: str | None = None


class RequestLog:
    """The last requests, oldest first. Iterable, with len."""

    def __init__(self, size: int) -> None:
        self._lines: deque[LoggedRequest] = deque(maxlen=size)

    def append(self, line: LoggedRequest) -> None:
        self._lines.append(line)

    def clear(self) -> None:
        self._lines.clear()

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(list(self._lines))

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, index: int) -> LoggedRequest:
        return self._lines[index]

    def to(self, path: str, method: str | None = None) -> list[LoggedRequest]:
        """Those to exactly one path."""
        return [line for line in self if line.path == path and method in (None, line.method)]


def without_secrets(query: str) -> str:
    if not query or not any(name in query for name in SECRET_PARAMETERS):
        return query
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(name, "…" if name in SECRET_PARAMETERS else value) for name, value in pairs])
