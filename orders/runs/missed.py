"""What Mercado Libre announced in the last two days and nobody took: read every ten minutes, all topics at once.

Only the account that owns the application may read it. One that was refused is asked again the day after.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from mercadolibre import errors
from mercadolibre.client import Client
from mercadolibre.notifications import Notification, resource_key
from orders.models import Run
from orders.runs import runs
from sellers import clock, marketplaces
from sellers.connection.clients import client_for
from sellers.models import SellerAccount, SyncCursor, Work
from sellers.points import point
from sellers.queue import work

MISSED = "missed_feeds"  # stream of the cursor, and kind of work
PAGE = 50
MOST = 50_000  # entries of one list: more is no list that ends
LIFE = timedelta(days=2)
ASK_AGAIN = timedelta(days=1)  # a seller who may not read them
CLOCKS_DIFFER = timedelta(minutes=2)

Wish = tuple[int, str, str]


def recover(claim: work.Claim) -> None:
    """Ask for everything that was missed. A seller who does not own the application is passed over from then on."""
    account = claim.account
    run = runs.begin(account, kind=Run.Kind.MISSED, key=claim.key, since=None, until=clock.now())
    with runs.told(run, kind=claim.kind, fails=claim.fails):
        try:
            missed = read(client_for(account), lambda: work.extend(claim))
        except errors.PolicyDenied:
            raise
        except errors.Forbidden:
            with work.completing(claim):
                refused(run)
            return
        with work.completing(claim):
            take_in(run, missed)


def refused(run: Run) -> None:
    """Not the owner of the application: said in the run, and nobody expects anything of this seller."""
    SyncCursor.objects.filter(account=run.account, stream=MISSED).delete()
    runs.end(run, Run.State.REFUSED, runs.NOT_THE_OWNER)


@dataclass(frozen=True)
class Missed:
    """The list as far as it was read; not `whole` where it never ended."""

    notifications: list[Notification]
    whole: bool = True


def take_in(run: Run, missed: Missed) -> list[Wish]:
    """Ask for what missed notifications point to, in the caller's transaction, and note who could read them."""
    wanted = wanted_by(missed.notifications)
    orders = [int(key) for _, kind, key in wanted if kind == "order"]
    runs.is_read(run, found=len(missed.notifications), asked=len(wanted), order_ids=orders, whole=missed.whole)
    work.bump_many(wanted)
    point("missed.asked")
    now = clock.now()
    SyncCursor.objects.update_or_create(
        account=run.account, stream=MISSED, defaults={"high_water": now, "full_pass_at": now}
    )
    return wanted


def read(client: Client, between: Callable[[], object] = lambda: None) -> Missed:
    """The whole list. Where ML wants to know a country, one of each country we have sellers in."""
    try:
        return _read(client, between, None)
    except errors.Rejected as refusal:
        if "site_id" not in " ".join(refusal.words()):
            raise
    sites = SellerAccount.objects.connected().order_by().values_list("site_id", flat=True).distinct()
    each = [_read(client, between, site_id) for site_id in sorted(sites)]
    return Missed([one for missed in each for one in missed.notifications], all(missed.whole for missed in each))


def _read(client: Client, between: Callable[[], object], site_id: str | None) -> Missed:
    """Page through the list until ML says null. Entries that cannot be read count as places of it."""
    found: list[Notification] = []
    for offset in range(0, MOST, PAGE):
        page = client.missed_feeds(int(settings.MELI_CLIENT_ID), site_id=site_id, offset=offset, limit=PAGE)
        found += page.notifications
        between()
        if not page.entries:
            return Missed(found)
    return Missed(found, whole=False)


def wanted_by(missed: Iterable[Notification]) -> list[Wish]:
    """The work that missed notifications ask for, without what was done since: ML lists each of them for two days."""
    accounts = marketplaces.accounts_by_number()
    newest: dict[Wish, datetime | None] = {}
    for one in missed:
        key = resource_key(one.topic, one.resource)
        kind = settings.NOTIFICATION_WORK.get(key.kind) if key else None
        account_id = accounts.get(one.user_id or 0)
        if key and kind and account_id and str(one.application_id or "") in ("", settings.MELI_CLIENT_ID):
            newest[account_id, kind, key.key] = latest(newest.get((account_id, kind, key.key)), one.received_at)
    done = last_done(newest)
    return sorted(wish for wish, at in newest.items() if not is_done(at, done.get(wish)))


def latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at), default=None)


def is_done(announced: datetime | None, done_at: datetime | None) -> bool:
    return announced is not None and done_at is not None and done_at > announced + CLOCKS_DIFFER


def last_done(wishes: Collection[Wish]) -> dict[Wish, datetime]:
    rows = Work.objects.filter(
        account_id__in={wish[0] for wish in wishes},
        kind__in={wish[1] for wish in wishes},
        key__in={wish[2] for wish in wishes},
    )
    found = rows.values_list("account_id", "kind", "key", "last_done_at")
    return {(account_id, kind, key): at for account_id, kind, key, at in found if account_id and at}


def schedule(reason: str = Run.Reason.CLOCK) -> None:
    """Ask the seller who could read them last time; where nobody could lately, everybody who was not just refused."""
    for account_id in readers():
        work.bump(account_id=account_id, kind=MISSED, key=runs.key_of(reason))


def readers() -> list[int]:
    now = clock.now()
    connected = SellerAccount.objects.connected()
    known = SyncCursor.objects.filter(stream=MISSED, full_pass_at__gt=now - LIFE, account__in=connected)
    if chosen := list(known.values_list("account_id", flat=True)):
        return chosen
    refused = Run.objects.filter(kind=Run.Kind.MISSED, state=Run.State.REFUSED, finished_at__gt=now - ASK_AGAIN)
    return list(connected.exclude(pk__in=refused.values("account_id")).values_list("pk", flat=True))
