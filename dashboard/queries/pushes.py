"""Pushes as tried, and the work rows behind those that failed or are tried again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from catalog.models import Listing
from dashboard.queries import work
from sellers.models import HandledFailure, PushAttempt, Work


def attempts(request: Any = None) -> QuerySet[PushAttempt]:
    """Every try, with its seller and the listing's title."""
    title = Listing.objects.filter(item_id=OuterRef("item_id")).values("title")[:1]
    return PushAttempt.objects.select_related("account").annotate(title=Subquery(title))


def waiting(tab: str, kinds: Iterable[str] | None = work.PUSHES) -> QuerySet[Work]:
    """Work rows of the tab "failed" or "retrying", each with what its last try said."""
    rows = work.failed(kinds) if tab == "failed" else work.retrying(kinds)
    last = PushAttempt.objects.filter(account=OuterRef("account"), kind=OuterRef("kind"), key=OuterRef("key"))
    said = last.order_by("-id").values(
        said=JSONObject(
            **{name: F(name) for name in ("item_id", "changes", "ml_words", "meaning", "todo", "http_status")},
            duration_ms=F("duration_ms"),
        )
    )
    title = Listing.objects.filter(item_id=OuterRef("key")).values("title")[:1]
    return rows.select_related("account").annotate(said=Subquery(said[:1]), title=Subquery(title))


def counts(kinds: Iterable[str] | None = work.PUSHES) -> dict[str, int]:
    """How many failed and how many are tried again. One query over the rows that are not done."""
    rows = work.of_kinds(kinds).filter(Q(state=Work.State.DEAD) | Q(state=Work.State.READY, fails__gt=0)).order_by()
    failed = Count("pk", filter=Q(state=Work.State.DEAD))
    return rows.aggregate(failed=failed, retrying=Count("pk", filter=Q(state=Work.State.READY)))


def work_of(tried: QuerySet[PushAttempt]) -> QuerySet[Work]:
    """The work rows behind attempts."""
    of_row = tried.order_by().filter(account=OuterRef("account"), kind=OuterRef("kind"), key=OuterRef("key"))
    return work.of_kinds(work.PUSHES).filter(Exists(of_row))


def handled(kinds: Iterable[str] | None = None) -> QuerySet[HandledFailure]:
    """Failures that staff settled at Mercado Libre."""
    rows = HandledFailure.objects.select_related("account", "handled_by")
    return rows if kinds is None else rows.filter(kind__in=kinds)
