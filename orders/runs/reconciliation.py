"""The net below the notifications: a poll of what changed. What ML could not deliver: `orders.runs.missed`.

**Which orders a poll asks for.** The search knows `date_last_updated`, the order itself only `last_updated`, and they
differ by hours or months: comparing one with the other means nothing. So a poll remembers for each order which
`date_last_updated` it saw, in the same transaction in which it asks for the order. It passes an order over only where
it asked for this very version before, and the order was fetched at least a minute after it. Anything else is fetched:
an order too many costs one call, an order too few is a sale lost.

**How far it has read.** `SyncCursor.high_water` is the newest `date_last_updated` seen, never later than our clock. It
moves only after a complete pass, in the transaction that asked for its orders: a pass that was killed happens again.
The search of Global Selling tells no such time: there it is the moment the pass began.

Every pass is a row that says what it came to: `orders.runs.runs`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.functions import Now

from orders.models import Order, Run
from orders.runs import runs
from orders.runs.windows import Found, changed_orders, window_start
from sellers import clock
from sellers.connection.clients import client_for
from sellers.models import SellerAccount, SyncCursor
from sellers.points import point
from sellers.queue import work

ORDERS = "orders"
POLLED = 30  # priority of an order found by a poll: after those that a notification announced
AFTER_THE_CHANGE = timedelta(minutes=1)
TIMELESS = timedelta(minutes=30)


# --- the poll ---------------------------------------------------------------------------------------------------------


def poll(claim: work.Claim) -> None:
    """Ask for every order that changed since the last complete pass, or in as many days as the key says."""
    account, begun = claim.account, clock.now()
    start = start_of(account, runs.reason_of(claim.key)[1])
    run = runs.begin(account, kind=Run.Kind.ORDERS, key=claim.key, since=start, until=begun)
    with runs.told(run, kind=claim.kind, fails=claim.fails):
        found = read(account, start, begun, between=lambda seen: work.extend(claim))
        with work.completing(claim):
            take_in(run, found, start=start, begun=begun)


def read(account: SellerAccount, start: datetime, end: datetime, *, between: Callable[[int], object]) -> Found:
    """Every order of a seller that changed in a window; writes nothing."""
    return changed_orders(client_for(account), account.ml_user_id, start, end, between=between)


def take_in(run: Run, found: Found, *, start: datetime, begun: datetime) -> list[int]:
    """Ask for what is news and move the cursor, in the caller's transaction. Returns the ids asked for."""
    account = run.account
    wanted = news(account, found.orders)
    runs.is_read(run, found=len(found.orders), asked=len(wanted), order_ids=wanted, whole=found.complete)
    work.bump_many([(account.pk, "order", str(order_id)) for order_id in wanted], priority=POLLED)
    point("poll.asked")
    remember(account, found.orders)
    if found.complete:
        move_cursor(account, begun if found.timeless else found.newest, start=start, begun=begun)
    return wanted


def start_of(account: SellerAccount, days: int | None = None) -> datetime:
    """Where a poll begins: so many days back, or behind the cursor, or where the first pass does."""
    if days is not None:
        return clock.now() - timedelta(days=days)
    cursor = SyncCursor.objects.filter(account=account, stream=ORDERS).first()
    if cursor is None:
        return clock.now() - timedelta(days=settings.ORDERS_FIRST_PASS_DAYS)
    return window_start(cursor.high_water)


def news(account: SellerAccount, seen: Mapping[int, datetime | None]) -> list[int]:
    """The orders that have to be fetched, by the rule at the top of this module. Orders that a parcel is missing
    from are looked at too, as long as one may still come."""
    stored = Order.objects.filter(account=account, pk__in=seen).values_list("pk", "search_last_updated", "fetched_at")
    now = clock.now()
    settled = {
        order_id for order_id, asked_for, fetched_at in stored if is_settled(seen[order_id], asked_for, fetched_at, now)
    }
    return sorted({*seen} - settled | {*without_parcel(account)})


def is_settled(version: datetime | None, asked_for: datetime | None, fetched_at: datetime, now: datetime) -> bool:
    """Whether this version of an order was asked for before and surely fetched since. Where the search tells none the
    order is fetched again every half hour: it stays in sight for two hours after each change."""
    if version is None:
        return fetched_at > now - TIMELESS
    return version == asked_for and fetched_at >= version + AFTER_THE_CHANGE


def without_parcel(account: SellerAccount) -> Collection[int]:
    """Young paid orders whose shipment ML has not shown yet."""
    young = Order.objects.filter(account=account, date_created__gt=Now() - timedelta(days=1), status="paid")
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
    cursor.full_pass_at = clock.now()
    cursor.save()


# --- the schedule -----------------------------------------------------------------------------------------------------


def schedule_polls() -> None:
    """Ask for a poll of every connected seller, spread over a minute."""
    for account_id in SellerAccount.objects.connected().values_list("pk", flat=True):
        work.bump(account_id=account_id, kind="order_poll", key="", delay=timedelta(seconds=account_id * 17 % 60))


def schedule_week() -> None:
    """Nightly: read the last week again, in case more was lost than the cursor knows."""
    _schedule_days(Run.Reason.NIGHT, 7)


def schedule_two_months() -> None:
    """Weekly: the same for two months."""
    _schedule_days(Run.Reason.WEEK, 60)


def _schedule_days(reason: Run.Reason, days: int) -> None:
    for account_id in SellerAccount.objects.connected().values_list("pk", flat=True):
        work.bump(account_id=account_id, kind="order_poll", key=runs.key_of(reason, days), priority=80)
