"""Carries requests. The only module that knows `requests`; it decides nothing about what an answer means."""

import ssl
import threading
import time
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from typing import Protocol
from urllib.parse import urlencode

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ReadTimeoutError

from mercadolibre.encoding import encode
from mercadolibre.errors import BadResponse, ConnectFailed, ConnectionLost, TimedOut, TransportError
from mercadolibre.protocol import Request, Response

CONNECT_TIMEOUT = 3.0
READ_TIMEOUT = 10.0
TOTAL_TIMEOUT = 30.0
BODY_LIMIT = 5 * 1024 * 1024
CHUNK = 64 * 1024


class Transport(Protocol):
    """The seam for tests: anything that can carry a request."""

    def send(self, request: Request, *, base_url: str, access_token: str | None) -> Response:
        """Carry one request and bring back the answer, whatever its status. Raises TransportError."""
        ...


class RequestsTransport:
    """One `requests` session per thread. Follows no redirect, reads no environment, keeps no cookie, logs nothing.

    Timeouts are seconds. Only a refused connection is tried again, once: nothing was sent by then.
    """

    def __init__(
        self,
        *,
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        body_limit: int = BODY_LIMIT,
        session_factory: Callable[[], requests.Session] = requests.Session,
    ) -> None:
        self._timeout = (connect_timeout, read_timeout)
        self._body_limit = body_limit
        self._session_factory = session_factory
        self._local = threading.local()

    def send(self, request: Request, *, base_url: str, access_token: str | None) -> Response:
        """Carry one request. Raises ConnectFailed, TimedOut, ConnectionLost, or BadResponse above the body limit."""
        try:
            return self._try(request, base_url, access_token)
        except requests.RequestException as error:
            if not _caused_by(error, ConnectionRefusedError):
                raise _translated(error, request) from None
        try:
            return self._try(request, base_url, access_token)
        except requests.RequestException as error:
            raise _translated(error, request) from None

    def _try(self, request: Request, base_url: str, access_token: str | None) -> Response:
        started = time.monotonic()
        prepared = self._session.prepare_request(_prepare(request, base_url, access_token))
        with self._session.send(
            prepared, timeout=self._timeout, allow_redirects=False, stream=True, verify=True
        ) as answer:
            body = self._read(answer, request, deadline=started + TOTAL_TIMEOUT)
            return Response(answer.status_code, answer.headers, body, time.monotonic() - started)

    def _read(self, answer: requests.Response, request: Request, *, deadline: float) -> bytes:
        body = bytearray()
        for chunk in answer.iter_content(CHUNK):
            body += chunk
            if len(body) > self._body_limit:
                raise BadResponse("the answer is too large", status=answer.status_code, request=request.name)
            if time.monotonic() > deadline:
                raise TimedOut("the answer took too long", request=request.name)
        return bytes(body)

    @property
    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            session = self._session_factory()
            session.trust_env = False
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            # requests reads the whole body of a redirect to find the next address, even when told not to follow it
            session.get_redirect_target = _nowhere  # type: ignore[method-assign, assignment]
            self._local.session = session
        session = self._local.session
        assert isinstance(session, requests.Session)
        return session


def _nowhere(answer: requests.Response) -> None:
    return None


def _prepare(request: Request, base_url: str, access_token: str | None) -> requests.Request:
    url = base_url.rstrip("/") + request.path
    headers = {"Accept": "application/json", "User-Agent": "enlace", **request.headers}
    if access_token is not None:
        headers["Authorization"] = f"Bearer {access_token}"
    body: bytes | None = None
    if request.json is not None:
        headers["Content-Type"] = "application/json"
        body = encode(request.json)
    elif request.form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(request.form).encode()
    query = urlencode(request.query)
    return requests.Request(request.method, f"{url}?{query}" if query else url, headers=headers, data=body)


def _translated(error: requests.RequestException, request: Request) -> TransportError:
    """Our error for one of `requests`; its text stays behind, it may hold addresses with queries."""
    kind = type(error).__name__
    if _caused_by(error, NewConnectionError, ConnectTimeoutError, ConnectionRefusedError):
        return ConnectFailed(kind, request=request.name)
    if isinstance(error, requests.ConnectTimeout | ValueError) or _caused_by(error, ssl.SSLCertVerificationError):
        return ConnectFailed(kind, request=request.name)
    if isinstance(error, requests.Timeout) or _caused_by(error, ReadTimeoutError, TimeoutError):
        return TimedOut(kind, request=request.name)
    return ConnectionLost(kind, request=request.name)


def _caused_by(error: BaseException, *kinds: type[BaseException]) -> bool:
    """Whether one of the kinds is the error or anywhere behind it, however `requests` and urllib3 wrapped it."""
    waiting: list[object] = [error]
    seen: list[object] = []
    while waiting:
        one = waiting.pop()
        if isinstance(one, kinds):
            return True
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    return False
