"""The nets below the notifications: a poll of what changed, and what ML could not deliver.

**Which orders a poll asks for.** The search knows `date_last_updated`, the order itself only `last_updated`, and they
differ by hours or months: comparing one with the other means nothing. So a poll remembers for each order which
`date_last_updated` it saw, in the same transaction in which it asks for the order. It passes an order over only where
it asked for this very version before, and the order was fetched at least a minute after it. Anything else is fetched:
an order too many costs one call, an order too few is a sale lost.

**How far it has read.** `SyncCursor.high_water` is the newest `date_last_updated` seen, never later than our clock. It
moves only after a complete pass, in the transaction that asked for its orders: a pass that was killed happens again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from mercadolibre import errors
from mercadolibre.client import Client
from mercadolibre.notifications import Notification, resource_key
from orders.models import Order
from orders.windows import Found, changed_orders, window_start
from sellers import marketplaces, work
from sellers.clients import client_for
from sellers.models import SellerAccount, SyncCursor, Work
from sellers.points import point

logger = logging.getLogger(__name__)

ORDERS, MISSED = "orders", "missed_feeds"
POLLED = 30  # priority of an order found by a poll: after those that a notification announced
AFTER_THE_CHANGE = timedelta(minutes=1)
CLOCKS_DIFFER = timedelta(minutes=2)
MISSED_PAGE = 50
MISSED_LIFE = timedelta(days=2)


# --- the poll ---------------------------------------------------------------------------------------------------------


def poll(claim: work.Claim) -> None:
    """Ask for every order that changed since the last complete pass. The key "days:7" reads seven days again."""
    account, begun = claim.account, timezone.now()
    start = start_of(account, claim.key)
    found = read(account, start, begun, between=lambda seen: work.extend(claim))
    with work.completing(claim):
        take_in(account, found, start=start, begun=begun)


def read(account: SellerAccount, start: datetime, end: datetime, *, between: Callable[[int], object]) -> Found:
    """Every order of a seller that changed in a window; writes nothing."""
    return changed_orders(client_for(account), account.ml_user_id, start, end, between=between)


def take_in(account: SellerAccount, found: Found, *, start: datetime, begun: datetime) -> list[int]:
    """Ask for what is news and move the cursor, in the caller's transaction. Returns the ids asked for."""
    wanted = news(account, found.orders)
    work.bump_many([(account.pk, "order", str(order_id)) for order_id in wanted], priority=POLLED)
    point("poll.asked")
    remember(account, found.orders)
    if found.complete:
        move_cursor(account, found.newest, start=start, begun=begun)
    return wanted


def start_of(account: SellerAccount, key: str = "") -> datetime:
    """Where a poll begins: behind the cursor, days back on the first pass or where the key says so."""
    if key.startswith("days:"):
        return timezone.now() - timedelta(days=int(key.removeprefix("days:")))
    cursor = SyncCursor.objects.filter(account=account, stream=ORDERS).first()
    if cursor is None:
        return timezone.now() - timedelta(days=settings.ORDERS_FIRST_PASS_DAYS)
    return window_start(cursor.high_water)


def news(account: SellerAccount, seen: Mapping[int, datetime | None]) -> list[int]:
    """The orders that have to be fetched, by the rule at the top of this module. Orders that a parcel is missing
    from are looked at too, as long as one may still come."""
    stored = Order.objects.filter(account=account, pk__in=seen).values_list("pk", "search_last_updated", "fetched_at")
    settled = {
        order_id for order_id, asked_for, fetched_at in stored if is_settled(seen[order_id], asked_for, fetched_at)
    }
    return sorted({*seen} - settled | {*without_parcel(account)})


def is_settled(version: datetime | None, asked_for: datetime | None, fetched_at: datetime) -> bool:
    """Whether this version of an order was asked for before and surely fetched since."""
    return version is not None and version == asked_for and fetched_at >= version + AFTER_THE_CHANGE


def without_parcel(account: SellerAccount) -> Collection[int]:
    """Young paid orders whose shipment ML has not shown yet."""
    young = Order.objects.filter(account=account, date_created__gt=timezone.now() - timedelta(days=1), status="paid")
    return young.filter(shipping_id=None).exclude(tags__contains=["no_shipping"]).values_list("pk", flat=True)


def remember(account: SellerAccount, seen: Mapping[int, datetime | None]) -> None:
    """Note the version each order was asked for in; one that is not stored yet is simply asked for again."""
    stored = Order.objects.filter(account=account, pk__in=seen).only("pk", "search_last_updated").order_by("pk")
    changed = [order for order in stored.select_for_update() if order.search_last_updated != seen[order.pk]]
    for order in changed:
        order.search_last_updated = seen[order.pk]
    Order.objects.bulk_update(changed, ["search_last_updated"], batch_size=500)


def move_cursor(account: SellerAccount, newest: datetime | None, *, start: datetime, begun: datetime) -> None:
    """Forward only: a pass over older days leaves it where it is."""
    cursor, _created = SyncCursor.objects.get_or_create(
        account=account, stream=ORDERS, defaults={"high_water": min(newest or start, begun)}
    )
    cursor.high_water = max(cursor.high_water, min(newest or start, begun))
    cursor.full_pass_at = timezone.now()
    cursor.save()


# --- what ML could not deliver ----------------------------------------------------------------------------------------


def recover_missed(claim: work.Claim) -> None:
    """Ask for everything that ML announced in the last two days and nobody took.

    Only the token of the application's owner may read it: a seller who is not is passed over from then on.
    """
    account = claim.account
    try:
        missed = read_missed(client_for(account), lambda: work.extend(claim))
    except errors.PolicyDenied:
        raise
    except errors.Forbidden as refusal:
        logger.info("missed feeds of seller %s: %s", account.ml_user_id, errors.explain(refusal).meaning)
        with work.completing(claim):
            SyncCursor.objects.filter(account=account, stream=MISSED).delete()
        return
    with work.completing(claim):
        take_in_missed(account, missed)


def take_in_missed(account: SellerAccount, missed: Iterable[Notification]) -> list[tuple[int, str, str]]:
    """Ask for what missed notifications point to, in the caller's transaction, and note who could read them."""
    wanted = wanted_by(missed)
    work.bump_many(wanted)
    point("missed.asked")
    now = timezone.now()
    SyncCursor.objects.update_or_create(
        account=account, stream=MISSED, defaults={"high_water": now, "full_pass_at": now}
    )
    return wanted


def read_missed(client: Client, between: Callable[[], object] = lambda: None) -> list[Notification]:
    """Page through the missed feeds until ML says null."""
    found: list[Notification] = []
    while page := client.missed_feeds(int(settings.MELI_CLIENT_ID), offset=len(found), limit=MISSED_PAGE):
        found += page
        between()
    return found


def wanted_by(missed: Iterable[Notification]) -> list[tuple[int, str, str]]:
    """The work that missed notifications ask for, without what was done since: ML lists each of them for two days."""
    accounts = marketplaces.accounts_by_number()
    newest: dict[tuple[int, str, str], datetime | None] = {}
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


def last_done(wishes: Collection[tuple[int, str, str]]) -> dict[tuple[int, str, str], datetime]:
    rows = Work.objects.filter(account_id__in={wish[0] for wish in wishes}, key__in={wish[2] for wish in wishes})
    found = rows.values_list("account_id", "kind", "key", "last_done_at")
    return {(account_id, kind, key): at for account_id, kind, key, at in found if account_id and at}


# --- the schedule -----------------------------------------------------------------------------------------------------


def schedule_polls() -> None:
    """Ask for a poll of every connected seller, spread over a minute."""
    for account_id in SellerAccount.objects.connected().values_list("pk", flat=True):
        work.bump(account_id=account_id, kind="order_poll", key="", delay=timedelta(seconds=account_id * 17 % 60))


def schedule_week() -> None:
    """Nightly: read the last week again, in case more was lost than the cursor knows."""
    _schedule_days(7)


def schedule_two_months() -> None:
    """Weekly: the same for two months."""
    _schedule_days(60)


def _schedule_days(days: int) -> None:
    for account_id in SellerAccount.objects.connected().values_list("pk", flat=True):
        work.bump(account_id=account_id, kind="order_poll", key=f"days:{days}", priority=80)


def schedule_missed_feeds() -> None:
    """Ask the seller who could read the missed feeds last time; everybody where nobody could lately."""
    since = timezone.now() - MISSED_LIFE
    readers = SyncCursor.objects.filter(stream=MISSED, full_pass_at__gt=since).values_list("account_id", flat=True)
    connected = SellerAccount.objects.connected()
    chosen = connected.filter(pk__in=readers) if connected.filter(pk__in=readers).exists() else connected
    for account_id in chosen.values_list("pk", flat=True):
        work.bump(account_id=account_id, kind="missed_feeds", key="")
