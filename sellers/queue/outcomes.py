"""What an error means for the work row and for the seller: one table.

no answer, 5xx, not there yet, a page elsewhere (a redirect, which is never followed)
                                due again after 5 s, 30 s, 2 min, 10 min, 1 h, 6 h with jitter; then failed and shown
429, budget empty, no token yet due again, nothing counted; a 429 has paused the seller for all workers by then
a breaker is open, writes stopped  the same; the row keeps its place
401                             due again; the token is refreshed in its one place
grant dead, permission missing  stays due; the seller needs reconnect, and connecting again lets the row run
409                             due again soon: read again, decide again; after eight of them as no answer
400, 404, 422, 403              failed with ML's words, their meaning and what to do
anything else                   failed: a bug of ours, logged
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from django.db import InterfaceError, OperationalError
from django.db.models.functions import Now

from mercadolibre import errors
from sellers.models import SellerAccount

STEPS = [timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600, 21600)]
# What brings sales in is tried for ever; its age is alarmed on Today instead.
NEVER_GIVEN_UP = {"order", "shipment", "order_poll", "missed_feeds", "connected", "mapping"}
LOOKED_FOR = {"order", "shipment"}  # a 404 may only mean: not visible yet
NOT_FOUND_TRIES = 5
CONFLICT_TRIES = 8
HELD_BACK = timedelta(seconds=5)
# Said about one call, meant for all calls of the seller.
OF_THE_SELLER = (
    errors.RateLimited,
    errors.Unauthorized,
    errors.InvalidGrant,
    errors.PolicyDenied,
    errors.WritesDisabled,
)


class TryLater(Exception):
    """Not an error: look again after `delay`. Nothing is counted."""

    def __init__(self, reason: str, delay: timedelta) -> None:
        super().__init__(reason)
        self.delay = delay


class Unavailable(TryLater):
    """Calls are held back: Mercado Libre does not answer, or asked us to slow down."""

    def __init__(self, delay: timedelta) -> None:
        super().__init__("Calls for this seller are held back until Mercado Libre answers again.", delay)


class WritesHeld(errors.WritesDisabled):
    """Writing is off for now, by staff or by a brake: the wish stays, and is sent once writing goes on."""


class AccountEffect(Enum):
    NONE = "none"
    REFRESH = "refresh"
    NEEDS_RECONNECT = "needs_reconnect"


@dataclass(frozen=True)
class Outcome:
    """`state` is the row's next state, `counted` whether the try counts as a failure."""

    state: str
    delay: timedelta
    error_class: str
    words: str
    counted: bool = True
    account: AccountEffect = AccountEffect.NONE
    is_bug: bool = False


def outcome_of(error: Exception, *, kind: str, fails: int) -> Outcome:
    """Decide by the class of the error. `fails` counts the failures before this one."""
    name, words = type(error).__name__, words_of(error)
    match error:
        case TryLater():
            return Outcome("ready", error.delay, name, words, counted=False)
        case errors.RateLimited():
            return Outcome("ready", jittered(timedelta(seconds=3)), name, words, counted=False)
        case errors.ScopeBlocked() | errors.InvalidGrant() | errors.PolicyDenied():
            return Outcome("ready", STEPS[0], name, words, False, AccountEffect.NEEDS_RECONNECT)
        case errors.Unauthorized():
            return Outcome("ready", STEPS[0], name, words, False, AccountEffect.REFRESH)
        case errors.Conflict() | errors.StaleRead() if fails < CONFLICT_TRIES:
            return again(timedelta(milliseconds=200 * 2 ** min(fails, 8)), name, words)
        case errors.NotFound() if kind in LOOKED_FOR:
            return not_there_yet(fails, name, words)
        case errors.Conflict() | errors.StaleRead():
            return backoff(kind, fails - CONFLICT_TRIES, name, words)
        case errors.TransportError() | errors.ServerError() | OperationalError() | InterfaceError():
            return backoff(kind, fails, name, words)
        case errors.UnexpectedRedirect():  # to a page that says that they are working on it
            return backoff(kind, fails, name, words)
        case WritesHeld():
            return Outcome("ready", HELD_BACK, name, words, counted=False)
        case errors.WritesDisabled():
            return Outcome("idle", timedelta(0), name, words, counted=False)
        case errors.MeliError():
            return Outcome("dead", timedelta(0), name, words)
    return Outcome("dead", timedelta(0), name, f"{name}: {error}", is_bug=True)


def backoff(kind: str, fails: int, name: str, words: str) -> Outcome:
    if fails >= len(STEPS) and kind not in NEVER_GIVEN_UP:
        return Outcome("dead", timedelta(0), name, words)
    return again(STEPS[min(fails, len(STEPS) - 1)], name, words)


def not_there_yet(fails: int, name: str, words: str) -> Outcome:
    """A fresh order may answer 404 for seconds; a forged hint does for ever: after ten minutes it is let go."""
    if fails >= NOT_FOUND_TRIES:
        return Outcome("idle", timedelta(0), name, words)
    return again(timedelta(seconds=[0.5, 2, 30, 120, 600][fails]), name, words)


def again(delay: timedelta, name: str, words: str) -> Outcome:
    return Outcome("ready", jittered(delay), name, words)


def jittered(delay: timedelta) -> timedelta:
    return delay * random.uniform(0.5, 1.0)  # noqa: S311  spreads retries, guards nothing


def words_of(error: Exception) -> str:
    """ML's own words where there are any; never a token (the client blots them out)."""
    return str(error) or type(error).__name__


def apply_to_account(account_id: int, outcome: Outcome) -> None:
    """Write the effect on the seller, which every worker sees at its next claim."""
    account = SellerAccount.objects.filter(pk=account_id)
    match outcome.account:
        case AccountEffect.REFRESH:
            account.filter(refresh_wanted_at__isnull=True).update(refresh_wanted_at=Now())
        case AccountEffect.NEEDS_RECONNECT:
            account.filter(status=SellerAccount.Status.CONNECTED).update(
                status=SellerAccount.Status.NEEDS_RECONNECT, status_reason=outcome.words
            )
