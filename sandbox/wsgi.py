"""The WSGI application: the simulated API, the consent page, the control page."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sandbox import consent, control, misbehaviour, pages
from sandbox.answers import Answer, Refusal, error
from sandbox.log import LoggedRequest, without_secrets
from sandbox.misbehaviour import NoAnswer
from sandbox.request import Request
from sandbox.routes import find

if TYPE_CHECKING:
    from sandbox.faults import Fault
    from sandbox.world import World

StartResponse = Callable[[str, list[tuple[str, str]]], Any]

logger = logging.getLogger(__name__)

REASONS = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    206: "Partial Content",
    302: "Found",
    303: "See Other",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    504: "Gateway Timeout",
}


class Application:
    """WSGI. A caller without a socket sets `sandbox.in_process` in the environment: it gets NoAnswer raised
    where others would wait for an answer that never comes. `sleep` is how late answers are made late."""

    def __init__(self, world: World, *, sleep: Callable[[float], object] = time.sleep) -> None:
        self.world = world
        self.sleep = sleep

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        answer = self.answer(Request.from_environ(environ))
        payload = b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.payload()
        headers = [("Content-Length", str(len(payload))), *answer.headers.items()]
        if payload:
            headers.append(("Content-Type", answer.content_type))
        start_response(f"{answer.status} {REASONS.get(answer.status, 'Unknown')}", headers)
        return [payload]

    def answer(self, request: Request) -> Answer:
        """Raises NoAnswer for a caller in the same process where nobody would answer."""
        self.world.run_due()
        for answers_page in (pages.answer, control.answer, consent.answer):
            page = answers_page(self.world, request)
            if page is not None:
                return page
        return self._api(request)

    def _api(self, request: Request) -> Answer:
        world = self.world
        request.caller_id = _caller(world, request)
        world.hooks.run_before(request)
        fault = world.faults.take(request)
        started = world.now()
        try:
            answer = misbehaviour.answer(world, request, fault, self._dispatch)
        except NoAnswer:
            self._log(request, 0, started, fault)
            if request.in_process:
                raise
            self.sleep(world.hang_seconds)
            return misbehaviour.gateway_timeout()
        world.hooks.run_after(request)
        if fault is not None and fault.kind == "SLOW":
            self.sleep(fault.seconds)
        self._log(request, answer.status, started, fault)
        return answer

    def _dispatch(self, request: Request) -> Answer:
        found = find(request.method, request.path)
        if found is None:
            return error(404, "not_found", "resource not found")
        route, arguments = found
        with self.world.lock:
            try:
                if not route.open:
                    _check_token(self.world, request)
                return route.handler(self.world, request, *arguments)
            except Refusal as refusal:
                return refusal.answer

    def _log(self, request: Request, status: int, started: Any, fault: Fault | None) -> None:
        self.world.requests.append(
            LoggedRequest(
                request.method,
                request.path,
                without_secrets(request.query_string),
                request.caller_id,
                status,
                _logged_body(request),
                started,
                self.world.now(),
                fault.kind if fault else None,
            )
        )


def _caller(world: World, request: Request) -> int:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return (world.consents.user_of(token) or 0) if scheme == "Bearer" else 0


def _check_token(world: World, request: Request) -> None:
    """401 where there is no valid token, and for everybody while the application is blocked."""
    if world.app_blocked:
        raise Refusal(error(401, "unauthorized_scopes", "The application is blocked"))
    if not request.caller_id:
        raise Refusal(misbehaviour.invalid_token(request.path))
    world.limits.check_seller(request.caller_id)


def _logged_body(request: Request) -> Any:
    """Parsed JSON. Forms carry secrets: they are not kept."""
    if not request.body or not request.headers.get("content-type", "").startswith("application/json"):
        return None
    try:
        return json.loads(request.body)
    except ValueError:
        return None
