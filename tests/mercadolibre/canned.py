"""A transport that carries nothing: it gives the answers it was told to and keeps what it was asked."""

import json
from collections.abc import Mapping
from typing import Any

from mercadolibre.client import Client
from mercadolibre.encoding import encode
from mercadolibre.protocol import Request, Response


class CannedTransport:
    def __init__(self) -> None:
        self.answers: list[Response | Exception] = []
        self.asked: list[Request] = []
        self.tokens: list[str | None] = []

    def send(self, request: Request, *, base_url: str, access_token: str | None) -> Response:
        self.asked.append(request)
        self.tokens.append(access_token)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def will_answer(self, body: Any = b"", *, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append(Response(status, headers or {}, content))

    @property
    def last(self) -> Request:
        return self.asked[-1]

    @property
    def last_query(self) -> dict[str, str]:
        return dict(self.last.query)

    @property
    def last_body(self) -> str:
        return encode(self.last.json).decode()


class World:
    """A client, the transport under it and a clock that stands still until moved."""

    def __init__(self, *, may_write: Any = True, client_class: type[Client] = Client) -> None:
        self.transport = CannedTransport()
        self.now = 1000.0
        self.client = client_class(
            self.transport,
            "https://api.example",
            "APP_USR-token-of-the-seller",
            may_write=may_write,
            clock=lambda: self.now,
        )
        self.will_answer = self.transport.will_answer
