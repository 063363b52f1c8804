"""From observing to writing: what would change at Mercado Libre, and the switch, with who turned it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.functional import Promise

from catalog.models import Listing, PriceTarget, Variation
from inventory.targets.intents import Intent, intents_of, linked
from inventory.targets.stock_targets import Reason
from inventory.targets.words import REASONS
from sellers.models import SellerAccount
from sellers.points import point
from sellers.queue import work

CHUNK = 2000


@dataclass(frozen=True)
class PriceChange:
    """A price that would be sent."""

    listing: Listing
    old: Decimal | None
    new: Decimal


@dataclass
class Preview:
    """What going live would send: the quantities and prices that differ, and counts of everything."""

    changes: list[Intent] = field(default_factory=list)
    prices: list[PriceChange] = field(default_factory=list)
    equal: int = 0
    to_zero: int = 0
    frozen: Counter[Reason] = field(default_factory=Counter)  # linked units that are not written, by why
    unlinked: int = 0

    @property
    def will_change(self) -> int:
        return len(self.changes)

    @property
    def not_written(self) -> int:
        return self.frozen.total()

    @property
    def frozen_words(self) -> list[tuple[int, Promise]]:
        """How many are left as they are and why, in words for staff; the largest number first."""
        return [(count, REASONS[reason]) for reason, count in self.frozen.most_common()]

    @property
    def lacks_stores(self) -> bool:
        return bool(self.frozen[Reason.NO_LINKED_STORE])


def preview_of(account: SellerAccount) -> Preview:
    """What would be pushed if the seller went live now. Reads our tables only; ML's numbers are as last seen."""
    preview = Preview()
    for intent in _intents(account):
        if not intent.is_written:
            preview.frozen[intent.choice.reason] += 1
        elif intent.quantity == intent.variation.available_quantity:
            preview.equal += 1
        else:
            preview.changes.append(intent)
            preview.to_zero += intent.quantity == 0
    preview.changes.sort(key=_harm)
    preview.prices = price_changes(account)
    unlinked = Variation.objects.filter(
        listing__account=account,
        listing__missing_since=None,
        listing__parent_item=None,
        mapping=None,
        ignored=False,
        gone_at=None,
    ).exclude(listing__status="closed")
    preview.unlinked = unlinked.count()
    return preview


def _intents(account: SellerAccount) -> Iterator[Intent]:
    """All linked units of a seller that ML still shows, in chunks."""
    variations = linked().filter(listing__account=account, listing__missing_since=None)
    variations = variations.exclude(listing__status="closed").order_by("pk")
    after = 0
    while ids := list(variations.filter(pk__gt=after).values_list("pk", flat=True)[:CHUNK]):
        yield from intents_of(linked().filter(pk__in=ids))
        after = ids[-1]


def _harm(intent: Intent) -> tuple[bool, int]:
    """What reaches zero first, then the largest falls."""
    quantity = intent.quantity or 0
    return quantity != 0, quantity - intent.variation.available_quantity


def price_changes(account: SellerAccount) -> list[PriceChange]:
    """Prices that staff set and that differ from ML's."""
    targets = PriceTarget.objects.filter(listing__account=account, wanted__isnull=False)
    differing = targets.exclude(wanted=F("observed")).select_related("listing").defer("listing__raw")
    return [PriceChange(one.listing, one.observed, one.wanted) for one in differing.order_by("pk") if one.wanted]


@transaction.atomic
def go_live(*, account: SellerAccount, by: Any = None) -> bool:
    """Begin to write to ML for a seller; everything that differs is pushed. False where it was live already."""
    locked = SellerAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if locked.mode == SellerAccount.Mode.LIVE:
        return False
    with pghistory.context(action="go live", by=str(by or "command")):
        locked.mode, locked.live_since, locked.live_by = SellerAccount.Mode.LIVE, timezone.now(), by
        locked.save(update_fields=["mode", "live_since", "live_by"])
    point("go_live.switched")
    work.bump(account_id=account.pk, kind="went_live", key="")
    return True
