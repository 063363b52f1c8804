"""The blast-radius guard: one change that would empty a large part of a shop waits until somebody has looked."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pghistory

from catalog.models import Listing
from inventory import words
from sellers.models import SellerAccount
from ui.stored import stored

if TYPE_CHECKING:
    from inventory.wants import Wish

logger = logging.getLogger(__name__)

BLAST_LISTINGS = 50
BLAST_SHARE = 0.2


def guard_against_mass_zero(wishes: Iterable[Wish]) -> None:
    """Pause a live seller's pushes where one change would empty a large part of the listings.

    A spreadsheet with an empty column must not take a shop off the market before somebody has looked.
    """
    emptied: dict[int, set[int]] = {}
    for subject, found, lamps in wishes:
        if found.quantity == 0 and lamps.last_known > 0 and subject.live:
            emptied.setdefault(subject.account_id, set()).add(subject.listing_id)
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
