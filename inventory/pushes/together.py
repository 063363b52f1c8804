"""Pushes of many units at once: one bulk read before, one PUT for each that differs, one bulk read after.

Only the plain way is gone here, through an item. What turns out to be something else (written place by place, gone,
frozen, in conflict, answered with nonsense, of a seller paused a moment ago) is left as it was claimed, and
`stock_push.push` tries it by itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from catalog.imports import storing
from catalog.mapping import matching
from inventory.pushes import attempts, push_results
from inventory.pushes.push_decisions import Baseline, baselines_of, settle, staff_decides
from inventory.pushes.push_results import Result
from inventory.pushes.routes import Reading, is_through_item, reading_of, writer_of
from inventory.pushes.stock_push import tell_refusal
from inventory.queries import places_of
from inventory.targets import lamps
from inventory.targets.allocation import Place
from inventory.targets.intents import Unit, after_look, units_of
from mercadolibre import errors
from mercadolibre.calls.items import BULK_LIMIT
from mercadolibre.client import Client
from mercadolibre.resources.items import Item
from sellers import clock
from sellers.brakes import budget
from sellers.connection.clients import client_for
from sellers.models import PushAttempt, SellerAccount
from sellers.points import point
from sellers.queue import work
from sellers.queue.outcomes import OF_THE_SELLER, TryLater

FRESH_FOR = 6.0  # seconds after the reading in which something is written; the client itself refuses after ten


@dataclass(eq=False)
class Push:
    """One claim on its way."""

    claim: work.Claim
    unit: Unit
    baselines: Mapping[int, Baseline] = field(default_factory=dict)
    item_id: str = ""
    reading: Reading = field(init=False)
    attempt: PushAttempt = field(init=False)

    @property
    def falls(self) -> bool:
        return any(change.new < change.old for change in self.reading.changes)


def push_many(claims: list[work.Claim]) -> None:
    """Make many units equal, seller by seller; what is left is for `stock_push.push`."""
    by_seller: dict[int, list[work.Claim]] = {}
    for claim in claims:
        by_seller.setdefault(claim.account_id or 0, []).append(claim)
    accounts = SellerAccount.objects.in_bulk(by_seller)
    places = places_of(accounts)
    for account_id, of_seller in by_seller.items():
        for start in range(0, len(of_seller), BULK_LIMIT):
            if account_id in accounts and not of_seller[0].is_late:
                some = of_seller[start : start + BULK_LIMIT]
                _push_seller(accounts[account_id], some, places[account_id])


def _push_seller(account: SellerAccount, claims: Sequence[work.Claim], places: Sequence[Place]) -> None:
    units = units_of(account, [claim.key for claim in claims], places=places)
    pushes = [Push(claim, units[claim.key]) for claim in claims]
    to_write = [one for one in pushes if account.mode == SellerAccount.Mode.LIVE and one.unit.written]
    results = [push_results.said(one.claim, one.unit) for one in pushes if one not in to_write]
    plain = [one for one in to_write if account.may_write and is_through_item(one.unit)]
    push_results.complete([*results, *_through_items(account, plain)])


def _through_items(account: SellerAccount, pushes: Sequence[Push]) -> list[Result]:
    """Read, decide, write and read back. Returns what is to be completed; what failed has ended."""
    if not pushes:
        return []
    try:
        client = client_for(account)
        started = time.monotonic()
        read = _read(client, account, pushes)
    except (errors.MeliError, TryLater) as error:
        _fail_all(pushes, error)
        return []
    results, differing = _decide(read)
    sent = _send(account, differing, until=started + FRESH_FOR)
    return results + _read_back(client, account, sent)


# --- reading ------------------------------------------------------------------------------------------------------


def _read(client: Client, account: SellerAccount, pushes: Iterable[Push]) -> list[Push]:
    """Read the item of each; those that ML does not give, shows in another shape or that cannot be written are left."""
    for one in pushes:
        one.baselines, one.item_id = baselines_of(one.unit), writer_of(one.unit) or ""
    point("pushes.before_get")
    items = client.items(sorted({one.item_id for one in pushes}))
    point("pushes.after_get")
    found = [one for one in pushes if items[one.item_id] is not None]
    saved = _take_in(account, items)
    found = [one for one in found if not saved[one.item_id].shape]
    for one in found:
        one.unit = after_look(one.unit, saved[one.item_id])
        one.reading = _reading(client, one, items)
    return [one for one in found if one.reading.written]


def _reading(client: Client, push: Push, items: Mapping[str, Item | None]) -> Reading:
    item = items[push.item_id]
    return Reading(push.unit) if item is None else reading_of(push.unit, item, client)


def _take_in(account: SellerAccount, items: Mapping[str, Item | None]) -> dict[str, storing.Saved]:
    """Save items that were just read. Returns what they became by item id."""
    present = [item for item in items.values() if item is not None]
    saved = storing.save_items(account, present, clock.now())
    if new := [one.variations[unit].pk for one in saved for unit in one.new_variation_ids]:
        matching.link_exact(variation_ids=new)
    if changed := [one.listing.pk for one in saved if one.shape]:
        lamps.gone(changed)
    return {one.listing.item_id: one for one in saved}


def _fail_all(pushes: Sequence[Push], error: Exception) -> None:
    """A call for all of them failed. Where it may be the fault of one, all are left to be tried by themselves."""
    claims = [one.claim for one in pushes]
    if isinstance(error, TryLater | errors.TransportError):
        for claim in claims:
            work.fail(claim, error)
    elif isinstance(error, OF_THE_SELLER):
        work.fail(claims[0], error)
        work.give_back(claims[1:])


# --- deciding and writing -----------------------------------------------------------------------------------------


def _decide(pushes: Iterable[Push]) -> tuple[list[Result], list[Push]]:
    """What can be completed at once, and what has to be written."""
    results, differing = [], []
    for one in pushes:
        try:
            result = _result_without_writing(one)
        except TryLater as later:
            work.fail(one.claim, later)
            continue
        if result is None:
            differing.append(one)
        else:
            results.append(result)
    return results, differing


def _result_without_writing(push: Push) -> Result | None:
    if not push.reading.changes:
        return push_results.unchanged(push.claim, push.reading)
    settle(push.reading, push.baselines)
    return push_results.left_to_staff(push.claim, push.reading) if staff_decides(push.reading) else None


def _send(account: SellerAccount, pushes: Sequence[Push], *, until: float) -> list[Push]:
    """PUT one after the other, what falls first. Returns those that ML said yes to; what is not sent is given back."""
    pushes = sorted(pushes, key=lambda one: not one.falls)
    for one in pushes:
        one.attempt = attempts.planned(account, one.claim.key, one.reading.changes, tries=one.claim.fails + 1)
    if pushes:
        attempts.begin([one.attempt for one in pushes])
    with budget.taken_ahead(len(pushes), account_id=account.pk, factor=account.rate_factor):
        return _put(pushes, until=until)


def _put(pushes: Sequence[Push], *, until: float) -> list[Push]:
    accepted = []
    for number, one in enumerate(pushes):
        if time.monotonic() > until:
            _leave(pushes[number:])
            break
        try:
            one.attempt.started_at = timezone.now()
            point("pushes.before_put")
            attempts.answered(one.attempt, one.reading.write())
            accepted.append(one)
            point("pushes.after_put")
        except TryLater as later:
            attempts.withdraw([each.attempt for each in pushes[number:]])
            _fail_all(pushes[number:], later)
            break
        except OF_THE_SELLER as error:
            _refused(one, error)
            _leave(pushes[number + 1 :])
            break
        except errors.MeliError as error:
            _refused(one, error)
    return accepted


def _refused(push: Push, error: errors.MeliError) -> None:
    """One was refused, or not answered. A conflict is left: it is read and decided again by itself."""
    attempts.failed(push.attempt, error)
    if isinstance(error, errors.Conflict):
        return
    try:
        tell_refusal(push.claim, push.reading, error)
    except work.LeaseLost:
        push.claim.ended = True
    else:
        work.fail(push.claim, error)


def _leave(pushes: Sequence[Push]) -> None:
    attempts.withdraw([one.attempt for one in pushes])
    work.give_back([one.claim for one in pushes])


def _read_back(client: Client, account: SellerAccount, pushes: Sequence[Push]) -> list[Result]:
    """Look at what was written. Where that fails the next try begins with looking anyway."""
    if not pushes:
        return []
    point("pushes.before_read_back")
    try:
        items = client.items(sorted({one.item_id for one in pushes}))
    except (errors.MeliError, TryLater) as error:
        attempts.write([one.attempt for one in pushes])
        _fail_all(pushes, error)
        return []
    saved = _take_in(account, items)
    return list(_results(client, pushes, items, saved))


def _results(
    client: Client, pushes: Iterable[Push], items: Mapping[str, Item | None], saved: Mapping[str, storing.Saved]
) -> Iterator[Result]:
    for one in pushes:
        if items[one.item_id] is None:
            attempts.write([one.attempt])
        else:
            one.unit = after_look(one.unit, saved[one.item_id])
            yield push_results.written(one.claim, one.reading, _reading(client, one, items), one.attempt)
