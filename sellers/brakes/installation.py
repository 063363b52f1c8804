"""Which installation this is, so that a restored backup or a copied database writes nothing before a person says so.

The database carries a key and an epoch that grows every ten seconds. Both are noted outside of it: in a file below the
data directory, and in Redis. Every process compares before its first write, and the epoch again at each look at the
switch for writing.

    noted epoch above the database's      an older database is back: its stock is yesterday's
    known database, noted nowhere         it was copied to other machines; only the one who notes can tell
    another https address than it had     it was copied, or moved
    a note cannot be asked for            nothing is written until it can

After a person's yes the database gets a new key, the orders of seven days are read, and writing goes on once they are
in; a seller whose orders cannot be read is paused before that. See docs/adr/0012.
"""

from __future__ import annotations

import contextlib
import logging
import os
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import pghistory
import redis
from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext_noop
from redis.backoff import NoBackoff
from redis.retry import Retry

from sellers.brakes import stops
from sellers.models import Installation, SellerAccount, Work, WriteStop
from sellers.queue import work
from ui.stored import stored

logger = logging.getLogger(__name__)

REDIS_TIMEOUT = 0.2
COMPARED_DAYS = 7
COMPARED = f"days:{COMPARED_DAYS}"
READING = Q(kind="order_poll", key=COMPARED)
SOON_AFTER = timedelta(minutes=2)  # a reading has asked for its orders by then, and the first of them for parcels
READ_BEFORE_WRITING = ("order_poll", "order", "shipment")
RESTORED = gettext_noop(
    "This database is older than the one that ran here before: a backup was restored. Its stock and prices may be "
    "those of that day."
)
ELSEWHERE = gettext_noop(
    "This database ran on another installation before. If that one still runs, two would write the same listings."
)
MOVED = gettext_noop(
    "This database ran at %(before)s before, this is %(here)s. If the other one still runs, two would write the same "
    "listings."
)
NOT_COMPARED = gettext_noop(
    "This seller was not connected when the orders of the last days were read for all others. After connecting again "
    "have its orders read and look at its stock, then resume pushes."
)
NO_ADDRESS = gettext_noop("a developer's machine")


class Verdict(Enum):
    FINE = "fine"
    RESTORED = "restored"
    ELSEWHERE = "elsewhere"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True)
class Notes:
    """What is noted outside the database: the newest epoch, None where nothing is; whether every place answered."""

    epoch: int | None
    complete: bool = True


def judge(*, epoch: int, address: str, here: str, notes: Notes) -> Verdict:
    """What the database's epoch and address mean beside the notes and the address that this process has."""
    if notes.epoch is not None and notes.epoch > epoch:
        return Verdict.RESTORED
    if address != here:
        return Verdict.ELSEWHERE
    if notes.epoch is None and epoch > 1:
        return Verdict.ELSEWHERE if notes.complete else Verdict.NOT_KNOWN
    return Verdict.FINE


@dataclass
class Memory:
    """What this process has found to be fine: key and epoch, replaced as one because threads share them."""

    found: tuple[uuid.UUID, int] | None = None

    def epoch_of(self, key: uuid.UUID | None) -> int | None:
        found = self.found
        return found[1] if found is not None and found[0] == key else None


memory = Memory()


def is_trusted(key: uuid.UUID | None, epoch: int | None) -> bool:
    """Whether the database is the one that was found fine before; looks into it where that is not known."""
    known = memory.epoch_of(key)
    if key is not None and known is not None and epoch is not None and epoch >= known:
        memory.found = key, epoch
        return True
    return verify() is Verdict.FINE


def verify(*, keeping: bool = False) -> Verdict:
    """Compare the database with what is noted outside of it; stop writing where it is another one.

    The row is read after the notes: an epoch is noted after it was committed, so a note above the row is an older
    database and never another process that was quicker. That nothing is noted can only be judged by the one who
    notes (`keeping`): another machine may have no file, and Redis may have forgotten.
    """
    own, noted = current(), None
    while noted is None or noted[0] != own.key:
        noted = own.key, notes_and_memory(own.key)
        own = current()
    notes = noted[1] if keeping else replace(noted[1], complete=False)
    verdict = judge(epoch=own.epoch, address=own.public_url, here=address(), notes=notes)
    if verdict is Verdict.FINE:
        memory.found = own.key, own.epoch
    elif verdict is not Verdict.NOT_KNOWN:
        stops.stop(cause=verdict.value, reason=reason_of(verdict, own))
    return verdict


def notes_and_memory(key: uuid.UUID) -> Notes:
    remembered = memory.epoch_of(key)
    notes = read_notes(key)
    return notes if remembered is None else replace(notes, epoch=max(remembered, notes.epoch or 0))


def reason_of(verdict: Verdict, own: Installation) -> str:
    if verdict is Verdict.RESTORED:
        return stored(RESTORED)
    if own.public_url == address():
        return stored(ELSEWHERE)
    return stored(MOVED, before=own.public_url or NO_ADDRESS, here=address() or NO_ADDRESS)


def current() -> Installation:
    """The database's row; a new database gets one."""
    own = Installation.objects.filter(pk=1).first()
    if own is None:
        Installation.objects.bulk_create([Installation(public_url=address())], ignore_conflicts=True)
        own = Installation.objects.get(pk=1)
    return own


def address() -> str:
    """The https address of production; all machines of developers count as one."""
    return settings.PUBLIC_URL if settings.PRODUCTION else ""


def keep() -> None:
    """Every ten seconds: let the epoch grow and note it, where all is well; end a stop whose orders are in."""
    if verify(keeping=True) is Verdict.FINE:
        Installation.objects.filter(pk=1).update(epoch=F("epoch") + 1)
        own = current()
        write_notes(own.key, own.epoch)
    for stop in stops.active().filter(released_at__isnull=False):
        pause_unconnected()
        ask_for_orders(not_asked(stop))
        if is_compared(stop):
            stops.end_released(stop.pk)


# --- a person's yes ---------------------------------------------------------------------------------------------------


@transaction.atomic
def release(pk: int, *, by: Any) -> bool:
    """This installation may write, says a person: it becomes one of its own and reads what was sold meanwhile.

    Writing goes on when that is done, see `keep`. False where somebody had said so before.
    """
    open_stops = WriteStop.objects.filter(pk=pk, ended_at=None, released_at=None).exclude(cause=WriteStop.Cause.STAFF)
    if not open_stops.update(released_at=Now(), released_by=by):
        return False
    Installation.objects.filter(pk=1).update(key=uuid.uuid4(), epoch=0, public_url=address())
    ask_for_orders(SellerAccount.objects.connected())
    return True


def pause_unconnected() -> None:
    """Pause live sellers whose orders cannot be read: connected again they would write what was true some days ago."""
    away = SellerAccount.objects.filter(mode=SellerAccount.Mode.LIVE, pushes_paused=False)
    away = away.exclude(status=SellerAccount.Status.CONNECTED)
    told = stored(NOT_COMPARED)
    with pghistory.context(reason=told):
        away.update(pushes_paused=True, status_reason=told)


def ask_for_orders(sellers: QuerySet[SellerAccount]) -> None:
    asked = [(account_id, "order_poll", COMPARED) for account_id in sellers.values_list("pk", flat=True)]
    work.bump_many(asked, priority=0)


def not_asked(stop: WriteStop) -> QuerySet[SellerAccount]:
    """Connected sellers whose orders were not read since the release and are not about to be: those that came later."""
    waiting = Q(state__in=[Work.State.READY, Work.State.LEASED])
    asked = Work.objects.filter(READING & (waiting | Q(last_done_at__gte=stop.released_at)))
    return SellerAccount.objects.connected().exclude(pk__in=asked.values("account"))


def is_compared(stop: WriteStop) -> bool:
    """Whether the orders of the last days were read since the release for every seller, and those they named are in.

    What is asked for later does not count: a busy shop has always some order that waits.
    """
    read = Work.objects.filter(READING, last_done_at__gte=stop.released_at)
    writing = Q(mode=SellerAccount.Mode.LIVE, pushes_paused=False)
    to_read = SellerAccount.objects.filter(writing | Q(status=SellerAccount.Status.CONNECTED))
    if to_read.exclude(pk__in=read.values("account")).exists():
        return False
    begun = Q(fails=0) & Q(state__in=[Work.State.READY, Work.State.LEASED])
    read_at = read.filter(account=OuterRef("account")).values("last_done_at")
    named = Q(kind__in=READ_BEFORE_WRITING, account__in=to_read, wanted_since__lte=Subquery(read_at) + SOON_AFTER)
    missing = Work.objects.filter(begun & named)
    return not missing.exclude(kind="order_poll", due_at__gt=Now() + timedelta(minutes=1)).exists()


# --- notes outside the database ---------------------------------------------------------------------------------------


def read_notes(key: uuid.UUID) -> Notes:
    found: list[int] = []
    complete = True
    for read in (_read_file, _read_redis):
        try:
            noted = read(key)
        except (OSError, ValueError, redis.RedisError):
            complete = False
        else:
            found += [] if noted is None else [noted]
    return Notes(max(found, default=None), complete)


def write_notes(key: uuid.UUID, epoch: int) -> None:
    """Where one of them cannot be written the other is enough."""
    with contextlib.suppress(redis.RedisError):
        _redis().set(_name(key), epoch)
    try:
        path = _path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(f".{os.getpid()}")
        new.write_text(str(epoch))
        new.replace(path)
    except OSError as error:
        logger.warning("the installation's epoch could not be noted on disk (%s)", type(error).__name__)


def _read_file(key: uuid.UUID) -> int | None:
    path = _path(key)
    return int(path.read_text()) if path.exists() else None


def _read_redis(key: uuid.UUID) -> int | None:
    found: Any = _redis().get(_name(key))
    return None if found is None else int(found)


def _path(key: uuid.UUID) -> Path:
    return Path(settings.DATA_DIR) / "installation" / str(key)


def _name(key: uuid.UUID) -> str:
    return f"enlace:installation:{key}"


def _redis() -> Any:
    timeouts = {"socket_timeout": REDIS_TIMEOUT, "socket_connect_timeout": REDIS_TIMEOUT}
    return redis.Redis.from_url(settings.REDIS_URL, retry=Retry(NoBackoff(), 0), **timeouts)
