"""Who has consented to the application: codes, access tokens and refresh tokens."""

from __future__ import annotations

import base64
import hashlib
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.answers import Json, bad_request
from sandbox.ids import fingerprint

if TYPE_CHECKING:
    from sandbox.world import World

CODE_LIFE = timedelta(minutes=10)
REFRESH_LIFE = timedelta(days=182)
SCOPE = "offline_access read write"


@dataclass(frozen=True)
class Code:
    """A single-use authorization code and what it was asked with."""

    user_id: int
    redirect_uri: str
    challenge: str | None
    method: str
    expires_at: datetime


@dataclass(frozen=True)
class Access:
    """An access token."""

    user_id: int
    expires_at: datetime


@dataclass
class Grant:
    """A pair of tokens as the token endpoint gives it. `generation` counts refreshes since the consent."""

    user_id: int
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in: int = 21600
    generation: int = 0

    def body(self) -> Json:
        body: Json = {
            "access_token": self.access_token,
            "token_type": "bearer",
            "expires_in": self.expires_in,
            "scope": SCOPE if self.refresh_token else "read write",
            "user_id": self.user_id,
        }
        return body | {"refresh_token": self.refresh_token} if self.refresh_token else body


@dataclass
class Refresh:
    """A refresh token: works once, and only while no newer one was given out."""

    user_id: int
    generation: int
    expires_at: datetime
    spent: bool = False


@dataclass
class TokenEvent:
    """One exchange, with fingerprints in place of tokens: the history a test looks through."""

    at: datetime
    grant_type: str
    user_id: int
    presented: str | None
    issued: str | None
    outcome: str


class Consents:
    """All codes and tokens. `in` says whether a seller is connected."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._codes: dict[str, Code] = {}
        self._access: dict[str, Access] = {}
        self._refresh: dict[str, Refresh] = {}
        self.connected_at: dict[int, datetime] = {}
        self.history: deque[TokenEvent] = deque(maxlen=5000)

    def __contains__(self, user_id: object) -> bool:
        return user_id in self.connected_at

    def code(self, user_id: int, redirect_uri: str, challenge: str | None, method: str) -> str:
        """A code for somebody who pressed Allow. It ends with the id of the user."""
        code = f"TG-{self._world.ids.secret()}-{user_id}"
        self._codes[code] = Code(user_id, redirect_uri, challenge, method, self._world.now() + CODE_LIFE)
        return code

    def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> Grant | None:
        """Tokens for a code; None where the code, its redirect or its verifier is wrong. A code is spent by trying."""
        found = self._codes.pop(code, None)
        if found is None or found.expires_at <= self._world.now() or found.redirect_uri != redirect_uri:
            return self._record("authorization_code", found.user_id if found else 0, code, None)
        self._check_pkce(found, verifier)
        right = found.challenge is None or found.challenge == _challenge(verifier or "", found.method)
        grant = self.grant(found.user_id) if right else None
        return self._record("authorization_code", found.user_id, code, grant)

    def _check_pkce(self, code: Code, verifier: str | None) -> None:
        """A missing challenge only shows here: the consent page went through all the same."""
        if self._world.pkce_required and code.challenge is None:
            raise bad_request("code_challenge is required", "invalid_request")
        if code.challenge is not None and not verifier:
            raise bad_request("code_verifier is a required parameter", "invalid_request")

    def refresh(self, refresh_token: str) -> Grant | None:
        """A new pair for a refresh token; None where it was used, replaced, revoked or never given out."""
        found = self._refresh.get(refresh_token)
        if found is None or found.spent or found.expires_at <= self._world.now():
            self._world.counters["refresh_replays"] += bool(found and found.spent)
            self._world.counters["refresh_refused"] += 1
            return self._record("refresh_token", found.user_id if found else 0, refresh_token, None)
        grant = self.grant(found.user_id, generation=found.generation + 1)
        return self._record("refresh_token", found.user_id, refresh_token, grant)

    def grant(self, user_id: int, *, generation: int = 0, expires_in: int | None = None) -> Grant:
        """A new pair. Older refresh tokens of the user stop working; access tokens live out their time."""
        world = self._world
        life = world.expires_in if expires_in is None else expires_in
        self._spend_refresh_tokens(user_id)
        access = self._new_access(user_id, life)
        refresh = self._new_refresh(user_id, generation) if world.app.offline_access else None
        self.connected_at.setdefault(user_id, world.now())
        return Grant(user_id, access, refresh, life, generation)

    def app_token(self, owner_id: int) -> Grant:
        """An access token without a refresh token and without a consent."""
        life = self._world.expires_in
        return Grant(owner_id, self._new_access(owner_id, life), None, life)

    def _new_access(self, user_id: int, life: int) -> str:
        world = self._world
        token = f"APP_USR-{world.app.client_id}-{world.now():%m%d%H}-{world.ids.secret()}-{user_id}"
        self._access[token] = Access(user_id, world.now() + timedelta(seconds=life))
        return token

    def _new_refresh(self, user_id: int, generation: int) -> str:
        token = f"TG-{self._world.ids.secret()}-{user_id}"
        self._refresh[token] = Refresh(user_id, generation, self._world.now() + REFRESH_LIFE)
        return token

    def _spend_refresh_tokens(self, user_id: int) -> None:
        for refresh in self._refresh.values():
            if refresh.user_id == user_id:
                refresh.spent = True

    def user_of(self, access_token: str) -> int | None:
        """Whose token this is; None once it has expired or was revoked."""
        found = self._access.get(access_token)
        return found.user_id if found is not None and found.expires_at > self._world.now() else None

    def revoke(self, user_id: int) -> bool:
        """End a seller's consent with all its tokens. False where there was none."""
        self._access = {token: access for token, access in self._access.items() if access.user_id != user_id}
        self._refresh = {token: refresh for token, refresh in self._refresh.items() if refresh.user_id != user_id}
        return self.connected_at.pop(user_id, None) is not None

    def expire_access(self, user_id: int) -> None:
        """End the access tokens before their time, as a changed password does."""
        self._access = {token: access for token, access in self._access.items() if access.user_id != user_id}

    def _record(self, grant_type: str, user_id: int, presented: str, grant: Grant | None) -> Grant | None:
        issued = fingerprint(grant.refresh_token) if grant and grant.refresh_token else None
        outcome = "granted" if grant else "invalid_grant"
        event = TokenEvent(self._world.now(), grant_type, user_id, fingerprint(presented), issued, outcome)
        self.history.append(event)
        return grant


def _challenge(verifier: str, method: str) -> str:
    if method != "S256":
        return verifier
    digest = hashlib.sha256(verifier.encode("ascii", "replace")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
