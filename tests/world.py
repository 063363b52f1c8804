"""The simulated Mercado Libre behind the real `requests` stack: an adapter instead of a socket, nothing patched."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from sandbox.misbehaviour import NoAnswer
from sandbox.wsgi import Application

URL = "http://mercadolibre.test"
present: dict[str, Application] = {}


class WsgiAdapter(BaseAdapter):
    """Carries a prepared request to the sandbox of the running test."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        answer: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            answer.update(status=int(status.split()[0]), headers=headers)

        try:
            chunks = present["application"](environ_of(request), start_response)
        except NoAnswer:
            raise requests.ReadTimeout(request=request) from None
        response = requests.Response()
        response.status_code = answer["status"]
        response.headers = CaseInsensitiveDict(answer["headers"])
        response.raw = io.BytesIO(b"".join(chunks))
        response.request, response.url = request, request.url or ""
        return response

    def close(self) -> None:
        """Nothing is held open."""


def environ_of(request: requests.PreparedRequest) -> dict[str, Any]:
    url = urlsplit(request.url or "")
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    environ = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": url.path,
        "QUERY_STRING": url.query,
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "wsgi.input": io.BytesIO(body),
        "sandbox.in_process": True,
    }
    return environ | {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}


def session() -> requests.Session:
    """What settings.MELI_SESSION_FACTORY names in tests: every address leads to the sandbox."""
    made = requests.Session()
    made.mount("http://", WsgiAdapter())
    made.mount("https://", WsgiAdapter())
    return made
