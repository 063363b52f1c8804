"""Asking for pushes: what should be shown is written down with its time, and one work row per unit is bumped.

Part of the caller's transaction: a change of stock and the wish to push it exist together or not at all.
Locks: work rows first, then targets, as a push that completes does.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import pghistory
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog import upserts
from catalog.models import Listing, Variation
from inventory import words
from inventory.intents import Intent, intents_of, linked
from inventory.models import StockTarget
from sellers import work
from sellers.models import SellerAccount
from ui.stored import stored

logger = logging.getLogger(__name__)

NORMAL = 50
URGENT = 40  # a quantity that falls goes before one that rises: it is the one that oversells
BLAST_LISTINGS = 50
BLAST_SHARE = 0.2
BATCH = 2000
State = StockTarget.State


def want_products(product_ids: Iterable[int]) -> None:
    """Ask for the pushes of every listing that is linked to one of these products."""
    _want(linked().filter(mapping__product_id__in=set(product_ids)))


def want_variations(variation_ids: Iterable[int]) -> None:
    """Ask for the pushes of these sellable units; one that is no longer linked loses what was wanted of it."""
    variation_ids = set(variation_ids)
    _want(linked().filter(pk__in=variation_ids))
    unlinked = StockTarget.objects.filter(variation_id__in=variation_ids, variation__mapping=None)
    unlinked.update(wanted=None, wanted_at=None, state=State.UNLINKED, explanation="")


def want_account(account: SellerAccount, *, guard: bool = True) -> int:
    """Ask for the pushes of everything a seller has for sale. Returns how many units were asked for.

    Without `guard` for a change that staff has just seen and confirmed.
    """
    return _want(linked().filter(listing__account=account, listing__missing_since=None), guard=guard)


@transaction.atomic
def _want(variations: QuerySet[Variation], *, guard: bool = True) -> int:
    intents = intents_of(variations)
    if guard:
        guard_against_mass_zero(intents)
    urgency: dict[tuple[int, str], int] = {}
    for intent in intents:
        falls = intent.quantity is not None and intent.quantity < intent.last_known
        row = (intent.account.pk, intent.key)
        urgency[row] = min(urgency.get(row, NORMAL), URGENT if falls else NORMAL)
    _bump(urgency)
    for start in range(0, len(intents), BATCH):
        _remember(intents[start : start + BATCH])
    return len(urgency)


def _bump(urgency: Mapping[tuple[int, str], int]) -> None:
    """One row after the other by key, whatever its urgency: two changes never wait for each other."""
    by_key = sorted(urgency, key=lambda row: (row[1], row[0]))
    for priority, rows in groupby(by_key, key=urgency.__getitem__):
        work.bump_many([(account_id, "stock", key) for account_id, key in rows], priority=priority)


def _remember(intents: Sequence[Intent]) -> None:
    """Light the first lamp: what is wanted, since when."""
    now = timezone.now()
    fresh = [intent for intent in intents if intent.target is None]
    if fresh:
        made = [StockTarget(variation=intent.variation, state=State.WAITING) for intent in fresh]
        StockTarget.objects.bulk_create(made, ignore_conflicts=True)
    ids = [intent.variation.pk for intent in intents]
    locked = StockTarget.objects.filter(variation_id__in=ids).order_by("pk").select_for_update()
    targets = {target.variation_id: target for target in locked}
    changed = []
    for intent in intents:
        target = targets.get(intent.variation.pk)
        if target is not None and target.wanted != intent.quantity:
            target.wanted, target.wanted_at = intent.quantity, now
            target.settle_rounds = target.ignored_times = 0
            if intent.is_written:
                target.state, target.explanation = State.WAITING, ""
            changed.append(target)
    fields = ["wanted", "wanted_at", "settle_rounds", "ignored_times", "state", "explanation"]
    upserts.update(StockTarget, changed, fields=fields)


def guard_against_mass_zero(intents: Sequence[Intent]) -> None:
    """Pause a live seller's pushes where one change would empty a large part of the listings.

    A spreadsheet with an empty column must not take a shop off the market before somebody has looked.
    """
    emptied: dict[int, set[int]] = {}
    for intent in intents:
        if intent.quantity == 0 and intent.last_known > 0 and intent.account.may_write:
            emptied.setdefault(intent.account.pk, set()).add(intent.variation.listing_id)
    for account_id, listings in emptied.items():
        if len(listings) >= BLAST_LISTINGS:
            _pause_if_large(account_id, len(listings))


def _pause_if_large(account_id: int, zeroed: int) -> None:
    listings = Listing.objects.filter(account_id=account_id, missing_since=None).exclude(status="closed").count()
    if zeroed <= listings * BLAST_SHARE:
        return
    told = stored(words.BLAST, zeroed=zeroed, listings=listings)
    logger.warning("seller %s: pushes paused, %s of %s listings would be zeroed", account_id, zeroed, listings)
    with pghistory.context(reason=told):
        SellerAccount.objects.filter(pk=account_id).update(pushes_paused=True, status_reason=told)
