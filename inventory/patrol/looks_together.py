"""Looks at many listings at once: after every sale and every push Mercado Libre says that something changed.

What stands elsewhere than on a listing (stock written by place) and every answer that is not plain is left as it was
claimed, and the handlers of `inventory.patrol.patrol` look at it one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inventory.patrol import looking
from inventory.patrol.patrol import BY_PLACE
from inventory.targets.intents import units_of
from mercadolibre import errors
from mercadolibre.calls.items import BULK_LIMIT
from sellers.connection.clients import client_for
from sellers.models import SellerAccount
from sellers.points import point
from sellers.queue import work
from sellers.queue.outcomes import TryLater


@dataclass(frozen=True)
class Look:
    """One claim and the items that have to be read for it."""

    claim: work.Claim
    item_ids: Sequence[str]


def look_at_items(claims: list[work.Claim]) -> None:
    """Read listings again (work kind "item", key: item id)."""
    for account, of_seller in _by_seller(claims):
        _look(account, [Look(claim, [claim.key]) for claim in of_seller])


def look_at_user_products(claims: list[work.Claim]) -> None:
    """Read the listings of user products again (work kind "user_product_stock", key: user product id)."""
    for account, of_seller in _by_seller(claims):
        item_ids = looking.listings_by_user_product(account, [claim.key for claim in of_seller])
        by_place = _by_place(account, item_ids)
        plain = [Look(claim, item_ids[claim.key]) for claim in of_seller if claim.key not in by_place]
        _look(account, plain)


def _by_seller(claims: Iterable[work.Claim]) -> list[tuple[SellerAccount, list[work.Claim]]]:
    found: dict[int, list[work.Claim]] = {}
    for claim in claims:
        found.setdefault(claim.account_id or 0, []).append(claim)
    accounts = SellerAccount.objects.in_bulk(found)
    return [(accounts[pk], of_seller) for pk, of_seller in found.items() if pk in accounts]


def _by_place(account: SellerAccount, keys: Iterable[str]) -> set[str]:
    units = units_of(account, keys)
    return {key for key, unit in units.items() if any(one.choice.dialect in BY_PLACE for one in unit.intents)}


def _look(account: SellerAccount, looks: Sequence[Look]) -> None:
    for some in _packed(looks):
        if some[0].claim.is_late:
            return
        try:
            items = client_for(account).items(sorted({item_id for one in some for item_id in one.item_ids}))
        except TryLater as later:
            for one in some:
                work.fail(one.claim, later)
        except errors.MeliError:
            return  # whatever it means, for this row or for the seller, is told when they are tried one by one
        else:
            point("looks.after_get")
            _take_in(account, [one for one in some if all(items[item_id] for item_id in one.item_ids)], items)


def _packed(looks: Iterable[Look]) -> list[list[Look]]:
    """Together as many as one bulk call takes. No look is larger than that."""
    found: list[list[Look]] = []
    room = 0
    for one in looks:
        if not found or len(one.item_ids) > room:
            found.append([])
            room = BULK_LIMIT
        found[-1].append(one)
        room -= len(one.item_ids)
    return found


def _take_in(account: SellerAccount, looks: Sequence[Look], items: looking.Items) -> None:
    by_claim = {one.claim.work_id: one.item_ids for one in looks}
    with work.completing_many([one.claim for one in looks]) as held:
        wanted = {item_id for claim in held for item_id in by_claim[claim.work_id]}
        copying = looking.take_in(account, {item_id: item for item_id, item in items.items() if item_id in wanted})
        looking.once_more(claim for claim in held if not copying.isdisjoint(by_claim[claim.work_id]))
    if whole := [claim.key for claim in held if claim.kind == "user_product_stock"]:
        looking.turn_taken(account, whole)
