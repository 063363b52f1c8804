"""Pushes as tried, and the work rows behind those that failed or are tried again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf

from catalog.marketplaces import refusals as refused_changes
from catalog.models import Listing, MarketplaceChange
from dashboard.queries import work
from sellers.models import FailureAction, PushAttempt, Work


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


def refusals() -> QuerySet[MarketplaceChange]:
    """Refused changes of Global Selling listings, with the names that rows of work have."""
    rows = refused_changes.open_ones().select_related("listing__account", "created_by").defer("listing__raw")
    words = Coalesce(NullIf(F("ml_words"), Value("", output_field=TextField())), F("explanation"))
    names = {"key": F("listing__item_id"), "last_error": words, "last_error_at": F("finished_at")}
    return rows.annotate(kind=Value("marketplace"), **names)


def actions() -> QuerySet[FailureAction]:
    """What staff did about failures."""
    return FailureAction.objects.select_related("account", "done_by")
