"""Renewing access tokens: in one place (the pump), one at a time per seller, never losing an answer.

A refresh token works once and only the newest is valid, so a lost answer ends the connection to the seller. Therefore:

    one at a time   a session advisory lock, freed by PostgreSQL when its holder dies; one pending attempt per seller
    intent first    the attempt is committed before the call: a database that cannot write never spends a token
    answer first    the raw answer is synced to disk before it is read (`sellers.notifications.spool`), and taken in
                    later if need be
    quarantine      the attempt of a dead process may still be on its way: wait 30 s, call it unknown, try once more
    one refusal     invalid_grant ends the pair at once: the seller has to connect again, and nothing is repeated

Workers never refresh: they ask by `refresh_wanted_at` (see `sellers.connection.clients`) and look again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import Enum

from django.db import Error, IntegrityError, connection, transaction
from django.db.models.functions import Now

from mercadolibre import errors
from mercadolibre.oauth import Token
from sellers import clock
from sellers.brakes import breakers
from sellers.brakes.budget import take_token_call
from sellers.connection import crypto, grants, renewal
from sellers.connection.clients import base_transport, oauth_client
from sellers.models import RefreshAttempt, SellerAccount
from sellers.notifications.spool import Spooled, SpoolingTransport, waiting
from sellers.points import point
from sellers.queue import wishes
from sellers.queue.outcomes import TryLater

logger = logging.getLogger(__name__)

LOCK_CLASS = 0x746F6B65  # the first key of every seller's advisory lock
QUARANTINE = timedelta(seconds=30)
AT_ONCE = 10  # refreshes in one round


class Result(Enum):
    """What became of asking for a refresh."""

    RENEWED = "renewed"
    BUSY = "busy"  # another process is at it, or a dead one's call may still be on its way
    NOTHING_TO_RENEW = "nothing_to_renew"
    NEEDS_RECONNECT = "needs_reconnect"
    FAILED = "failed"  # not spent, or not known to be: tried again later
    APPLICATION_REFUSED = "application_refused"  # no seller can be served: stop asking


def refresh_due(now: datetime) -> int:
    """Take in answers left on disk, then renew what is due, the next to end first. Returns how many were renewed."""
    replay()
    renewed = 0
    for due in to_try(renewal.due(now)):
        try:
            take_token_call(patience=2)
            result = renew(due)
        except TryLater:
            break
        except (Error, OSError, crypto.CannotOpen) as error:
            # Nothing was spent, or the answer lies in the spool: the next round goes on.
            logger.error("seller %s: token not renewed (%s)", due.account_id, type(error).__name__)
            if isinstance(error, Error):
                connection.close_if_unusable_or_obsolete()
            continue
        renewed += result is Result.RENEWED
        if result is Result.APPLICATION_REFUSED:
            break
    return renewed


def to_try(ending: Sequence[renewal.Due]) -> Iterator[renewal.Due]:
    """The tokens to renew in this round: where the token endpoint's breaker is open, on until one call was made."""
    if ending and not breakers.is_open(breakers.OAUTH):
        yield from ending[:AT_ONCE]
    elif ending and breakers.take_probes(oauth=True):
        for due in ending:
            yield due
            if not breakers.is_probing(breakers.OAUTH):
                return


def renew(due: renewal.Due) -> Result:
    """Refresh one seller that is due; a fresh token that is refused again means the seller has to connect again."""
    if due.refused_again:
        needs_reconnect(due.account_id, "Mercado Libre refuses even a newly issued access token.")
        return Result.NEEDS_RECONNECT
    return refresh(due.account_id)


def refresh(account_id: int) -> Result:
    """Spend the seller's refresh token for a new pair. Call it outside any transaction."""
    with only_one(account_id) as alone:
        if not alone:
            return Result.BUSY
        point("token.before_intent")
        attempt = begin(account_id)
        if isinstance(attempt, Result):
            return attempt
        point("token.intended")
        return exchange(attempt)


@contextlib.contextmanager
def only_one(account_id: int) -> Iterator[bool]:
    """Hold the seller's lock, if it is free. It belongs to the database session: a killed process leaves none."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, account_id % 2**31])
        (alone,) = cursor.fetchone()
    try:
        yield alone
    finally:
        if alone:
            with contextlib.suppress(Error), connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s, %s)", [LOCK_CLASS, account_id % 2**31])


@transaction.atomic(durable=True)
def begin(account_id: int) -> RefreshAttempt | Result:
    """Commit the intent to spend the current refresh token, or say why not now."""
    grant = grants.current(account_id)
    if grant is None or grant.account.status != SellerAccount.Status.CONNECTED:
        return Result.NOTHING_TO_RENEW
    if any(spooled.attempt_id in _attempts_of(account_id) for spooled in waiting()):
        return Result.BUSY
    pending = RefreshAttempt.objects.filter(account_id=account_id, outcome=RefreshAttempt.Outcome.PENDING)
    if pending.filter(started_at__gt=Now() - QUARANTINE).exists():
        return Result.BUSY
    pending.update(outcome=RefreshAttempt.Outcome.UNKNOWN, finished_at=Now())
    grants.refresh_token(grant)  # opens it: a lost key shows before anything is spent
    holder = f"{socket.gethostname()}:{os.getpid()}"
    try:
        with transaction.atomic():
            attempt = RefreshAttempt.objects.create(account_id=account_id, grant=grant, holder=holder)
    except IntegrityError:
        return Result.BUSY
    attempt.grant = grant
    return attempt


def _attempts_of(account_id: int) -> set[int]:
    recent = RefreshAttempt.objects.filter(account_id=account_id).order_by("-pk")
    return set(recent.values_list("pk", flat=True)[:20])


def exchange(attempt: RefreshAttempt) -> Result:
    """The one POST of an attempt, and what follows from its answer."""
    transport = SpoolingTransport(base_transport(), attempt.pk)
    try:
        transport.prepare()
        token = oauth_client(transport).refresh(grants.refresh_token(attempt.grant))
    except errors.MeliError as error:
        answered(good=not isinstance(error, errors.TransportError | errors.ServerError), words=str(error))
        return refused(attempt, error, transport.spooled)
    except OSError:
        finish(attempt, RefreshAttempt.Outcome.NOT_SENT)
        raise
    finally:
        transport.discard()
    result = settle(attempt, token, transport.spooled)
    answered(good=True)
    return result


def answered(*, good: bool, words: str = "") -> None:
    """Count an answer of the token endpoint; where its breaker was open, this was the call that tries it."""
    was_open = breakers.is_open(breakers.OAUTH)
    breakers.count(breakers.OAUTH, bad=not good, words=words)
    if was_open:
        breakers.probed(breakers.OAUTH, good=good)


def settle(attempt: RefreshAttempt, token: Token, spooled: Spooled | None) -> Result:
    """Store a refresh's answer, once; a second time only the file is removed."""
    if not token.refresh_token:
        return unreadable(attempt, spooled, "it has no refresh token")
    if token.user_id != attempt.account.ml_user_id:
        return other_seller(attempt, token, spooled)
    result = Result.RENEWED
    with transaction.atomic():
        finish(attempt, RefreshAttempt.Outcome.OK)
        try:
            grants.continue_chain(attempt.grant, token)
        except grants.GrantReplaced:
            logger.warning("seller %s: a renewed token came too late and was dropped", attempt.account_id)
            result = Result.NOTHING_TO_RENEW
        else:
            SellerAccount.objects.filter(pk=attempt.account_id).update(refresh_wanted_at=None)
            wake(attempt.account_id)
        point("token.before_commit")
    point("token.committed")
    if spooled is not None:
        spooled.remove()
    return result


def refused(attempt: RefreshAttempt, error: errors.MeliError, spooled: Spooled | None) -> Result:
    """What an error of the token endpoint means for the pair and for the seller."""
    match error:
        case errors.InvalidGrant():
            return grant_died(attempt, errors.explain(error).meaning)
        case errors.InvalidClient():
            finish(attempt, RefreshAttempt.Outcome.INVALID_CLIENT)
            logger.error("the token endpoint refuses our application: %s", error)
            return Result.APPLICATION_REFUSED
        case errors.MeliError(outcome_unknown=True):
            return unreadable(attempt, spooled, str(error))
    untouched = isinstance(error, errors.ConnectFailed | errors.RateLimited)
    finish(attempt, RefreshAttempt.Outcome.NOT_SENT if untouched else RefreshAttempt.Outcome.REFUSED)
    logger.warning("seller %s: token not renewed: %s", attempt.account_id, error)
    return Result.FAILED


def grant_died(attempt: RefreshAttempt, reason: str) -> Result:
    """invalid_grant: the seller has to connect again, unless they have meanwhile."""
    with transaction.atomic():
        finish(attempt, RefreshAttempt.Outcome.INVALID_GRANT)
        if not grants.end(attempt.grant):
            return Result.NOTHING_TO_RENEW
        needs_reconnect(attempt.account_id, reason)
    logger.error("seller %s: the grant is dead, the seller has to connect again", attempt.account_id)
    return Result.NEEDS_RECONNECT


def unreadable(attempt: RefreshAttempt, spooled: Spooled | None, why: str) -> Result:
    """Whether the token was spent is not known. An answer that came but cannot be used is kept, sealed."""
    finish(attempt, RefreshAttempt.Outcome.UNKNOWN)
    logger.error("seller %s: outcome of a refresh is unknown: %s", attempt.account_id, why)
    if spooled is not None:
        spooled.set_aside()
    return Result.FAILED


def other_seller(attempt: RefreshAttempt, token: Token, spooled: Spooled | None) -> Result:
    """The answer belongs to another Mercado Libre user: never stored."""
    logger.critical("seller %s: a refresh answered for user %s; refused", attempt.account_id, token.user_id)
    with transaction.atomic():
        finish(attempt, RefreshAttempt.Outcome.REFUSED)
        if grants.end(attempt.grant):
            needs_reconnect(attempt.account_id, "Mercado Libre answered with the token of another user.")
    if spooled is not None:
        spooled.remove()
    return Result.NEEDS_RECONNECT


def finish(attempt: RefreshAttempt, outcome: str) -> None:
    RefreshAttempt.objects.filter(pk=attempt.pk).update(outcome=outcome, finished_at=Now())


def replay() -> int:
    """Take in the answers that the database did not get. Returns how many files were dealt with."""
    return sum(replay_one(spooled) for spooled in waiting())


def replay_one(spooled: Spooled) -> bool:
    """Settle one file. False where it has to wait: its process is still at it, or our key is not there."""
    attempt = RefreshAttempt.objects.select_related("account", "grant").filter(pk=spooled.attempt_id).first()
    if attempt is None:
        logger.error("an answer on disk belongs to no refresh of this database; set aside as %s", spooled.set_aside())
        return True
    with only_one(attempt.account_id) as alone:
        if not alone or not spooled.path.exists():
            return False
        if spooled.is_blank():
            spooled.remove()
            return True
        try:
            token = spooled.token()
        except crypto.CannotOpen as error:
            if spooled.is_torn() and attempt.started_at < clock.now() - QUARANTINE:
                unreadable(attempt, spooled, "it was cut off while it was written")
                return True
            logger.error("seller %s: %s", attempt.account_id, error)
            return False
        except (ValueError, errors.MeliError) as error:
            unreadable(attempt, spooled, type(error).__name__)
        else:
            settle(attempt, token, spooled)
        return True


def needs_reconnect(account_id: int, reason: str) -> None:
    """Staff sees a button; the seller's work waits until it was pressed."""
    connected = SellerAccount.objects.filter(pk=account_id, status=SellerAccount.Status.CONNECTED)
    connected.update(status=SellerAccount.Status.NEEDS_RECONNECT, status_reason=reason, refresh_wanted_at=None)


WAITING_FOR_A_TOKEN = ("TryLater", "Unauthorized")


def wake(account_id: int) -> None:
    """Let the seller's work that waits for a token run now."""
    wishes.bring_forward(account_id, WAITING_FOR_A_TOKEN)
