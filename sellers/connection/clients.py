"""Clients for Mercado Libre: the seller's token, the rate budget and the switch for writing, put together."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import F, Q, Subquery
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from mercadolibre.client import Client, client_class
from mercadolibre.envelopes import retry_after
from mercadolibre.errors import TransportError
from mercadolibre.oauth import OAuthClient
from mercadolibre.protocol import Request, Response
from mercadolibre.transport import RequestsTransport, Transport
from sellers.brakes import breakers, breaking, budget, writing
from sellers.brakes.budget import BudgetTransport
from sellers.connection import grants
from sellers.models import Breaker, Grant, SellerAccount
from sellers.queue.outcomes import TryLater, Unavailable, WritesHeld

TOKEN_WAIT = timedelta(seconds=3)
SOON = timedelta(seconds=1)
RECONNECT_WAIT = timedelta(minutes=5)
SWITCH_SEEN_FOR = 0.25  # seconds


def client_for(
    account: SellerAccount, *, lane: str | None = None, probing: bool = False, sales_only: bool = False
) -> Client:
    """A client that speaks for a seller; make one for each piece of work, its token ends within hours.

    `lane` names the budget to use; the lane of the work being done unless said. `sales_only`: it is to write nothing
    but what buyers took, which goes on while a brake has paused the seller. Raises TryLater while the seller is not
    connected, slowed down by ML, held back by a breaker (unless `probing`), or the token has to be renewed first, which
    is asked for. The calls raise TryLater too, where one of these came meanwhile or the budget is empty.
    """
    grant = usable_grant(account.pk, probing=probing)
    inner = SellerTransport(base_transport(), grant.pk, account.pk, probing=probing)
    transport = BudgetTransport(inner, account.pk, factor=grant.account.rate_factor, lane=lane)
    made = client_class(account.site_id)
    return made(transport, settings.MELI_API_URL, grants.access_token(grant), may_write=Switch(account.pk, sales_only))


def usable_grant(account_id: int, *, probing: bool = False) -> Grant:
    """The seller's current pair, with an access token that is not known to be bad. Raises TryLater."""
    held = Breaker.objects.filter(breakers.holding(account_id)).order_by("-probe_at").values("probe_at")[:1]
    grant: Any = grants.current(account_id, held_until=Subquery(held))
    if grant is None or grant.account.status != SellerAccount.Status.CONNECTED:
        raise TryLater("The seller has to connect again first.", RECONNECT_WAIT)
    now, throttle_until = grant.read_at, grant.account.throttle_until
    if grant.held_until and not probing:
        raise Unavailable(max(grant.held_until - now, SOON))
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
    """The switch for writing, read at the moment of writing. Between many small writes it is not read for each.

    Raises WritesHeld where writing is off for now only; False where the seller is not to be written to at all.
    """

    account_id: int
    sales_only: bool = False
    is_on: bool = False
    read_at: float = 0.0

    def __call__(self) -> bool:
        if not self.is_on or time.monotonic() - self.read_at > SWITCH_SEEN_FOR:
            found = writing.may_write(self.account_id, sales_only=self.sales_only)
            self.is_on, self.read_at = found.on, time.monotonic()
            if found.held:
                raise WritesHeld(found.words)
        return self.is_on


@dataclass(frozen=True)
class SellerTransport:
    """Watches what answers a seller gets: whether any come, whether ML says 429, whether the token has ended.

    A token that ended is told from one that another process has just replaced.
    """

    inner: Transport
    grant_id: int
    account_id: int
    probing: bool = False

    def send(self, request: Request, *, base_url: str, access_token: str | None) -> Response:
        if not self.probing:
            breakers.check(self.account_id)
        scope = breakers.scope_of(self.account_id)
        try:
            response = self.inner.send(request, base_url=base_url, access_token=access_token)
        except TransportError as error:
            breakers.count(scope, bad=True, words=str(error))
            raise
        breakers.count(scope, bad=breaking.is_bad(response.status), words=f"{request.name} {response.status}")
        if response.status == 429:
            self._slow_down(response)
        if response.status == 401 and not Grant.objects.filter(pk=self.grant_id, state=Grant.State.CURRENT).exists():
            raise TryLater("The access token was renewed meanwhile.", timedelta(seconds=0.2))
        return response

    def _slow_down(self, response: Response) -> None:
        asked = retry_after(response.headers)
        budget.slow_down(self.account_id, elapsed=response.elapsed, retry_after=asked)
        breakers.hold(self.account_id)


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
