"""Which installation this is, so that a restored backup or a copied database writes nothing before a person says so.

The database carries a key and an epoch that grows every ten seconds. Both are noted outside of it: in a file below the
data directory, and in Redis. Every process compares before its first write, and the epoch again at each look at the
switch for writing.

    noted epoch above the database's      an older database is back: its stock is yesterday's
    known database, noted nowhere         it was copied to other machines
    another https address than it had     it was copied, or moved
    a note cannot be asked for            nothing is written until it can

After a person's yes the database gets a new key, the orders of seven days are read, and writing goes on once they are
in. See docs/adr/0012.
"""

from __future__ import annotations

import contextlib
import logging
import os
import uuid
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_noop
from redis.backoff import NoBackoff
from redis.retry import Retry

from sellers import stops, work
from sellers.models import Installation, SellerAccount, Work, WriteStop
from ui.stored import stored

logger = logging.getLogger(__name__)

REDIS_TIMEOUT = 0.2
COMPARED_DAYS = 7
COMPARED = f"days:{COMPARED_DAYS}"
READ_BEFORE_WRITING = ("order_poll", "order", "shipment")
RESTORED = gettext_noop(
    "This database is older than the one that ran here before: a backup was restored. Its stock and prices may be "
    "those of that day."
)
ELSEWHERE = gettext_noop(
    "This database ran on another installation before. If that one still runs, two would write the same listings."
)


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
    """What this process has found to be fine."""

    key: uuid.UUID | None = None
    epoch: int = 0


memory = Memory()


def is_trusted(key: uuid.UUID | None, epoch: int | None) -> bool:
    """Whether the database is the one that was found fine before; looks into it where that is not known."""
    if key is not None and key == memory.key and epoch is not None and epoch >= memory.epoch:
        memory.epoch = epoch
        return True
    return verify() is Verdict.FINE


def verify() -> Verdict:
    """Compare the database with what is noted outside of it; stop writing where it is another one."""
    own = current()
    notes = read_notes(own.key)
    if own.key == memory.key and memory.epoch > (notes.epoch or 0):
        notes = Notes(memory.epoch, notes.complete)
    verdict = judge(epoch=own.epoch, address=own.public_url, here=address(), notes=notes)
    if verdict is Verdict.FINE:
        memory.key, memory.epoch = own.key, own.epoch
    elif verdict is not Verdict.NOT_KNOWN:
        words = RESTORED if verdict is Verdict.RESTORED else ELSEWHERE
        stops.stop(cause=verdict.value, reason=stored(words))
    return verdict


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
    if verify() is Verdict.FINE:
        Installation.objects.filter(pk=1).update(epoch=F("epoch") + 1)
        own = current()
        write_notes(own.key, own.epoch)
    for stop in stops.active().filter(released_at__isnull=False):
        if is_compared():
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
    Installation.objects.filter(pk=1).update(key=uuid.uuid4(), epoch=1, public_url=address())
    sellers = SellerAccount.objects.connected().values_list("pk", flat=True)
    work.bump_many([(account_id, "order_poll", COMPARED) for account_id in sellers], priority=0)
    return True


def is_compared() -> bool:
    """Whether the orders of the last days, which `release` asked for, were read for every connected seller."""
    connected = SellerAccount.objects.connected()
    done = Work.objects.filter(kind="order_poll", key=COMPARED, state=Work.State.IDLE).values("account")
    if connected.exclude(pk__in=done).exists():
        return False
    begun = Q(fails=0) & Q(state__in=[Work.State.READY, Work.State.LEASED])
    return (
        not Work.objects.filter(begun, kind__in=READ_BEFORE_WRITING, account__in=connected)
        .exclude(kind="order_poll", due_at__gt=Now() + timedelta(minutes=1))
        .exists()
    )


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
