"""Reconciling by hand, from the command line: the same code as the workers', done before the command returns."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.core.management.base import CommandError, OutputWrapper
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from mercadolibre.errors import MeliError, explain
from orders.models import Run
from orders.runs import run_words, runs
from sellers.models import SellerAccount, Work
from sellers.queue import work
from sellers.queue.outcomes import TryLater

SLICE = 2.0  # seconds of work between two lines of progress
Wish = tuple[int, str, str]


def sellers_named(nickname: str | None) -> list[SellerAccount]:
    """The connected sellers, or the one of a nickname. Raises CommandError."""
    if nickname is None:
        return list(SellerAccount.objects.connected())
    found = list(SellerAccount.objects.filter(nickname=nickname))
    if not found:
        known = ", ".join(SellerAccount.objects.values_list("nickname", flat=True)) or "none"
        raise CommandError(f"No seller is called {nickname!r}. Known: {known}.")
    away = [account for account in found if account.status != SellerAccount.Status.CONNECTED]
    if away:
        raise CommandError(f"{away[0]} is not connected ({away[0].get_status_display()}): connect it again first.")
    return found


def moment(text: str) -> datetime:
    """An ISO date or datetime, in our time zone where it names none, not in the future. Raises CommandError."""
    try:
        day, at = parse_date(text), parse_datetime(text)
    except ValueError:
        day = at = None
    if at is None and day is not None:
        at = datetime(day.year, day.month, day.day)
    if at is None:
        raise CommandError(f"{text!r} is not an ISO date or time, such as 2026-05-03 or 2026-05-03T08:00:00Z.")
    at = timezone.make_aware(at) if timezone.is_naive(at) else at
    if at > timezone.now():
        raise CommandError(f"{text} is in the future.")
    return at


@contextmanager
def explained(account: SellerAccount) -> Iterator[None]:
    """Turn what Mercado Libre refuses into a clear line. Raises CommandError."""
    try:
        yield
    except MeliError as error:
        told = explain(error)
        raise CommandError(f"{account}: {told.meaning} {told.todo} ({error})") from error
    except TryLater as later:
        raise CommandError(f"{account}: {later} Try again in {later.delay.total_seconds():.0f} s.") from later


def work_off(wishes: Collection[Wish], out: OutputWrapper) -> int:
    """Do this work now, beside the workers, with progress. Returns how many of it could not be done yet."""
    lanes = {work.lane_of(kind) for _, kind, _ in wishes}
    while left := open_work(wishes):
        out.write(f"  {len(wishes) - left} of {len(wishes)} done")
        if not sum(work.drain(lane, who="command", seconds=SLICE) for lane in sorted(lanes)):
            return left
    return 0


def tell(run: Run, out: OutputWrapper) -> None:
    """What a run came to, as its page says it."""
    if run.state == Run.State.FETCHING:
        runs.add_up(run)
    run.refresh_from_db()
    out.write(f"{run.account}: {run_words.summary(run)}")


def open_work(wishes: Collection[Wish]) -> int:
    named = Q(account_id__in={wish[0] for wish in wishes}, key__in={wish[2] for wish in wishes})
    rows = Work.objects.filter(named).exclude(state=Work.State.IDLE).values_list("account_id", "kind", "key")
    return len({*wishes} & {*rows})
