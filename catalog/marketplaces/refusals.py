"""Changes of Global Selling listings that were refused, and what staff answers: ask again, or settled at Mercado Libre.

A refusal is open until somebody answers it, or asks for something else of the same kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When

from catalog.models import Listing, MarketplaceChange
from sellers.models import FailureAction, Work
from sellers.queue import work

State = MarketplaceChange.State
Action = FailureAction.Action
ONCE = Q(field=MarketplaceChange.Field.VARIATION)  # sent after a yes it may be added twice: it is only looked for
AS_NEW: dict[str, Any] = {
    "state": State.WAITING,
    "ml_words": "",
    "explanation": "",
    "finished_at": None,
    "sent_at": Case(When(ONCE, then=F("sent_at"))),
    "times_sent": Case(When(ONCE, then=F("times_sent")), default=0),
}


def open_ones() -> QuerySet[MarketplaceChange]:
    """What was refused last of its kind for its listing, of listings that are still there."""
    same = MarketplaceChange.objects.filter(listing=OuterRef("listing"), field=OuterRef("field"))
    refused = MarketplaceChange.objects.filter(state=State.REFUSED, listing__missing_since=None)
    return refused.filter(~Exists(same.filter(pk__gt=OuterRef("pk"))))


def ask_again(change_ids: Iterable[int], *, by: Any) -> int:
    """Send refused changes once more, as if asked for now. Returns how many; what is not open is left as it is.

    A new variation to which Mercado Libre had said yes is not sent again, only looked for.
    """
    return _answer(change_ids, AS_NEW, Action.RETRY, by)


def handle(change_ids: Iterable[int], *, reason: str, by: Any) -> int:
    """Take refused changes off the list: staff says that they were settled at Mercado Libre, and how."""
    return _answer(change_ids, {"state": State.HANDLED}, Action.HANDLED, by, reason.strip())


@transaction.atomic
def _answer(change_ids: Iterable[int], values: dict[str, Any], action: str, by: Any, reason: str = "") -> int:
    """Under the locks that asking takes, so that nobody asks for something newer meanwhile."""
    ids = list(change_ids)
    listings = Listing.objects.filter(marketplace_changes__in=ids).order_by("pk").only("pk")
    list(listings.select_for_update(no_key=True, of=("self",)))
    found = list(open_ones().filter(pk__in=ids).select_related("listing").defer("listing__raw"))
    FailureAction.objects.bulk_create(_kept(one, action, by, reason) for one in found)
    MarketplaceChange.objects.filter(pk__in=[one.pk for one in found]).update(**values)
    if action == Action.RETRY:
        work.bump_many((one.listing.account_id, "marketplace", one.listing.item_id) for one in found)
    return len(found)


def _kept(change: MarketplaceChange, action: str, by: Any, reason: str) -> FailureAction:
    return FailureAction(
        account_id=change.listing.account_id,
        kind="marketplace",
        key=change.listing.item_id,
        state=Work.State.DEAD,
        last_error=change.ml_words or change.explanation,
        failed_at=change.finished_at,
        action=action,
        reason=reason,
        done_by=by,
    )
