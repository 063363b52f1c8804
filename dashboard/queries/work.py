"""Work rows that failed or are late, grouped by what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, Min, Q, QuerySet, Value, When
from django.db.models.functions import Now

from sellers.models import SellerAccount, Work
from sellers.queue.failures import Alike, group_of, with_group

PUSHES = ("stock", "price")
ORDERS = ("order", "shipment")
GROUPS_SHOWN = 20


@dataclass(frozen=True)
class FailureGroup:
    """Rows that failed alike: the same kind and the same words but for ids and numbers in them."""

    kind: str
    error_class: str
    words: str
    count: int
    since: datetime

    @property
    def group(self) -> str:
        return group_of(self.kind, self.error_class, self.words)


@dataclass(frozen=True)
class Backlog:
    """Rows of one kind that are due and not yet done."""

    kind: str
    count: int
    since: datetime


@dataclass(frozen=True)
class KindOfWork:
    """Rows of one kind that are not done. `since`: what was wanted first, of those that wait or run.

    `due` are those that could run at this moment: not for later unless they failed before, and not of a seller whose
    work stands still.
    """

    kind: str
    ready: int
    leased: int
    dead: int
    since: datetime | None
    due: int
    due_since: datetime | None

    @property
    def backlog(self) -> Backlog | None:
        return Backlog(self.kind, self.due, self.due_since) if self.due_since else None


def of_kinds(kinds: Iterable[str] | None = None) -> QuerySet[Work]:
    return Work.objects.all() if kinds is None else Work.objects.filter(kind__in=kinds)


def failed(kinds: Iterable[str] | None = None) -> QuerySet[Work]:
    return of_kinds(kinds).filter(state=Work.State.DEAD)


def retrying(kinds: Iterable[str] | None = None) -> QuerySet[Work]:
    return of_kinds(kinds).filter(state=Work.State.READY, fails__gt=0)


def failure_groups(kinds: Iterable[str] | None = None) -> list[FailureGroup]:
    """Equal failures with their count and the age of the oldest: orders first, then the most frequent. One query."""
    rows = failed(kinds).order_by().values("kind", "last_error_class", words=Alike(F("last_error")))
    counted = rows.annotate(count=Count("pk"), since=Min("wanted_since"))
    sales_first = Case(When(kind__in=ORDERS, then=Value(0)), default=Value(1))
    found = counted.order_by(sales_first, "-count", "kind", "words")[:GROUPS_SHOWN]
    return [
        FailureGroup(row["kind"], row["last_error_class"], row["words"], row["count"], row["since"]) for row in found
    ]


def of_group(rows: QuerySet[Work], group: str) -> QuerySet[Work]:
    """The rows of a FailureGroup."""
    return with_group(rows).filter(group=group)


def can_run() -> Q:
    """Rows of sellers whose work is not passed over."""
    running = Q(account__status=SellerAccount.Status.CONNECTED) & ~Q(account__pushes_paused=True, kind__in=PUSHES)
    return Q(account__isnull=True) | running


def by_kind() -> list[KindOfWork]:
    """Rows that are not done, by kind. One query."""
    some = Q(state=Work.State.READY) | Q(state=Work.State.LEASED) | Q(state=Work.State.DEAD)  # an index each
    counted = {state: Count("pk", filter=Q(state=state)) for state in ("ready", "leased", "dead")}
    waiting = Q(state__in=[Work.State.READY, Work.State.LEASED])
    due = Q(can_run(), Q(due_at__lte=Now()) | Q(fails__gt=0), state=Work.State.READY)
    rows = Work.objects.filter(some).order_by("kind").values("kind")
    found: Iterable[Any] = rows.annotate(
        **counted,
        since=Min("wanted_since", filter=waiting),
        due=Count("pk", filter=due),
        due_since=Min("wanted_since", filter=due),
    )
    return [KindOfWork(**row) for row in found]
