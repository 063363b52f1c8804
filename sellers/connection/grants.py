"""Token pairs at rest: sealed, one current pair per seller, every refresh the next generation of its chain."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from mercadolibre.oauth import Token
from sellers.connection import crypto
from sellers.models import Grant, SellerAccount

# A token that ends while a call is on its way is refused: it counts as ended a minute early.
SAFETY = timedelta(seconds=60)


class GrantReplaced(Exception):
    """The pair to be followed is no longer the current one: a reconnect or another refresh came first."""


def bound_to(account_id: int, chain: int, generation: int, field: str) -> str:
    return f"sellers_grant:{account_id}/{chain}/{generation}:{field}"


def access_token(grant: Grant) -> str:
    """Raises crypto.CannotOpen."""
    return _opened(grant, "access_ct")


def refresh_token(grant: Grant) -> str:
    """Raises crypto.CannotOpen."""
    return _opened(grant, "refresh_ct")


def _opened(grant: Grant, field: str) -> str:
    blob = getattr(grant, field)
    name = bound_to(grant.account_id, grant.chain, grant.generation, field)
    if blob is None:
        raise crypto.CannotOpen(f"{name}: forgotten")
    return crypto.ring().open(blob, bound_to=name)


def current(account_id: int, **more: Any) -> Grant | None:
    """The seller's current pair, with its seller; `read_at` is the database's clock, `more` is read beside it."""
    found = Grant.objects.filter(account_id=account_id, state=Grant.State.CURRENT)
    return found.select_related("account").annotate(read_at=Now(), **more).first()


def safe_life(expires_in: int) -> timedelta:
    """How long a token is used: a minute less than ML says, and never less than half of it."""
    life = timedelta(seconds=expires_in)
    return max(life - SAFETY, life / 2)


@transaction.atomic
def start_chain(account: SellerAccount, token: Token, *, obtained_at: datetime | None = None) -> Grant:
    """Store the pair of a new consent. Whatever the seller had before is forgotten.

    `obtained_at`: when ML gave it; now unless said.
    """
    forget(account.pk)
    last = Grant.objects.filter(account=account).aggregate(last=Max("chain"))["last"] or 0
    return _insert(account.pk, last + 1, 0, token, obtained_at)


@transaction.atomic
def continue_chain(previous: Grant, token: Token) -> Grant:
    """Store the pair that a refresh brought. Raises GrantReplaced where `previous` is not the current one any more."""
    fingerprint = crypto.ring().fingerprint(token.refresh_token or "")
    if bytes(previous.refresh_fingerprint) == fingerprint:
        return _renew_in_place(previous, token)
    rotated = {"state": Grant.State.ROTATED, "access_ct": None, "refresh_ct": None}
    if not Grant.objects.filter(pk=previous.pk, state=Grant.State.CURRENT).update(**rotated):
        raise GrantReplaced(f"grant {previous.pk} of seller {previous.account_id}")
    return _insert(previous.account_id, previous.chain, previous.generation + 1, token, None)


def _renew_in_place(grant: Grant, token: Token) -> Grant:
    """ML gave the same refresh token back: nothing rotated, only the access token is new."""
    name = bound_to(grant.account_id, grant.chain, grant.generation, "access_ct")
    sealed = crypto.ring().seal(token.access_token, bound_to=name)
    times: dict[str, Any] = {"obtained_at": Now(), "expires_at": Now() + safe_life(token.expires_in)}
    if not Grant.objects.filter(pk=grant.pk, state=Grant.State.CURRENT).update(access_ct=sealed, **times):
        raise GrantReplaced(f"grant {grant.pk} of seller {grant.account_id}")
    return grant


def _insert(account_id: int, chain: int, generation: int, token: Token, obtained_at: datetime | None) -> Grant:
    ring, life = crypto.ring(), safe_life(token.expires_in)
    secrets = {"access_ct": token.access_token, "refresh_ct": token.refresh_token or ""}
    sealed = {
        field: ring.seal(secret, bound_to=bound_to(account_id, chain, generation, field))
        for field, secret in secrets.items()
    }
    return Grant.objects.create(
        account_id=account_id,
        chain=chain,
        generation=generation,
        refresh_fingerprint=ring.fingerprint(token.refresh_token or ""),
        obtained_at=obtained_at or Now(),
        expires_at=obtained_at + life if obtained_at else Now() + life,
        **sealed,
    )


def forget(account_id: int) -> int:
    """End the seller's current pair and erase every ciphertext we hold of them. Returns how many pairs were ended."""
    ended = {"state": Grant.State.DEAD, "access_ct": None, "refresh_ct": None}
    return Grant.objects.filter(account_id=account_id, state=Grant.State.CURRENT).update(**ended)


def end(grant: Grant) -> bool:
    """The pair is dead at ML. False where it had been replaced already."""
    ended = {"state": Grant.State.DEAD, "access_ct": None, "refresh_ct": None}
    return bool(Grant.objects.filter(pk=grant.pk, state=Grant.State.CURRENT).update(**ended))
