"""Making Mercado Libre's quantities equal to what is wanted: read, decide, write, read back.

A push always begins with a GET: what was killed, timed out or answered twice needs no other care. What is wanted is
read after the claim, so an older number is never sent late.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Mapping
from typing import NoReturn

from django.db import transaction
from django.db.models import F

from catalog.prices import price_targets
from inventory.models import StockTarget
from inventory.patrol import looking
from inventory.places import seller_tags
from inventory.pushes import attempts, push_results, wants
from inventory.pushes.push_decisions import (
    Baseline,
    baselines_of,
    is_on_its_way,
    is_only_sold,
    settle,
    staff_decides,
)
from inventory.pushes.push_results import complete
from inventory.pushes.routes import Reading, Route, route_of
from inventory.pushes.wants import want_account, want_products, want_variations
from inventory.targets import lamps
from inventory.targets.intents import Unit, unit_of
from mercadolibre import errors
from sellers import clock
from sellers.brakes import writing
from sellers.connection.clients import client_for
from sellers.models import PushAttempt, Work
from sellers.points import point
from sellers.queue import work
from sellers.queue.outcomes import TryLater, WritesHeld
from ui.stored import together

__all__ = ["overwrite", "push", "want_account", "want_products", "want_variations", "went_live"]

CONFLICTS = 4  # readings of one try before the conflict goes back to the work table
JITTER = (0.05, 0.5)  # seconds between them


def push(claim: work.Claim) -> None:
    """Make one unit equal: an item with all of its variations, or a user product (work kind "stock")."""
    account = claim.account
    unit = unit_of(account, claim.key)
    sales_only = account.writes_sales_only
    if not unit.written or not (sales_only or writing.is_wanted(account)):
        return complete([push_results.said(claim, unit)])
    route = route_of(unit, client_for(account, sales_only=sales_only))
    for _ in range(CONFLICTS):
        baselines = baselines_of(unit)
        point("push.before_get")
        try:
            reading = route.read()
        except errors.NotFound:
            return _complete_gone(claim, unit)
        point("push.after_get")
        try:
            return _make_equal(claim, route, reading, baselines)
        except errors.Conflict as conflict:
            last = conflict
            work.extend(claim)
            time.sleep(random.uniform(*JITTER))  # noqa: S311  spreads retries, guards nothing
            unit = unit_of(account, claim.key)
    raise last


def went_live(claim: work.Claim) -> None:
    """Push all that a seller has for sale, quantities and prices (work kinds "went_live" and "seller_changed").

    Staff has just seen what going live changes; a changed setting is looked at for what it would empty. What was
    refused before the seller changed is tried again: it may have a call of its own now, or none.
    """
    account = claim.account
    with work.completing(claim):
        price_targets.want_all(account.pk)
        if claim.kind == "seller_changed":
            seller_tags.try_refused_again(account)
        want_account(account, guard=claim.kind != "went_live")


@transaction.atomic
def overwrite(variation_ids: Iterable[int]) -> None:
    """Staff's answer to drift: forget that ML ever accepted our quantities, so that the next push sends them again."""
    variation_ids = set(variation_ids)
    want_variations(variation_ids)
    StockTarget.objects.filter(variation_id__in=variation_ids, wanted__isnull=False).update(
        accepted=None, accepted_at=None, ignored_times=0, state=StockTarget.State.WAITING
    )


def _make_equal(claim: work.Claim, route: Route, reading: Reading, baselines: Mapping[int, Baseline]) -> None:
    if not reading.changes:
        return complete([push_results.unchanged(claim, reading)])
    if is_on_its_way(reading, clock.now()):
        return complete([push_results.on_its_way(claim, reading)])
    settle(reading, baselines)
    if reading.unit.account.writes_sales_only and not is_only_sold(reading, baselines):
        _hold_back(claim)
    if staff_decides(reading):
        return complete([push_results.left_to_staff(claim, reading)])
    attempt = attempts.planned(reading.unit.account, claim.key, reading.changes, tries=claim.fails + 1)
    attempts.begin([attempt])
    point("push.before_put")
    _send(claim, reading, attempt)
    complete([push_results.written(claim, reading, route.read(), attempt)])


def _hold_back(claim: work.Claim) -> NoReturn:
    """What is asked about waits for the answer, or for the next sale of it. Raises WritesHeld."""
    nothing_newer = Work.objects.filter(pk=claim.work_id, want_seq=F("claim_seq"))
    nothing_newer.update(priority=wants.URGENT)
    raise WritesHeld(writing.PAUSED)


def _send(claim: work.Claim, reading: Reading, attempt: PushAttempt) -> None:
    try:
        attempts.answered(attempt, reading.write())
    except TryLater:
        attempts.withdraw([attempt])
        raise
    except errors.MeliError as error:
        attempts.failed(attempt, error)
        tell_refusal(claim, reading, error)
        raise
    point("push.after_put")
    attempts.write([attempt])
    point("push.recorded")


def _complete_gone(claim: work.Claim, unit: Unit) -> None:
    """Mercado Libre no longer has the listing. It is never made again."""
    looking.mark_gone(unit.account, [one.variation.listing.item_id for one in unit.written])
    complete([push_results.said(claim, unit_of(unit.account, claim.key))])


def tell_refusal(claim: work.Claim, reading: Reading, error: errors.MeliError) -> None:
    if isinstance(error, errors.Rejected | errors.Forbidden | errors.NotFound):
        work.extend(claim)
        told = errors.explain(error)
        lamps.refused(reading.written, together(told.meaning, told.todo))
        if seller_tags.says_otherwise(error):
            seller_tags.doubt(claim.account)
