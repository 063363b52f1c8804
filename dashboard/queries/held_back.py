"""When calls to Mercado Libre were held back, for one seller or for all: told by the history of the breakers."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from dashboard.queries.history import events_of
from sellers.brakes.breakers import ML
from sellers.models import Breaker

State = Breaker.State
NO_END = 2**31 - 1  # above every event


def rows(request: Any = None) -> QuerySet[Any]:
    """A row for each time that calls were held back: the event it began with, with the breaker and its seller.

    `ended_at` is None while it lasts, `tried` is how many single calls were tried meanwhile.
    """
    events = events_of(Breaker).objects.order_by()
    same = events.filter(pgh_obj=OuterRef("pgh_obj"))
    before = same.filter(pgh_id__lt=OuterRef("pgh_id")).order_by("-pgh_id").values("state")[:1]
    end = same.filter(pgh_id__gt=OuterRef("pgh_id"), state=State.CLOSED).order_by("pgh_id")
    tried = same.filter(pgh_id__gt=OuterRef("pgh_id"), pgh_id__lt=OuterRef("end"), state=State.PROBING)
    began = events.filter(state=State.OPEN).annotate(before=Coalesce(Subquery(before), Value(State.CLOSED.value)))
    found: QuerySet[Any] = began.filter(before=State.CLOSED).annotate(
        ended_at=Subquery(end.values("pgh_created_at")[:1]),
        end=Coalesce(Subquery(end.values("pgh_id")[:1]), Value(NO_END)),
        tried=Coalesce(Subquery(tried.values("pgh_obj").annotate(many=Count("pk")).values("many")), Value(0)),
    )
    return found.select_related("pgh_obj__account")


def of_seller(found: QuerySet[Any], account_id: str) -> QuerySet[Any]:
    """Those that held a seller's calls back: its own, and those of Mercado Libre as a whole."""
    return found.filter(Q(pgh_obj__account_id=account_id) | Q(pgh_obj=ML))
