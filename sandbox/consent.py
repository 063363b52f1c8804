"""GET and POST /authorization: the page where a seller allows the application, or does not."""

from __future__ import annotations

from html import escape as e
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from sandbox.answers import Answer, redirect
from sandbox.markup import hidden, page
from sandbox.request import Request
from sandbox.sellers import Seller

if TYPE_CHECKING:
    from sandbox.world import World

PATH = "/authorization"
COLLABORATOR = "collaborator"
CARRIED = ("response_type", "client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method", "scope")
CANNOT_CONNECT = "Sorry, the application cannot connect to your account"


def answer(world: World, request: Request) -> Answer | None:
    """None for any other path."""
    if request.path != PATH:
        return None
    asked = request.form() if request.method == "POST" else request.query
    with world.lock:
        refused = _refusal(world, asked)
        if refused is not None:
            return refused
        return _decide(world, asked) if request.method == "POST" else _ask(world, asked)


def _refusal(world: World, asked: dict[str, str]) -> Answer | None:
    """The page ML shows where it cannot trust the redirect: it says little about why."""
    uri = asked.get("redirect_uri", "")
    known = uri in world.redirect_uris if world.redirect_uris else urlsplit(uri).scheme in ("http", "https")
    if asked.get("client_id") != world.app.client_id or not known or not world.app.active:
        return _sorry(CANNOT_CONNECT, "Check the application's id and its redirect URI.")
    if asked.get("response_type") != "code":
        return _sorry(CANNOT_CONNECT, "The response type must be code.")
    return None


def _sorry(title: str, words: str, status: int = 400) -> Answer:
    body = (
        "<header><h1>Mercado Libre sandbox</h1></header>"
        f'<main class="narrow"><section class="problem"><h2>{e(title)}</h2><p>{e(words)}</p></section></main>'
    )
    return page(title, body, status)


def _ask(world: World, asked: dict[str, str]) -> Answer:
    carried = "".join(hidden(name, asked[name]) for name in CARRIED if name in asked)
    choices = "".join(
        _choice(str(seller.user_id), f"{seller.nickname} · {seller.site.name}", checked=number == 0)
        for number, seller in enumerate(_people(world))
    )
    collaborator = _choice(COLLABORATOR, "A collaborator of one of them, not the owner")
    body = (
        "<header><h1>Mercado Libre sandbox</h1><p>Simulated consent: no real account is involved.</p></header>"
        '<main class="narrow"><section><h2>Allow Enlace to use your account?</h2>'
        "<p>It asks to read and write your listings, stock, prices and orders, also while you are away.</p>"
        f'<form method="post" action="{PATH}">{carried}'
        f"<fieldset><legend>You are logged in as</legend>{choices}{collaborator}</fieldset>"
        '<p><button class="main" name="decision" value="allow">Allow</button> '
        '<button name="decision" value="deny">Deny</button></p></form></section></main>'
    )
    return page("Allow access · Mercado Libre sandbox", body)


def _people(world: World) -> list[Seller]:
    """Nobody logs in to a marketplace account of Global Selling."""
    return [seller for seller in world.sellers.values() if seller.parent_id is None]


def _choice(value: str, words: str, checked: bool = False) -> str:
    mark = " checked" if checked else ""
    return (
        f'<label class="choice"><input type="radio" name="user_id" value="{e(value)}"{mark} required>'
        f"<span>{e(words)}</span></label>"
    )


def _decide(world: World, asked: dict[str, str]) -> Answer:
    user_id = asked.get("user_id", "")
    if asked.get("decision") == "allow" and user_id == COLLABORATOR:
        words = "invalid_operator_user_id: only the account's main user can authorise an application."
        return _sorry(CANNOT_CONNECT, words, 403)
    state = {"state": asked["state"]} if "state" in asked else {}
    if asked.get("decision") != "allow":
        return _back(asked["redirect_uri"], {"error": "access_denied", **state})
    if user_id not in {str(seller.user_id) for seller in _people(world)}:
        return _sorry(CANNOT_CONNECT, "There is no such account.")
    method = asked.get("code_challenge_method", "plain")
    code = world.consents.code(int(user_id), asked["redirect_uri"], asked.get("code_challenge"), method)
    return _back(asked["redirect_uri"], {"code": code, **state})


def _back(redirect_uri: str, parameters: dict[str, str]) -> Answer:
    separator = "&" if urlsplit(redirect_uri).query else "?"
    return redirect(f"{redirect_uri}{separator}{urlencode(parameters)}", 302)
