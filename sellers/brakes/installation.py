"""Which installation this is, so that a restored backup or a copied database writes nothing before a person says so.

The database carries a key and an epoch that grows every ten seconds. Both are noted outside of it: in a file below the
data directory of every machine, and in Redis. Every process compares before its first write, and the epoch again at
each look at the switch for writing.

    noted epoch above the database's      an older database is back: its stock is yesterday's
    another https address than it had     it was copied, or moved
    noted nowhere, or only long ago       either it was copied to other machines, or this machine is new and Redis has
                                          forgotten: that is doubted aloud, in the database, and nothing written here
    doubted for a minute                  it was copied: where it runs, somebody who knows it would have answered
    a note cannot be asked for            nothing is written until it can

After a person's yes the database gets a new key, the orders of seven days are read, and writing goes on once they are
in; a seller whose orders cannot be read is paused before that. See docs/adr/0012.
"""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import Any

import pghistory
from django.conf import settings
from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from sellers.brakes import stops
from sellers.brakes.epoch_notes import Notes, read_notes, write_notes
from sellers.models import Installation, SellerAccount, Work, WriteStop
from sellers.points import point
from sellers.queue import work
from ui.stored import stored

logger = logging.getLogger(__name__)

EVERY = 10.0  # seconds between the looks of one process
NEAR = 30  # epochs that a note may be behind: this machine, or Redis, was part of the installation moments ago
DOUBTED = timedelta(seconds=60)  # without an answer; every process of the installation looks several times meanwhile
DOUBT_ENDS = timedelta(minutes=10)  # an older one was left behind by processes that ended
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


def judge(*, epoch: int, address: str, here: str, notes: Notes, doubted: timedelta | None = None) -> Verdict:
    """What the database's epoch and address mean beside the notes and the address that this process has.

    `doubted`: for how long processes without a note have waited for one who knows the database.
    """
    if notes.epoch is not None and notes.epoch > epoch:
        return Verdict.RESTORED
    if address != here:
        return Verdict.ELSEWHERE
    if epoch <= 1 or (notes.epoch is not None and epoch - notes.epoch <= NEAR):
        return Verdict.FINE
    unanswered = doubted is not None and DOUBTED <= doubted < DOUBT_ENDS
    return Verdict.ELSEWHERE if notes.complete and unanswered else Verdict.NOT_KNOWN


@dataclass
class Memory:
    """What this process has found to be fine: key and epoch, replaced as one because threads share them."""

    found: tuple[uuid.UUID, int] | None = None
    attended: float | None = None  # when it looked last, by its own clock

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
    database and never another process that was quicker. That nothing is noted is doubted, and judged, only by those
    who note (`keeping`): another process may be all that runs.
    """
    own, noted = current(), None
    while noted is None or noted[0] != own.key:
        noted = own.key, notes_and_memory(own.key)
        own = current()
    notes = noted[1] if keeping else replace(noted[1], complete=False)
    verdict = judge(epoch=own.epoch, address=own.public_url, here=address(), notes=notes, doubted=own.doubted)
    if verdict is Verdict.FINE:
        memory.found = own.key, own.epoch
    elif verdict is not Verdict.NOT_KNOWN:
        stops.stop(cause=verdict.value, reason=reason_of(verdict, own))
    elif notes.complete:
        doubt()
    return verdict


def doubt() -> None:
    """Ask aloud who knows this database: whoever does lets its epoch grow, see `attend`."""
    over = Q(doubted_at=None) | Q(doubted_at__lte=Now() - DOUBT_ENDS)
    if Installation.objects.filter(over, pk=1).update(doubted_at=Now()):
        logger.warning("nothing is noted of this database here: nothing is written until another process knows it")


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


def current() -> Any:
    """The database's row, with `doubted`: for how long, by its clock. A new database gets one."""
    rows = Installation.objects.filter(pk=1).annotate(
        doubted=ExpressionWrapper(Now() - F("doubted_at"), output_field=DurationField())
    )
    own = rows.first()
    if own is None:
        Installation.objects.bulk_create([Installation(public_url=address())], ignore_conflicts=True)
        own = rows.get()
    return own


def address() -> str:
    """The https address of production; all machines of developers count as one."""
    return settings.PUBLIC_URL if settings.PRODUCTION else ""


def attend() -> None:
    """What pump and workers do all the time, each at most every ten seconds: note the epoch where they run, and answer
    a doubt. So every machine has its file, and a machine that has none stops nothing as long as others work."""
    now = time.monotonic()
    if memory.attended is None or now - memory.attended >= EVERY:
        memory.attended = now
        _attend()


def _attend(*, grows: bool = False) -> None:
    if verify(keeping=True) is not Verdict.FINE:
        return
    if grows or current().doubted_at:
        Installation.objects.filter(pk=1).update(epoch=F("epoch") + 1, doubted_at=None)
        point("epoch.grown")
    own = current()
    known = memory.epoch_of(own.key)
    if known is not None and own.epoch >= known:  # otherwise an older database came between: its note would hide that
        write_notes(own.key, own.epoch)


def keep() -> None:
    """Every ten seconds: let the epoch grow and note it, where all is well; end a stop whose orders are in."""
    _attend(grows=True)
    for stop in stops.active().filter(released_at__isnull=False):
        pause_unconnected()
        ask_for_orders(not_asked(stop))
        point("release.asked")
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
    Installation.objects.filter(pk=1).update(key=uuid.uuid4(), epoch=0, public_url=address(), doubted_at=None)
    point("release.written")
    ask_for_orders(SellerAccount.objects.connected())
    return True


def pause_unconnected() -> None:
    """Pause live sellers whose orders cannot be read: connected again they would write what was true some days ago."""
    writing = Q(pushes_paused=False) | Q(sales_go_on=True)
    away = SellerAccount.objects.filter(writing, mode=SellerAccount.Mode.LIVE)
    away = away.exclude(status=SellerAccount.Status.CONNECTED)
    told = stored(NOT_COMPARED)
    with pghistory.context(reason=told):
        away.update(pushes_paused=True, sales_go_on=False, status_reason=told)


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
