"""Silence has a consequence: orders and missed notifications are read at once, and staff is told."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, F

from orders.models import Order, Run
from orders.runs import missed, runs
from sellers import clock
from sellers.notifications import hearing
from sellers.queue import work

NOT_AGAIN_FOR = timedelta(minutes=30)
MAY_COME_LATE = timedelta(minutes=15)
LATELY = timedelta(hours=3)
LOST = 3  # orders without a notification that are no chance any more


def watch() -> None:
    """Listen to the inbox; for sellers who fell silent, read what nobody announced. Run once a minute."""
    now = clock.now()
    hearing.listen(now)
    silent = set(hearing.silent_topics())
    just_read = Run.objects.filter(
        account__in=silent, kind=Run.Kind.ORDERS, reason=Run.Reason.SILENCE, asked_at__gt=now - NOT_AGAIN_FOR
    )
    due = silent - set(just_read.values_list("account_id", flat=True))
    for account_id in sorted(due):
        work.bump(account_id=account_id, kind="order_poll", key=runs.key_of(Run.Reason.SILENCE))
    if due:
        missed.schedule(Run.Reason.SILENCE)


def unannounced(now: datetime) -> dict[int, int]:
    """Orders of the last three hours that no notification announced within a quarter of an hour, by seller. One query
    over the newest orders; what was sold before the seller was connected is not counted."""
    lately = Order.objects.filter(
        date_created__gt=now - LATELY,
        date_created__lt=now - MAY_COME_LATE,
        date_created__gte=F("account__connected_at"),
        announced_at__isnull=True,
    )
    return dict(lately.order_by().values_list("account_id").annotate(count=Count("pk")))
