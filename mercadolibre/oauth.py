"""OAuth 2.0 with PKCE: the address the seller consents at, and the token endpoint."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import urlencode

from mercadolibre.envelopes import token_error_from
from mercadolibre.errors import BadResponse
from mercadolibre.fields import Malformed, build, required_integer, required_text, text, wire, word
from mercadolibre.protocol import Request, Response, decode
from mercadolibre.sites import SITES
from mercadolibre.transport import Transport


@dataclass(frozen=True)
class Token:
    """POST /oauth/token. `expires_in` is seconds; no refresh token when the application may not work offline."""

    access_token: str = field(repr=False, metadata={"read": required_text, "path": None})
    refresh_token: str | None = field(repr=False, metadata={"read": text, "path": None})
    expires_in: int = wire(required_integer)
    user_id: int = wire(required_integer)
    scope: str = wire(word)  # a list of words that may grow: "offline_access read write urn:…"
    token_type: str = wire(word)

    @classmethod
    def from_json(cls, data: Any) -> "Token":
        """Raises Malformed without access_token, expires_in or user_id."""
        token = build(cls, data)
        if token.expires_in <= 0:
            raise Malformed("Token.expires_in: not above zero")
        return token


def new_verifier() -> str:
    """A PKCE verifier: 86 random characters, to be kept until the code is exchanged."""
    return secrets.token_urlsafe(64)


def challenge(verifier: str) -> str:
    """The S256 challenge that belongs to a verifier."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def authorization_url(
    site_id: str, client_id: str, redirect_uri: str, state: str, challenge: str, auth_url: str | None = None
) -> str:
    """Where the seller's browser goes to consent. `auth_url` replaces the address of the site's auth host.

    The redirect address has to equal the registered one. Raises ValueError for a site we do not know.
    """
    if auth_url is None:
        if site_id not in SITES:
            raise ValueError(f"unknown site {site_id!r}")
        auth_url = f"https://{SITES[site_id].auth_host}/authorization"
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{auth_url}?{urlencode(query)}"


@dataclass(frozen=True)
class OAuthClient:
    """The token endpoint for one application. Nothing is retried here: a code and a refresh token work once."""

    transport: Transport
    base_url: str
    client_id: str
    client_secret: str = field(repr=False)

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> Token:
        """The first tokens for a code from the consent page.

        Raises InvalidGrant, InvalidClient, TokenEndpointError, RateLimited, ServerError or TransportError.
        """
        form = {"code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        return self._token("authorization_code", form)

    def refresh(self, refresh_token: str) -> Token:
        """New tokens; the refresh token given is spent by this, so persist the answer first of all.

        Raises as `exchange`. After an error with `outcome_unknown` the token may be spent or not.
        """
        return self._token("refresh_token", {"refresh_token": refresh_token})

    def _token(self, grant_type: str, form: dict[str, str]) -> Token:
        own = {"grant_type": grant_type, "client_id": self.client_id, "client_secret": self.client_secret}
        request = Request("POST", "/oauth/token", form=own | form)
        response = self.transport.send(request, base_url=self.base_url, access_token=None)
        if response.status >= 400:
            error = token_error_from(response.status, response.headers, response.body, request.name)
            error.body = ""  # it may repeat what was sent
            raise error
        try:
            return Token.from_json(decode(response, request))
        except (Malformed, BadResponse) as unreadable:
            _unreadable(response, request, unreadable)


def _unreadable(response: Response, request: Request, error: Exception) -> NoReturn:
    """A token answer that cannot be read is reported without its body, which may hold tokens."""
    reason = str(error) if isinstance(error, Malformed) else "not JSON"
    raise BadResponse(reason, status=response.status, request=request.name) from None
