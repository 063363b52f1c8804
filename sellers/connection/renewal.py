"""When an access token is renewed: early enough that a human has time to act when it goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery

from sellers.models import Grant, RefreshAttempt, SellerAccount

EARLY = timedelta(minutes=45)
JITTER = timedelta(minutes=10)
LATEST_SHARE = 0.75  # a short-lived token is renewed when this much of its life has passed
GAP = timedelta(minutes=5)  # between two refreshes of a seller that nobody asked for
AFTER_UNKNOWN = timedelta(seconds=30)
SOON = timedelta(seconds=15)
FRESH = timedelta(minutes=10)

Outcome = RefreshAttempt.Outcome


@dataclass(frozen=True)
class Due:
    """A seller whose token is to be renewed. `refused_again`: ML refuses the tokens that renewals bring."""

    account_id: int
    expires_at: datetime
    refused_again: bool = False


@dataclass(frozen=True)
class Past:
    """A seller's last attempt; `unknown` counts the attempts with the present token whose outcome is not known."""

    outcome: str = ""
    started_at: datetime | None = None
    unknown: int = 0


def renew_at(*, obtained_at: datetime, expires_at: datetime, jitter: float) -> datetime:
    """When a token is renewed without being asked for. `jitter` from -1 to 1 spreads the sellers."""
    life = expires_at - obtained_at
    early = min(EARLY + jitter * JITTER, life * (1 - LATEST_SHARE))
    return expires_at - early


def is_due(
    *, now: datetime, obtained_at: datetime, expires_at: datetime, wanted_at: datetime | None, past: Past, jitter: float
) -> bool:
    """Whether to renew now. A request after a 401 does not wait for the gap between two refreshes."""
    if past.started_at is not None and now < past.started_at + pause_after(past, life=expires_at - obtained_at):
        asked = wanted_at is not None and wanted_at > past.started_at and past.outcome == Outcome.OK
        if not asked:
            return False
    if wanted_at is not None and wanted_at > obtained_at:
        return True
    return now >= renew_at(obtained_at=obtained_at, expires_at=expires_at, jitter=jitter)


def pause_after(past: Past, *, life: timedelta) -> timedelta:
    """How long a seller is left alone after an attempt."""
    match past.outcome:
        case Outcome.NOT_SENT:
            return SOON
        case Outcome.PENDING:
            return AFTER_UNKNOWN
        case Outcome.UNKNOWN if past.unknown < 2:
            return AFTER_UNKNOWN
        case Outcome.OK:
            return min(GAP, life / 2)
    return GAP


def refused_again(*, lives: list[tuple[datetime, datetime]], wanted_at: datetime | None) -> bool:
    """ML refused a token just issued, and the one before it too.

    `lives` are obtained and ended times, the current token first; the one before ended when it was replaced.
    """
    if wanted_at is None or len(lives) < 2:
        return False
    (obtained_at, expires_at), (before_at, before_expires_at) = lives[:2]
    return _fresh(before_at, before_expires_at, at=obtained_at) and _fresh(obtained_at, expires_at, at=wanted_at)


def _fresh(obtained_at: datetime, expires_at: datetime, *, at: datetime) -> bool:
    return timedelta(0) < at - obtained_at < min(FRESH, (expires_at - obtained_at) / 2)


def due(now: datetime) -> list[Due]:
    """Sellers to be renewed now, the next to end first."""
    found = [one for grant in _current_grants() if (one := _due(grant, now)) is not None]
    return sorted(found, key=lambda one: one.expires_at)


def _due(grant: Any, now: datetime) -> Due | None:
    wanted_at = grant.account.refresh_wanted_at
    times = {"now": now, "obtained_at": grant.obtained_at, "expires_at": grant.expires_at, "wanted_at": wanted_at}
    past = Past(grant.last_outcome or "", grant.last_started_at, grant.unknown or 0)
    if not is_due(**times, past=past, jitter=(grant.pk * 7919 % 2001) / 1000 - 1):
        return None
    lives = [(grant.obtained_at, grant.expires_at)]
    if grant.before_obtained_at:
        lives.append((grant.before_obtained_at, grant.before_expires_at))
    return Due(grant.account_id, grant.expires_at, refused_again(lives=lives, wanted_at=wanted_at))


def _current_grants() -> QuerySet[Grant]:
    attempts = RefreshAttempt.objects.filter(account_id=OuterRef("account_id")).order_by("-pk")
    unknown = RefreshAttempt.objects.filter(grant_id=OuterRef("pk"), outcome=Outcome.UNKNOWN).order_by()
    before = Grant.objects.filter(
        account_id=OuterRef("account_id"), chain=OuterRef("chain"), generation=OuterRef("generation") - 1
    )
    connected = Grant.objects.filter(state=Grant.State.CURRENT, account__status=SellerAccount.Status.CONNECTED)
    return connected.select_related("account").annotate(
        last_outcome=Subquery(attempts.values("outcome")[:1]),
        last_started_at=Subquery(attempts.values("started_at")[:1]),
        unknown=Subquery(unknown.values("grant_id").annotate(count=Count("pk")).values("count")),
        before_obtained_at=Subquery(before.values("obtained_at")[:1]),
        before_expires_at=Subquery(before.values("expires_at")[:1]),
    )
