"""Every seller with what a card shows, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, OuterRef, QuerySet, Subquery

from dashboard.queries import pulse
from dashboard.queries.pulse import Numbers
from sellers.brakes import breakers
from sellers.models import Breaker, Grant, Job, Notification, SellerAccount, SyncCursor


@dataclass(frozen=True)
class SellerCard:
    """A seller and what was counted and last done for it."""

    account: SellerAccount
    numbers: Numbers
    order_lag: timedelta | None
    push_lag: timedelta | None
    token_expires_at: datetime | None
    token_obtained_at: datetime | None
    orders_read_at: datetime | None
    notified_at: datetime | None
    importing: Job | None
    held_back_until: datetime | None = None  # the next call, while Mercado Libre does not answer

    @property
    def pk(self) -> int:
        return self.account.pk

    @property
    def linked_share(self) -> float | None:
        """Of the units that can be linked, how many are, in per cent."""
        units = self.numbers.units
        return None if not units else 100 * (units - self.numbers.unlinked) / units


def cards(now: datetime, accounts: QuerySet[SellerAccount] | None = None) -> list[SellerCard]:
    """All sellers by nickname, or the given ones. Six queries."""
    rows = with_ages(SellerAccount.objects.all() if accounts is None else accounts)
    numbers, order_lags, push_lags = pulse.numbers_by_seller(), pulse.order_lags(now), pulse.push_lags(now)
    importing = running_imports()
    return [
        SellerCard(
            account=row,
            numbers=numbers.get(row.pk, Numbers()),
            order_lag=order_lags.get(row.pk),
            push_lag=push_lags.get(row.pk),
            token_expires_at=row.token_expires_at,
            token_obtained_at=row.token_obtained_at,
            orders_read_at=row.orders_read_at,
            notified_at=row.notified_at,
            importing=importing.get(row.pk),
            held_back_until=row.held_back_until,
        )
        for row in rows
    ]


def with_ages(accounts: QuerySet[SellerAccount]) -> QuerySet[Any]:
    grant = Grant.objects.filter(account=OuterRef("pk"), state=Grant.State.CURRENT)
    orders = SyncCursor.objects.filter(account=OuterRef("pk"), stream__startswith="order").order_by()
    heard = Notification.objects.filter(ml_user_id=OuterRef("ml_user_id")).order_by("-id")
    held = Breaker.objects.filter(breakers.holding(OuterRef("pk"))).order_by("-probe_at")
    return accounts.annotate(
        held_back_until=Subquery(held.values("probe_at")[:1]),
        token_expires_at=Subquery(grant.values("expires_at")[:1]),
        token_obtained_at=Subquery(grant.values("obtained_at")[:1]),
        orders_read_at=Subquery(orders.values("account").annotate(at=Max("full_pass_at")).values("at")),
        notified_at=Subquery(heard.values("received_at")[:1]),
    )


def running_imports() -> dict[int, Job]:
    jobs = Job.objects.filter(kind="catalog_import", state__in=[Job.State.QUEUED, Job.State.RUNNING])
    return {job.account_id: job for job in jobs if job.account_id}
