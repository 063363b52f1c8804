"""The facts that Today decides on, in a fixed number of queries whatever there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Min

from catalog.marketplaces import refusals
from catalog.models import PriceTarget
from catalog.shapes.shape_changes import open_changes
from dashboard import brakes
from dashboard.attention import Fact, renewal_is_late
from dashboard.attention_rules import Kind
from dashboard.hearing_facts import of_reading, of_silence
from dashboard.numbers import Numbers
from dashboard.processes import Process
from dashboard.queries import work
from dashboard.queries.history import events_of
from dashboard.queries.work import Backlog
from dashboard.wording import PROCESSES
from inventory.models import SellerWarehouse, StockCount, StockLevel, StockTarget
from inventory.places import stores
from orders.models import Order
from sellers.models import Grant, Job, SellerAccount
from ui.stored import told

JOBS_SHOWN_FOR = timedelta(days=3)
DAY = timedelta(days=1)
LATE = {Kind.ORDERS_LATE: timedelta(minutes=2), Kind.PUSHES_LATE: timedelta(minutes=5)}


def gather(numbers: Numbers) -> list[Fact]:
    """Everything that may need somebody. Facts without a count are left out by the decision."""
    now, accounts = numbers.at, [card.account for card in numbers.cards]
    emptied = brakes.open_mass_zeros()
    asked_about = {one.account_id for one in emptied}
    return [
        *of_processes(numbers.processes),
        *brakes.facts(accounts, now),
        *brakes.of_mass_zeros(emptied),
        *of_sellers([account for account in accounts if account.pk not in asked_about]),
        *of_stores(accounts),
        *of_tokens(now),
        *of_reading(numbers.cards, now),
        *of_silence(accounts, numbers.silent, now),
        *of_orders(),
        *of_failures(),
        *of_refusals(),
        *of_backlog(numbers.backlogs, now),
        *of_stock(),
        *of_shapes(),
        *of_prices(),
        *of_jobs(now),
    ]


def of_processes(seen: Iterable[Process]) -> Iterator[Fact]:
    missing = [process for process in seen if not process.alive]
    names = ", ".join(str(PROCESSES.get(process.name, process.name)) for process in missing)
    since = min((process.seen_at for process in missing if process.seen_at), default=None)
    yield Fact(Kind.PROCESS, count=len(missing), who=names, since=since)


def of_sellers(accounts: Sequence[SellerAccount]) -> Iterator[Fact]:
    """Sellers to connect again and sellers whose pushes stand still, each with its age. One query."""
    troubled = [account for account in accounts if account.state in ("needs_reconnect", "paused")]
    changed = changed_at([account.pk for account in troubled])
    for account in troubled:
        kind = Kind.PAUSED if account.state == "paused" else Kind.RECONNECT
        yield Fact(
            kind, who=account.nickname, words=told(account.status_reason), since=changed.get(account.pk), pk=account.pk
        )


def of_stores(accounts: Sequence[SellerAccount]) -> Iterator[Fact]:
    """Sellers whose stock ML keeps by warehouse and of whose stores none, or not every one, is linked to ours."""
    by_store = [one for one in accounts if one.manages_warehouses and one.status == SellerAccount.Status.CONNECTED]
    linked = SellerWarehouse.objects.filter(account__in=by_store).exclude(store_id="")
    done = set(linked.values_list("account_id", flat=True))
    without = [account for account in by_store if account.pk not in done]
    changed = changed_at([account.pk for account in without])
    for account in without:
        yield Fact(Kind.STORES, who=account.nickname, since=changed.get(account.pk), pk=account.pk)
    waiting = stores.to_link(by_store)
    for account in by_store:
        count, since = waiting.get(account.pk, (0, None))
        yield Fact(Kind.STORE_TO_LINK, count=count, who=account.nickname, since=since, pk=account.pk)


def changed_at(account_ids: list[int]) -> dict[int, datetime]:
    """When the sellers' state last changed."""
    rows = events_of(SellerAccount).objects.filter(pgh_obj_id__in=account_ids).order_by()
    return dict(rows.values_list("pgh_obj_id").annotate(at=Max("pgh_created_at")))


def of_tokens(now: datetime) -> Iterator[Fact]:
    ending = Grant.objects.filter(
        state=Grant.State.CURRENT,
        account__status=SellerAccount.Status.CONNECTED,
        expires_at__lt=now + timedelta(minutes=15),
    )
    for grant in ending.select_related("account").defer("access_ct", "refresh_ct"):
        if renewal_is_late(obtained_at=grant.obtained_at, expires_at=grant.expires_at, now=now):
            yield Fact(
                Kind.TOKEN,
                who=grant.account.nickname,
                since=grant.obtained_at,
                harm_at=grant.expires_at,
                pk=grant.account_id,
            )


def of_orders() -> Iterator[Fact]:
    states = {
        Order.StockState.UNLINKED.value: Kind.UNLINKED_ORDERS,
        Order.StockState.UNKNOWN.value: Kind.UNKNOWN_STATUS,
    }
    rows = Order.objects.filter(stock_state__in=states).order_by().values("stock_state")
    for row in rows.annotate(count=Count("pk"), since=Min("first_seen_at")):
        yield Fact(states[row["stock_state"]], count=row["count"], since=row["since"])


def of_failures() -> Iterator[Fact]:
    """Failed work grouped by equal errors: one line and one Retry for each."""
    for group in work.failure_groups():
        query = {"tab": "failed", "group": group.group}
        yield Fact(
            failure_kind(group.kind),
            count=group.count,
            since=group.since,
            words=group.words,
            query=query,
            retry={"group": group.group},
        )


def of_refusals() -> Iterator[Fact]:
    """Changes of Global Selling listings that were refused and that nobody answered. One query."""
    found = refusals.open_ones().order_by().aggregate(count=Count("pk"), since=Min("finished_at"))
    yield Fact(Kind.CHANGES_REFUSED, count=found["count"], since=found["since"])


def failure_kind(kind: str) -> Kind:
    if kind in work.PUSHES:
        return Kind.PUSHES_REFUSED
    if kind == "marketplace":
        return Kind.CHANGES_REFUSED
    return Kind.ORDERS_FAILED if kind in work.ORDERS else Kind.WORK_FAILED


def of_backlog(backlogs: Iterable[Backlog], now: datetime) -> Iterator[Fact]:
    """What is late by more than a moment; a short queue is nothing to look at."""
    for backlog in backlogs:
        kind = late_kind(backlog.kind)
        if kind and now - backlog.since > LATE[kind]:
            yield Fact(kind, count=backlog.count, since=backlog.since, query={"tab": "retrying", "kind": backlog.kind})


def late_kind(kind: str) -> Kind | None:
    if kind in work.PUSHES:
        return Kind.PUSHES_LATE
    return Kind.ORDERS_LATE if kind in work.ORDERS else None


def of_stock() -> Iterator[Fact]:
    """Oversold products, quantities that ML shows otherwise, counts to approve. Three queries."""
    oversold = StockLevel.objects.filter(on_hand__lt=F("reserved")).order_by()
    yield Fact(Kind.OVERSOLD, count=oversold.aggregate(count=Count("product", distinct=True))["count"])
    there = StockTarget.objects.filter(variation__gone_at=None, variation__listing__missing_since=None)
    drifted = there.filter(state=StockTarget.State.DRIFT).exclude(variation__listing__status="closed").order_by()
    drift = drifted.aggregate(count=Count("variation__listing", distinct=True), since=Min("observed_at"))
    yield Fact(Kind.DRIFT, count=drift["count"], since=drift["since"])
    waiting = StockCount.objects.filter(state=StockCount.State.WAITING).order_by()
    counts = waiting.aggregate(count=Count("pk"), since=Min("counted_at"))
    yield Fact(Kind.COUNTS_WAITING, count=counts["count"], since=counts["since"])


def of_shapes() -> Iterator[Fact]:
    """Listings of which ML made something else, until somebody has answered. One query."""
    found = open_changes().order_by().aggregate(count=Count("listing", distinct=True), since=Min("found_at"))
    yield Fact(Kind.SHAPES, count=found["count"], since=found["since"])


def of_prices() -> Iterator[Fact]:
    """Prices below their floor, and prices that were changed at ML where staff is to be asked. One query."""
    kinds = {PriceTarget.State.BELOW_FLOOR.value: Kind.BELOW_FLOOR, PriceTarget.State.DRIFT.value: Kind.PRICE_DRIFT}
    rows = PriceTarget.objects.filter(state__in=kinds).order_by().values("state")
    for row in rows.annotate(count=Count("pk"), wanted=Min("wanted_at"), seen=Min("observed_at")):
        since = row["seen"] if row["state"] == PriceTarget.State.DRIFT else row["wanted"]
        yield Fact(kinds[row["state"]], count=row["count"], since=since)


def of_jobs(now: datetime) -> Iterator[Fact]:
    failed = Job.objects.filter(state=Job.State.FAILED, finished_at__gt=now - JOBS_SHOWN_FOR).order_by()
    found = failed.aggregate(count=Count("pk"), since=Min("finished_at"))
    yield Fact(Kind.JOB_FAILED, count=found["count"], since=found["since"])
