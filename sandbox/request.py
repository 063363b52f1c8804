"""One HTTP request, parsed once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from sandbox.answers import Json, bad_request

MAX_BODY = 1 << 20


@dataclass
class Request:
    """`query` keeps the last of repeated parameters; `caller_id` is the user of the access token, once checked."""

    method: str
    path: str
    query_string: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    in_process: bool = False
    caller_id: int = 0
    stale: bool = False

    @classmethod
    def from_environ(cls, environ: Mapping[str, Any]) -> "Request":
        """`headers` have lower-case names with dashes. `sandbox.in_process` marks a caller without a socket."""
        length = min(int(environ.get("CONTENT_LENGTH") or 0), MAX_BODY)
        headers = {
            name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")
        }
        headers["content-type"] = environ.get("CONTENT_TYPE", "")
        return cls(
            method=environ["REQUEST_METHOD"],
            path=environ.get("PATH_INFO") or "/",
            query_string=environ.get("QUERY_STRING", ""),
            headers=headers,
            body=environ["wsgi.input"].read(length) if length else b"",
            in_process=bool(environ.get("sandbox.in_process")),
        )

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    def form_pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    def form(self) -> dict[str, str]:
        return dict(self.form_pairs())

    def json(self) -> Json:
        """The body as an object, decimals exact. Refuses with 400 what is not a JSON object."""
        try:
            parsed = json.loads(self.body, parse_float=Decimal)
        except ValueError as problem:
            raise bad_request("Malformed JSON in the request body", "json_parse_error") from problem
        if not isinstance(parsed, dict):
            raise bad_request("The request body must be a JSON object", "bad_request")
        return parsed


def integer(value: str | None, default: int) -> int:
    """A paging parameter; anything but digits falls back to the default."""
    return int(value) if value and value.isascii() and value.isdigit() else default
