"""Orders and shipments fetched for many claims: ML gives them one by one, what follows is written for many at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from mercadolibre import errors
from mercadolibre.client import Client
from sellers import budget, outcomes, work
from sellers.clients import client_for
from sellers.models import SellerAccount

MOST = 40  # written in one transaction
NO_LONGER = 0.5  # seconds that the first of a batch waits for the others: where ML is slow, batches are small

T = TypeVar("T")


@dataclass(frozen=True)
class Fetched(Generic[T]):
    """What ML answered for one claim."""

    claim: work.Claim
    found: T


Fetch = Callable[[Client, SellerAccount, work.Claim], T]


def in_batches(
    claims: list[work.Claim], fetch: Fetch[T], *, seconds: float = NO_LONGER
) -> Iterator[tuple[SellerAccount, list[Fetched[T]]]]:
    """Fetch for each claim, seller by seller, and give what came in batches.

    A claim whose call failed has ended; one that is late by then is left as it was claimed.
    """
    by_seller: dict[int, list[work.Claim]] = {}
    for claim in claims:
        by_seller.setdefault(claim.account_id or 0, []).append(claim)
    for account in SellerAccount.objects.filter(pk__in=by_seller).order_by("pk"):
        batch: list[Fetched[T]] = []
        begun = time.monotonic()
        for fetched in _each(account, by_seller[account.pk], fetch):
            batch.append(fetched)
            if len(batch) == MOST or time.monotonic() - begun > seconds:
                yield account, batch
                batch, begun = [], time.monotonic()
        if batch:
            yield account, batch


def _each(account: SellerAccount, claims: list[work.Claim], fetch: Fetch[T]) -> Iterator[Fetched[T]]:
    try:
        client = client_for(account)
    except outcomes.TryLater as later:
        for claim in claims:
            work.fail(claim, later)
        return
    with budget.taken_ahead(len(claims), account_id=account.pk, factor=account.rate_factor):
        yield from _answered(client, account, claims, fetch)


def _answered(
    client: Client, account: SellerAccount, claims: list[work.Claim], fetch: Fetch[T]
) -> Iterator[Fetched[T]]:
    for number, claim in enumerate(claims):
        if claim.is_late:
            return
        try:
            yield Fetched(claim, fetch(client, account, claim))
        except (outcomes.TryLater, *outcomes.OF_THE_SELLER) as error:
            work.fail(claim, error)
            work.give_back(claims[number + 1 :])
            return
        except errors.MeliError as error:
            work.fail(claim, error)
