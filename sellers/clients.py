"""Clients for Mercado Libre: the seller's token, the rate budget and the switch for writing, put together."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from mercadolibre.client import Client, client_class
from mercadolibre.oauth import OAuthClient
from mercadolibre.protocol import Request, Response
from mercadolibre.transport import RequestsTransport, Transport
from sellers import grants
from sellers.budget import BudgetTransport
from sellers.models import Grant, SellerAccount
from sellers.outcomes import TryLater

TOKEN_WAIT = timedelta(seconds=3)
RECONNECT_WAIT = timedelta(minutes=5)
SWITCH_SEEN_FOR = 0.25  # seconds
MAY_WRITE = """
select status = 'connected' and mode = 'live' and not pushes_paused from sellers_selleraccount where id = %s
"""


def client_for(account: SellerAccount, *, lane: str | None = None) -> Client:
    """A client that speaks for a seller; make one for each piece of work, its token ends within hours.

    `lane` names the budget to use; the lane of the work being done unless said. Raises TryLater while the seller is
    not connected, slowed down by ML, or the token has to be renewed first, which is asked for. The calls raise
    TryLater too, where the budget is empty or the token was renewed meanwhile.
    """
    grant = usable_grant(account.pk)
    transport = BudgetTransport(
        SellerTransport(base_transport(), grant.pk), account.pk, factor=grant.account.rate_factor, lane=lane
    )
    made = client_class(account.site_id)
    return made(transport, settings.MELI_API_URL, grants.access_token(grant), may_write=Switch(account.pk))


def usable_grant(account_id: int) -> Grant:
    """The seller's current pair, with an access token that is not known to be bad. Raises TryLater."""
    grant: Any = grants.current(account_id)
    if grant is None or grant.account.status != SellerAccount.Status.CONNECTED:
        raise TryLater("The seller has to connect again first.", RECONNECT_WAIT)
    now, throttle_until = grant.read_at, grant.account.throttle_until
    if throttle_until and throttle_until > now:
        raise TryLater("Mercado Libre asked us to slow down.", throttle_until - now)
    wanted_at = grant.account.refresh_wanted_at
    if grant.expires_at <= now:
        want_refresh(account_id)
    elif wanted_at is None or wanted_at <= grant.obtained_at:
        usable: Grant = grant
        return usable
    raise TryLater("The access token is being renewed.", TOKEN_WAIT)


def want_refresh(account_id: int) -> None:
    """Ask for a new access token; the pump renews it within seconds."""
    unasked = Q(refresh_wanted_at=None) | Q(
        refresh_wanted_at__lte=F("grants__obtained_at"), grants__state=Grant.State.CURRENT
    )
    asked = SellerAccount.objects.filter(unasked, pk=account_id).values("pk")
    SellerAccount.objects.filter(pk__in=asked).update(refresh_wanted_at=Now())


@dataclass
class Switch:
    """The switch for writing, read at the moment of writing. Between many small writes it is not read for each."""

    account_id: int
    is_on: bool = False
    read_at: float = 0.0

    def __call__(self) -> bool:
        if not self.is_on or time.monotonic() - self.read_at > SWITCH_SEEN_FOR:
            self.is_on, self.read_at = may_write_now(self.account_id), time.monotonic()
        return self.is_on


def may_write_now(account_id: int) -> bool:
    """`SellerAccount.may_write`, by the shortest way."""
    with connection.cursor() as cursor:
        cursor.execute(MAY_WRITE, [account_id])
        return bool(cursor.fetchone()[0])


@dataclass(frozen=True)
class SellerTransport:
    """Tells a token that ended from one that another process has just replaced."""

    inner: Transport
    grant_id: int

    def send(self, request: Request, *, base_url: str, access_token: str | None) -> Response:
        response = self.inner.send(request, base_url=base_url, access_token=access_token)
        if response.status == 401 and not Grant.objects.filter(pk=self.grant_id, state=Grant.State.CURRENT).exists():
            raise TryLater("The access token was renewed meanwhile.", timedelta(seconds=0.2))
        return response


def reading_client(access_token: str, *, site_id: str = "") -> Client:
    """A client for a token, whosoever it is and whatever state the seller is in. It never writes."""
    return client_class(site_id)(base_transport(), settings.MELI_API_URL, access_token, may_write=False)


def oauth_client(transport: Transport | None = None) -> OAuthClient:
    """The token endpoint for our application."""
    return OAuthClient(
        transport or base_transport(), settings.MELI_API_URL, settings.MELI_CLIENT_ID, settings.MELI_CLIENT_SECRET
    )


def base_transport() -> RequestsTransport:
    """The process-wide transport, made by settings.MELI_SESSION_FACTORY."""
    return _transport(settings.MELI_SESSION_FACTORY)


@lru_cache(maxsize=4)
def _transport(session_factory: str) -> RequestsTransport:
    return RequestsTransport(session_factory=import_string(session_factory))
