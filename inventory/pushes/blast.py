"""The blast-radius guard: what would empty a large part of a shop within ten minutes waits until somebody has looked.

A spreadsheet with an empty column must not take a shop off the market. A sale is a fact and is never held up: whatever
orders do to stock asks without the guard, and is not counted. What staff has just seen and confirmed neither.
While staff is asked, what buyers took is still written: see `push_decisions.is_only_sold`.

Counted are listings, each once, by what was noted of them: many small changes weigh as much as one large.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pghistory
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from catalog.models import Listing
from inventory.models import MassZero, StockMovement, StockTarget, Zeroing
from inventory.targets import words
from sellers.connection import accounts
from sellers.models import SellerAccount
from sellers.points import point
from ui.stored import stored, together, without

if TYPE_CHECKING:
    from inventory.pushes.wants import Wish

logger = logging.getLogger(__name__)

WITHIN = timedelta(minutes=10)
SHARE = 0.2
FEW = 10  # listings, below which nothing is large: they are soon put right by hand
OTHER_CHANGE = gettext_noop("a change of links, rules or settings")

# A listing that staff said is rightly empty is not asked about again for a day.
NOTE = """
insert into inventory_zeroing as kept (listing_id, account_id, at)
select *, now() from unnest(%s::bigint[], %s::bigint[]) as emptied (listing_id, account_id) order by listing_id
on conflict (listing_id) do update set at = now(), confirmed_at = null
 where kept.confirmed_at is null or kept.confirmed_at < now() - interval '1 day'
"""


def is_large(*, zeroed: int, listings: int) -> bool:
    """Whether so many of a seller's listings are too many to be emptied unasked."""
    return zeroed > settings.MASS_ZERO_LISTINGS or (zeroed >= FEW and zeroed > SHARE * listings)


def guard_against_mass_zero(wishes: Iterable[Wish]) -> None:
    """Note which listings of live sellers wishes would empty; pause a seller's pushes where they become too many."""
    emptied: dict[int, int] = {}
    for subject, found, lamps in wishes:
        if found.quantity == 0 and lamps.last_known > 0 and lamps.wanted != 0:
            emptied[subject.listing_id] = subject.account_id
    live = set(live_sellers(emptied.values()).values_list("pk", flat=True)) if emptied else set()
    emptied = {listing_id: account_id for listing_id, account_id in emptied.items() if account_id in live}
    if emptied:
        note(emptied)
        point("blast.noted")
        pause_where_large(set(emptied.values()))


def live_sellers(account_ids: Iterable[int]) -> QuerySet[SellerAccount]:
    """Those of the sellers that are written to: paused or to be connected again too, for then what is wanted waits."""
    return SellerAccount.objects.filter(pk__in=set(account_ids), mode=SellerAccount.Mode.LIVE)


def note(emptied: Mapping[int, int]) -> None:
    """Note listings (id -> account_id) that would be emptied now."""
    values: list[Any] = [list(emptied), list(emptied.values())]
    with connection.cursor() as cursor:
        cursor.execute(NOTE, values)


def pause_where_large(account_ids: Iterable[int]) -> None:
    counts = unconfirmed().filter(account__in=account_ids).order_by().values_list("account").annotate(Count("pk"))
    for account_id, zeroed in counts:
        if zeroed >= min(FEW, settings.MASS_ZERO_LISTINGS + 1):
            _pause_if_large(account_id, zeroed)


def watch() -> None:
    """Look at all sellers: two changes at one moment do not see each other's listings. Forget what is old.

    What is asked stays, and grows with what would be emptied since.
    """
    asked = MassZero.objects.filter(answered_at=None)
    old = Zeroing.objects.filter(at__lt=Now() - timedelta(days=2))
    old.exclude(confirmed_at=None, account__in=asked.values("account")).delete()
    pause_where_large(SellerAccount.objects.filter(mode=SellerAccount.Mode.LIVE).values_list("pk", flat=True))
    for one in asked:
        since = Zeroing.objects.filter(account=one.account_id, confirmed_at=None, at__gt=one.asked_at - WITHIN)
        emptied = since.count()
        asked.filter(pk=one.pk, zeroed__lt=emptied).update(zeroed=emptied)


def unconfirmed() -> QuerySet[Zeroing]:
    return Zeroing.objects.filter(at__gt=Now() - WITHIN, confirmed_at=None)


@transaction.atomic
def _pause_if_large(account_id: int, zeroed: int) -> None:
    listings = Listing.objects.filter(account_id=account_id, missing_since=None).exclude(status="closed").count()
    if not is_large(zeroed=zeroed, listings=listings):
        return
    is_asked = MassZero.objects.filter(account_id=account_id, answered_at=None).exists()
    asked = MassZero(account_id=account_id, zeroed=zeroed, listings=listings, change=last_change(account_id))
    MassZero.objects.bulk_create([asked], ignore_conflicts=True)
    told = stored(words.BLAST, zeroed=zeroed, listings=listings)
    with pghistory.context(reason=told):
        seller = SellerAccount.objects.filter(pk=account_id)
        paused = seller.filter(pushes_paused=False).update(pushes_paused=True, sales_go_on=True, status_reason=told)
        if not paused and not is_asked:  # paused before, for a reason of its own
            seller.update(status_reason=together(seller.values_list("status_reason", flat=True).get(), told))
    if not is_asked:
        logger.warning("seller %s: pushes paused, %s of %s listings would be zeroed", account_id, zeroed, listings)
    point("blast.paused")


def last_change(account_id: int) -> str:
    """What was done last to the stock of the emptied listings, in stored words."""
    listings = unconfirmed().filter(account=account_id).values("listing")
    moved = StockMovement.objects.filter(
        level__product__mappings__variation__listing__in=listings, owner="", created_at__gt=Now() - WITHIN
    )
    last = moved.select_related("actor").order_by("-pk").first()
    if last is None:
        return stored(OTHER_CHANGE)
    said = ", ".join(str(part) for part in (last.reason, last.actor) if part)
    return stored(words.BLAST_CHANGE, what=last.get_kind_display(), said=said or last.operation or "")


def asks_about(account_id: int) -> datetime | None:
    """Since when the changes were made that are asked about; None where nothing is asked."""
    asked = MassZero.objects.filter(account=account_id, answered_at=None).values_list("asked_at", flat=True).first()
    return None if asked is None else asked - WITHIN


def would_be_emptied(listing_ids: Iterable[int], since: datetime) -> bool:
    """Whether one of the listings is among those that would be emptied by what was changed since then."""
    return Zeroing.objects.filter(listing__in=listing_ids, confirmed_at=None, at__gte=since).exists()


# --- the answer -------------------------------------------------------------------------------------------------------


@transaction.atomic
def go_on(pk: int, *, by: Any) -> bool:
    """Staff has looked: push what is wanted now. False where somebody answered before.

    A seller that is paused by staff, or by another brake, stays paused: its reason no longer says what was asked.
    """
    asked = MassZero.objects.get(pk=pk)
    if not MassZero.objects.filter(pk=pk, answered_at=None).update(answered_at=Now(), answered_by=by):
        return False
    point("blast.answered")
    account = SellerAccount.objects.select_for_update().get(pk=asked.account_id)
    if account.sales_go_on:
        accounts.resume(account)
    else:
        resumed(account)
        account.status_reason = without(account.status_reason, words.BLAST)
        account.save(update_fields=["status_reason"])
    return True


def resumed(account: SellerAccount) -> None:
    """Pushes of a seller go on: what is empty now is meant, and is not asked about again; what was put right is new."""
    noted = Zeroing.objects.filter(account=account, confirmed_at=None)
    empty = StockTarget.objects.filter(variation__listing__account=account, wanted=0)
    noted.filter(listing__in=empty.values("variation__listing")).update(confirmed_at=Now())
    noted.delete()
    MassZero.objects.filter(account=account, answered_at=None).update(answered_at=Now())
