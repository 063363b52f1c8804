"""Writing what came of pushes: the lamps, the tries, what to look at again. All results are of one seller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from inventory.models import StockTarget
from inventory.places import seller_tags
from inventory.pushes import attempts
from inventory.pushes.attempts import Outcome
from inventory.pushes.push_decisions import compare
from inventory.pushes.routes import Reading
from inventory.targets import lamps, words
from inventory.targets.intents import Unit, units_of
from inventory.targets.lamps import NOTHING, Seen
from inventory.targets.stock_targets import REPLICATION
from sellers.models import PushAttempt
from sellers.queue import work

LOOK_AGAIN = timedelta(seconds=30)
SIBLINGS = timedelta(seconds=60)
APPLIED_LATER = 204


@dataclass(frozen=True)
class Result:
    """What came of one claim. `attempt` is the try that was sent, `outcome` what it or the look came to."""

    claim: work.Claim
    unit: Unit
    seen: Seen = NOTHING
    outcome: str = ""
    attempt: PushAttempt | None = None
    item_id: str = ""
    siblings: frozenset[str] = frozenset()  # items that ML copies the quantity to
    is_on_its_way: bool = False  # said yes to before, and applied later


def said(claim: work.Claim, unit: Unit) -> Result:
    """Nothing may be sent: say what would be, and why it is not."""
    return Result(claim, unit)


def unchanged(claim: work.Claim, reading: Reading) -> Result:
    """Mercado Libre shows what is wanted."""
    accepted = {one.variation.pk: one.quantity for one in reading.written if one.quantity is not None}
    seen = Seen(reading.shown, accepted, sales_from=claim.claimed_at, version=reading.version)
    return Result(claim, reading.unit, seen, Outcome.UNCHANGED if reading.written else "", item_id=reading.item_id)


def left_to_staff(claim: work.Claim, reading: Reading) -> Result:
    """Mercado Libre shows something else and staff is asked first."""
    return Result(claim, reading.unit, Seen(shown=reading.shown, version=reading.version))


def on_its_way(claim: work.Claim, reading: Reading) -> Result:
    """Mercado Libre said yes to the same a moment ago and applies it later: nothing is sent twice."""
    return Result(claim, reading.unit, Seen(shown=reading.shown, version=reading.version), is_on_its_way=True)


def written(claim: work.Claim, before: Reading, after: Reading, attempt: PushAttempt) -> Result:
    """What is shown now against what was sent."""
    outcome = compare(before, after)
    ignored = frozenset(change.pk for change in before.changes) if outcome == Outcome.IGNORED else frozenset()
    if outcome == Outcome.IGNORED and attempt.http_status == APPLIED_LATER:
        outcome, ignored = Outcome.ACCEPTED, _accepted_before(before)
    accepted = {one.variation.pk: one.quantity for one in before.unit.written if one.quantity is not None}
    seen = Seen(after.shown, accepted, claim.claimed_at, ignored=ignored, version=after.version)
    return Result(claim, after.unit, seen, outcome, attempt, siblings=_siblings(before))


def _accepted_before(reading: Reading) -> frozenset[int]:
    """What Mercado Libre had said yes to already, long enough ago to be shown."""
    targets = ((one.variation.pk, one.target, one.quantity) for one in reading.written)
    return frozenset(pk for pk, target, quantity in targets if target is not None and target.accepted == quantity)


def _siblings(reading: Reading) -> frozenset[str]:
    written_to = {one.variation.listing.item_id for one in reading.written}
    return frozenset({one.variation.listing.item_id for one in reading.unit.written} - written_to)


def complete(results: Sequence[Result]) -> None:
    """Complete the work of one seller's results in one transaction; where a lease was lost nothing is written."""
    if not results:
        return
    # Outside the transaction: a look locks, and it may run before this is written.
    copies = [(one.claim.account_id, "item", item_id) for one in results for item_id in one.siblings]
    work.bump_many(copies, delay=SIBLINGS)
    if any(one.outcome == Outcome.IGNORED for one in results):
        seller_tags.doubt(results[0].unit.account)
    with work.completing_many([one.claim for one in results]) as held:
        kept = {claim.work_id for claim in held}
        if kept:
            _write(_as_wanted_now([one for one in results if one.claim.work_id in kept]))


def _as_wanted_now(results: Sequence[Result]) -> list[Result]:
    """The results with what is wanted since: of the units that were asked for again while they were pushed."""
    again = [one for one in results if one.claim.wanted_again]
    units = units_of(again[0].unit.account, [one.unit.key for one in again]) if again else {}
    return [replace(one, unit=units.get(one.unit.key, one.unit)) for one in results]


def _write(results: Sequence[Result]) -> None:
    targets = lamps.write([intent for one in results for intent in one.unit.intents], _all_seen(results), settled=True)
    sent = []
    for one in results:
        if one.attempt is not None:
            meaning = words.IGNORED if one.outcome == Outcome.IGNORED else ""
            attempts.read_back(one.attempt, one.outcome, meaning=meaning)
            sent.append(one.attempt)
    attempts.write(sent)
    equal = [(one.claim.key, one.item_id) for one in results if one.outcome == Outcome.UNCHANGED]
    attempts.unchanged(results[0].unit.account, equal)
    if untold := [one.claim.key for one in results if one.attempt is None and one.outcome != Outcome.UNCHANGED]:
        attempts.close_cut_off([results[0].unit.account.pk], untold)
    again = [(one.claim.account_id, "stock", one.claim.key) for one in results if _is_looked_at_again(one, targets)]
    work.bump_many(again, delay=LOOK_AGAIN)
    later = [(one.claim.account_id, "stock", one.claim.key) for one in results if one.is_on_its_way]
    work.bump_many(later, delay=REPLICATION)


def _all_seen(results: Sequence[Result]) -> Seen:
    """Of units that have no variation in common."""
    if len(results) == 1:
        return results[0].seen
    return Seen(
        shown={pk: quantity for one in results for pk, quantity in one.seen.shown.items()},
        accepted={pk: quantity for one in results for pk, quantity in one.seen.accepted.items()},
        sales_from=min(one.claim.claimed_at for one in results),
        ignored={pk for one in results for pk in one.seen.ignored},
    )


def _is_looked_at_again(result: Result, targets: dict[int, StockTarget]) -> bool:
    """What was accepted and is not shown yet; what is ignored for the second time is given up."""
    if result.attempt is None or result.outcome == Outcome.VERIFIED:
        return False
    ignored = result.seen.ignored
    return not ignored or not all(targets[pk].ignored_times > 1 for pk in ignored if pk in targets)
