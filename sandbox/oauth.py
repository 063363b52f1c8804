"""POST /oauth/token: codes and refresh tokens become access tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.answers import Answer, Refusal
from sandbox.request import Request
from sandbox.tokens import Grant
from sandbox.users import app_owner_id

if TYPE_CHECKING:
    from sandbox.world import World

INVALID_GRANT = "Error validating grant. Your authorization code or refresh token may be expired or it was already used"


def refuse(world: World, code: str, words: str) -> Refusal:
    """The text is under `error_description`, or under `message` as older recordings have it."""
    return Refusal(Answer(400, {world.oauth_error_key: words, "error": code, "status": 400, "cause": []}))


def post_token(world: World, request: Request) -> Answer:
    """Parameters count only in a form body, each of them once."""
    world.limits.check_tokens()
    form = _form(world, request)
    exchange = GRANT_TYPES.get(form.get("grant_type", ""))
    if "grant_type" not in form:
        raise _missing(world, "grant_type")
    if exchange is None:
        raise refuse(world, "unsupported_grant_type", f"{form['grant_type']} is not supported")
    _check_client(world, form)
    try:
        grant = exchange(world, form)
    except Refusal as refusal:
        words = refusal.answer.body
        raise refuse(world, words["error"], words.get("message") or words[world.oauth_error_key]) from refusal
    if grant is None:
        raise refuse(world, "invalid_grant", INVALID_GRANT)
    return Answer(body=grant.body())


def _form(world: World, request: Request) -> dict[str, str]:
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise refuse(world, "invalid_request", "the content type must be application/x-www-form-urlencoded")
    pairs = request.form_pairs()
    form = dict(pairs)
    if len(form) < len(pairs):
        raise refuse(world, "invalid_request", "a parameter is repeated")
    return form


def _missing(world: World, name: str) -> Refusal:
    return refuse(world, "invalid_request", f"{name} is a required parameter")


def _check_client(world: World, form: dict[str, str]) -> None:
    for name in ("client_id", "client_secret"):
        if not form.get(name):
            raise _missing(world, name)
    if (form["client_id"], form["client_secret"]) != (world.app.client_id, world.app.client_secret):
        raise refuse(world, "invalid_client", "credenciales inv&aacute;lidas")


def _authorization_code(world: World, form: dict[str, str]) -> Grant | None:
    for name in ("code", "redirect_uri"):
        if not form.get(name):
            raise _missing(world, name)
    return world.consents.exchange(form["code"], form["redirect_uri"], form.get("code_verifier"))


def _refresh_token(world: World, form: dict[str, str]) -> Grant | None:
    if not form.get("refresh_token"):
        raise _missing(world, "refresh_token")
    return world.consents.refresh(form["refresh_token"])


def _client_credentials(world: World, form: dict[str, str]) -> Grant | None:
    """A token of the application alone; it reads as the application's owner and cannot be refreshed."""
    owner_id = app_owner_id(world)
    return None if owner_id is None else world.consents.app_token(owner_id)


GRANT_TYPES: dict[str, Callable[[World, dict[str, str]], Grant | None]] = {
    "authorization_code": _authorization_code,
    "refresh_token": _refresh_token,
    "client_credentials": _client_credentials,
}
