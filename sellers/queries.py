"""What the pages of the connection show, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery

from sellers.models import Notification, SellerAccount, Work
from sellers.queue.failures import Alike, group_of, with_group

FAILED = Q(state=Work.State.DEAD)
# Written as a choice of two, so that each half finds its partial index.
RETRYING = (Q(state=Work.State.READY) | Q(state=Work.State.LEASED)) & ~Q(last_error_class="")
# Asked for several times, and not there or not ours: forged hints end here.
LET_GO = Q(state=Work.State.IDLE) & ~Q(last_error_class="")
TABS = {"failed": FAILED, "retrying": RETRYING, "let_go": LET_GO}
GROUPED = ("failed", "retrying")


def notification_kinds() -> list[str]:
    """Work kinds that notifications ask for."""
    return sorted(set(settings.NOTIFICATION_WORK.values()))


def work_of_notification() -> QuerySet[Work]:
    return Work.objects.filter(
        kind=OuterRef("work_kind"), key=OuterRef("work_key"), account__ml_user_id=OuterRef("ml_user_id")
    )


def notification_rows(request: Any = None) -> QuerySet[Notification]:
    """Notifications with seller and the state of the work they asked for; without the body."""
    work = work_of_notification()
    seller = SellerAccount.objects.filter(ml_user_id=OuterRef("ml_user_id"))
    return Notification.objects.defer("body").annotate(
        seller=Subquery(seller.values("nickname")[:1]),
        work_id=Subquery(work.values("pk")[:1]),
        work_state=Subquery(work.values("state")[:1]),
        work_error=Subquery(work.values("last_error")[:1]),
        work_error_class=Subquery(work.values("last_error_class")[:1]),
    )


def in_tab(rows: QuerySet[Notification], tab: str) -> QuerySet[Notification]:
    """Only those whose work failed, is being tried again, or was let go."""
    condition = TABS.get(tab)
    return rows if condition is None else rows.filter(Exists(work_of_notification().filter(condition)))


def error_groups(tab: str, limit: int = 20) -> list[dict[str, Any]]:
    """Equal errors of notifications' work, the most frequent first: how many, since when; ids and numbers left out."""
    rows = Work.objects.filter(TABS[tab], kind__in=notification_kinds())
    grouped = rows.values("kind", "last_error_class", words=Alike(F("last_error"))).annotate(
        count=Count("pk"), first_at=Min("last_error_at"), last_at=Max("last_error_at")
    )
    found: Iterable[Any] = grouped.order_by("-count", "kind", "words")[:limit]
    return [{**row, "group": group_of(row["kind"], row["last_error_class"], row["words"])} for row in found]


def group_ids(group: str) -> QuerySet[Any]:
    """Work rows of one group of equal errors."""
    rows = Work.objects.filter(FAILED | RETRYING, kind__in=notification_kinds())
    return with_group(rows).filter(group=group).values_list("pk", flat=True)


def tab_counts() -> dict[str, int]:
    """Failed, being retried and let go, of notifications' work, for the tabs."""
    rows = Work.objects.filter(kind__in=notification_kinds())
    return {tab: rows.filter(condition).count() for tab, condition in TABS.items()}


def same_resource(notification: Notification, limit: int = 20) -> QuerySet[Notification]:
    """Other notifications about the same thing, the newest first."""
    found = Notification.objects.defer("body").filter(
        work_kind=notification.work_kind, work_key=notification.work_key, ml_user_id=notification.ml_user_id
    )
    return found.exclude(pk=notification.pk).order_by("-pk")[:limit]


def seller_choices() -> list[tuple[int, str]]:
    return list(SellerAccount.objects.values_list("ml_user_id", "nickname").order_by("nickname"))


def search(rows: QuerySet[Notification], words: str) -> QuerySet[Notification]:
    """Notifications about an order, a listing or any other resource, or of an ML user; each by an index."""
    key = words.strip().rstrip("/").rpartition("/")[2][:200]
    found = Q(work_kind__in=notification_kinds(), work_key__in={key, key.upper()})
    found |= Q(work_kind="", work_key="", resource__endswith=key)
    if key.isascii() and key.isdigit() and len(key) <= 18:
        found |= Q(ml_user_id=int(key))
    return rows.filter(found) if key else rows
