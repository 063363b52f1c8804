"""Requests and answers as plain values, and what an answer means. No I/O here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mercadolibre.encoding import excerpt, parse_json
from mercadolibre.envelopes import error_from
from mercadolibre.errors import BadResponse, UnexpectedRedirect

Query = tuple[tuple[str, str], ...]

PATH = re.compile(r"(/[A-Za-z0-9_-]+)+")


@dataclass(frozen=True)
class Request:
    """What is asked. `json` or `form` is the body, never both; amounts in `json` are int or Decimal."""

    method: str
    path: str
    query: Query = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not PATH.fullmatch(self.path):
            raise ValueError("not a path of the API")

    @property
    def name(self) -> str:
        """For messages and logs: method and path, without query, headers or body."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Response:
    """What came back. `elapsed` is seconds. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    elapsed: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", {name.lower(): value for name, value in self.headers.items()})

    @property
    def missing(self) -> tuple[str, ...]:
        """The parts ML left out of a 206 answer (header X-Content-Missing), which is usable without them."""
        names = self.headers.get("x-content-missing", "").split(",")
        return tuple(name.strip() for name in names if name.strip())


def decode(response: Response, request: Request) -> Any:
    """The answer's JSON (amounts as Decimal), None for an empty body. Raises an error of the tree for all else."""
    if 200 <= response.status < 300:
        return _content(response, request)
    if 300 <= response.status < 400:
        raise UnexpectedRedirect(status=response.status, request=request.name)
    raise error_from(response.status, response.headers, response.body, request.name)


def _content(response: Response, request: Request) -> Any:
    if not response.body.strip():
        return None
    try:
        return parse_json(response.body)
    except ValueError as error:
        raise bad_response(response, request, "not JSON") from error


def bad_response(response: Response, request: Request, message: str) -> BadResponse:
    return BadResponse(message, status=response.status, request=request.name, body=excerpt(response.body))
