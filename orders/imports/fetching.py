"""Orders and shipments fetched for many claims: ML gives them one by one, what follows is written for many at once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from mercadolibre import errors
from mercadolibre.client import Client
from orders.imports.foreign import let_go
from sellers import clock
from sellers.brakes import budget
from sellers.connection.clients import client_for
from sellers.models import SellerAccount
from sellers.points import point
from sellers.queue import outcomes, work

logger = logging.getLogger(__name__)

MOST = 10  # written in one transaction: their rows are locked, and the intake wants them too
NO_LONGER = 0.5  # seconds that the first of a batch waits for the others: where ML is slow, batches are small

T = TypeVar("T")


@dataclass(frozen=True)
class Fetched(Generic[T]):
    """What ML answered for one claim, and when it was asked: what was told after that may not be in it."""

    claim: work.Claim
    found: T
    asked_at: datetime


Batch = Sequence[Fetched[T]]
Fetch = Callable[[Client, SellerAccount, work.Claim], T]
Write = Callable[[SellerAccount, Batch[T]], None]


def fetch_one(claim: work.Claim, account: SellerAccount, fetch: Fetch[T]) -> Fetched[T]:
    return _fetched(client_for(account), account, claim, fetch)


def together(claims: list[work.Claim], fetch: Fetch[T], write: Write[T]) -> None:
    """Fetch for each claim, seller by seller, and write what came in batches.

    A claim whose call failed has ended. One that is late, or whose batch could not be written, is left as it was
    claimed, to be tried by itself.
    """
    by_seller: dict[int, list[work.Claim]] = {}
    for claim in claims:
        by_seller.setdefault(claim.account_id or 0, []).append(claim)
    for account in SellerAccount.objects.filter(pk__in=by_seller).order_by("pk"):
        for batch in _batches(_each(account, by_seller[account.pk], fetch)):
            try:
                write(account, batch)
            except Exception:  # whose fault it was shows when each is tried by itself
                logger.exception("%s of seller %s could not be written together", len(batch), account.pk)


def _batches(fetched: Iterator[Fetched[T]]) -> Iterator[Batch[T]]:
    batch: list[Fetched[T]] = []
    begun = time.monotonic()
    for one in fetched:
        batch.append(one)
        if len(batch) == MOST or time.monotonic() - begun > NO_LONGER:
            yield batch
            batch, begun = [], time.monotonic()
    if batch:
        yield batch


def _each(account: SellerAccount, claims: list[work.Claim], fetch: Fetch[T]) -> Iterator[Fetched[T]]:
    if claims[0].is_late:
        return
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
            yield _fetched(client, account, claim, fetch)
        except (outcomes.TryLater, *outcomes.OF_THE_SELLER) as error:
            work.fail(claim, error)
            work.give_back(claims[number + 1 :])
            return
        except errors.MeliError as error:
            work.fail(claim, error)


def _fetched(client: Client, account: SellerAccount, claim: work.Claim, fetch: Fetch[T]) -> Fetched[T]:
    asked_at = clock.since(claim.claimed_at, claim.taken_at)
    point("fetch.before_get")
    with let_go(claim):
        found = fetch(client, account, claim)
    point("fetch.after_get")
    return Fetched(claim, found, asked_at)
