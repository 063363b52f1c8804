"""How each fault shows in the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.answers import Answer, error, html, text
from sandbox.faults import Fault
from sandbox.request import Request

if TYPE_CHECKING:
    from sandbox.world import World

Dispatch = Callable[[Request], Answer]

ELSEWHERE = "http://redirected.invalid/"
LEFT_OUT = ("buyer", "feedback", "health", "sale_terms")


class NoAnswer(Exception):
    """Nothing comes back. A transport turns this into its read timeout."""


def answer(world: World, request: Request, fault: Fault | None, dispatch: Dispatch) -> Answer:
    """The answer to a request, spoilt by a fault if there is one. Raises NoAnswer."""
    if fault is None:
        return dispatch(request)
    return SPOILT[fault.kind](request, dispatch)


def gateway_timeout() -> Answer:
    return html("<html><head><title>504 Gateway Time-out</title></head><body>504 Gateway Time-out</body></html>", 504)


def invalid_token(path: str) -> Answer:
    """401 in the usual envelope, and in the one of the pricing resources."""
    if path.startswith("/pricing-automation"):
        return Answer(401, {"code": "unauthorized", "message": "invalid access token"})
    return error(401, "not_found", "invalid_token")


def _rate_limited(request: Request, dispatch: Dispatch) -> Answer:
    return text("local_rate_limited", 429) if request.path == "/oauth/token" else Answer(429, None)


def _server_error(request: Request, dispatch: Dispatch) -> Answer:
    return error(500, "internal_server_error", "internal_error")


def _bad_gateway(request: Request, dispatch: Dispatch) -> Answer:
    return html("<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>", 502)


def _timeout(request: Request, dispatch: Dispatch) -> Answer:
    raise NoAnswer


def _applied_then_timeout(request: Request, dispatch: Dispatch) -> Answer:
    dispatch(request)
    raise NoAnswer


def _truncated(request: Request, dispatch: Dispatch) -> Answer:
    whole = dispatch(request)
    payload = whole.payload() or b'{"id": '
    return Answer(whole.status, payload[: max(1, len(payload) // 2)], whole.headers)


def _conflict(request: Request, dispatch: Dispatch) -> Answer:
    by_version = request.path.startswith("/user-products")
    return error(409, "conflict", "Version mismatch" if by_version else "item optimistic locking error: conflict")


def _stale(request: Request, dispatch: Dispatch) -> Answer:
    request.stale = True
    return dispatch(request)


def _slow(request: Request, dispatch: Dispatch) -> Answer:
    return dispatch(request)


def _partial(request: Request, dispatch: Dispatch) -> Answer:
    """Usable, but the fields named in the header are not there."""
    whole = dispatch(request)
    if whole.status != 200 or not isinstance(whole.body, dict):
        return whole
    missing = [name for name in LEFT_OUT if name in whole.body]
    body = {name: value for name, value in whole.body.items() if name not in missing}
    return Answer(206, body, {**whole.headers, "X-Content-Missing": ", ".join(missing)})


def _policy(request: Request, dispatch: Dispatch) -> Answer:
    return Answer(
        403,
        {
            "code": "PA_UNAUTHORIZED_RESULT_FROM_POLICIES",
            "blocked_by": "PolicyAgent",
            "message": "At least one policy returned UNAUTHORIZED.",
            "status": 403,
        },
    )


def _scopes(request: Request, dispatch: Dispatch) -> Answer:
    return Answer(403, {"status": 403, "error": "Invalid scopes", "code": "FORBIDDEN"})


def _invalid_token(request: Request, dispatch: Dispatch) -> Answer:
    return invalid_token(request.path)


def _redirect(request: Request, dispatch: Dispatch) -> Answer:
    return Answer(302, None, {"Location": ELSEWHERE})


def _ignored(request: Request, dispatch: Dispatch) -> Answer:
    return Answer(body={})


SPOILT: dict[str, Callable[[Request, Dispatch], Answer]] = {
    "RATE_LIMITED": _rate_limited,
    "SERVER_ERROR": _server_error,
    "HTML_502": _bad_gateway,
    "TIMEOUT": _timeout,
    "APPLIED_THEN_TIMEOUT": _applied_then_timeout,
    "TRUNCATED_JSON": _truncated,
    "CONFLICT_409": _conflict,
    "STALE_READ": _stale,
    "SLOW": _slow,
    "PARTIAL_206": _partial,
    "POLICY_403": _policy,
    "SCOPES_403": _scopes,
    "INVALID_TOKEN_401": _invalid_token,
    "REDIRECT_302": _redirect,
    "IGNORED_WRITE": _ignored,
}
