"""Making ML's price equal to the wanted one: read, decide, write, read back. A call of its own, never with stock.

What cannot be changed now (automation, promotion, review, floor) is told beside the price and not tried again until
something changes. The price push of a listing is work of kind "price" with the item id as key.
"""

import logging
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from catalog import lifecycle
from catalog.imports.storing import save_item
from catalog.models import Listing, PriceTarget
from catalog.prices import price_targets, pricing
from catalog.prices.price_targets import want, want_all
from catalog.prices.pricing import Step
from mercadolibre import errors
from mercadolibre.client import Client
from mercadolibre.resources.items import Item
from mercadolibre.resources.writes import WriteResult
from sellers import clock
from sellers.brakes import writing
from sellers.connection.clients import client_for
from sellers.models import PushAttempt
from sellers.points import point
from sellers.queue import work
from sellers.queue.outcomes import TryLater
from ui.stored import stored, together

__all__ = ["push", "want", "want_all"]

logger = logging.getLogger(__name__)

State = PriceTarget.State
Outcome = PushAttempt.Outcome
LOCKED = "item.price.not_modifiable"
LOOK_AGAIN = timedelta(seconds=30)
TRIES = 3  # how often ML may say yes without doing it


@dataclass(frozen=True)
class Verdict:
    """How a push ended: the lamp's state with its explanation, and the attempt's outcome with ML's words."""

    state: str
    outcome: str = ""
    explanation: str = ""
    ml_words: str = ""
    meaning: str = ""
    todo: str = ""
    http_status: int | None = None
    again: bool = False


def push(claim: work.Claim) -> None:
    """Push one listing's price. While the seller only observes nothing is sent; while it is paused the price waits."""
    target = _target(claim)
    if target is not None:
        price_targets.compute([target.listing_id])
        target = _target(claim)
    if target is None or target.wanted is None or not writing.is_wanted(target.listing.account):
        return
    client = client_for(target.listing.account)
    _close_cut_off(claim)
    point("price.before_get")
    try:
        item = client.item(claim.key)
    except errors.NotFound as error:
        return _finish(claim, target, refused(error, State.BLOCKED))
    saved = save_item(target.listing.account, item, clock.now(), heal=False)
    point("price.after_get")
    saved.check_shape()
    listing = saved.listing
    step = _decide(target, listing)
    if step is Step.SEND:
        _send(claim, client, target, item)
    else:
        _finish(claim, target, _not_sent(step, listing))


def _close_cut_off(claim: work.Claim) -> None:
    """A try that never told its end was cut off: what became of it is not known, and is looked at now."""
    of_listing = PushAttempt.objects.filter(account=claim.account_id, kind=PushAttempt.Kind.PRICE, key=claim.key)
    of_listing.filter(outcome=Outcome.PENDING).update(outcome=Outcome.UNKNOWN, finished_at=Now())


def _target(claim: work.Claim) -> PriceTarget | None:
    found = PriceTarget.objects.select_related("listing__account").defer("listing__raw")
    return found.filter(listing__account=claim.account_id, listing__item_id=claim.key).first()


def _decide(target: PriceTarget, listing: Listing) -> Step:
    wish = price_targets.wishes([listing])[listing.pk]
    return pricing.decide(
        wanted=_wanted(target),
        floor=wish.floor,
        price=price_targets.standard_price(listing),
        frozen=not lifecycle.may_push_price(listing),
        automated=lifecycle.AUTOMATED_TAG in listing.tags,
        in_promotion=listing.original_price is not None,
    )


def _wanted(target: PriceTarget) -> Decimal:
    if target.wanted is None:
        raise ValueError(f"no price is wanted for {target.listing_id}")
    return target.wanted


WORDS = {
    State.AUTOMATED: gettext_noop(
        "Mercado Libre's price automation sets this price. End it in ML's panel to set your own."
    ),
    State.PROMOTION: gettext_noop("A promotion is running: the price can be changed when it has ended."),
    State.BELOW_FLOOR: gettext_noop(
        "The price is below the floor. Nothing is sent: raise the price or lower the floor."
    ),
    State.BLOCKED: gettext_noop(
        "Mercado Libre does not let the price of this listing be changed now. Look in ML's panel."
    ),
    State.ACCEPTED: gettext_noop(
        "Mercado Libre said yes but still shows the old price. It is looked at again by itself."
    ),
}
WITHOUT_EFFECT = gettext_noop(
    "Mercado Libre says yes again and again but keeps its own price. Look in ML's panel for the reason."
)


def _not_sent(step: Step, listing: Listing) -> Verdict:
    if step is Step.UNCHANGED:
        return Verdict(State.EQUAL, Outcome.UNCHANGED)
    if step is Step.BLOCKED:
        return Verdict(State.BLOCKED, explanation=stored(lifecycle.may_push_price(listing).reason))
    state = {Step.AUTOMATED: State.AUTOMATED, Step.PROMOTION: State.PROMOTION, Step.BELOW_FLOOR: State.BELOW_FLOOR}[
        step
    ]
    return Verdict(state, explanation=WORDS[state])


def _send(claim: work.Claim, client: Client, target: PriceTarget, item: Item) -> None:
    """Write the price and read it back. The attempt is there before the call, so that a crash leaves a trace."""
    if not item.is_complete:
        raise TryLater("ML left the variations out of its answer.", LOOK_AGAIN)
    attempt = _begin(claim, target)
    point("price.before_put")
    began = time.monotonic()
    try:
        result = client.set_price(item, _wanted(target))
    except TryLater:
        attempt.delete()  # nothing was sent after all
        raise
    except errors.PriceNotModifiable as error:
        verdict = refused(error, locked_state(item.tags, _words(error), in_promotion=bool(item.original_price)))
    except errors.MeliError as error:
        _record(attempt, refused(error, State.REJECTED), began)
        _explain(target, error)
        raise
    else:
        point("price.after_put")
        verdict = _read_back(client, target, result, attempt.tries)
    _finish(claim, target, verdict, attempt, began)


def _begin(claim: work.Claim, target: PriceTarget) -> PushAttempt:
    earlier = PushAttempt.objects.filter(
        account=claim.account_id,
        kind="price",
        key=claim.key,
        outcome=Outcome.ACCEPTED,
        started_at__gte=target.wanted_at,
    )
    return PushAttempt.objects.create(**_facts(claim, target), tries=earlier.count() + 1)


def _facts(claim: work.Claim, target: PriceTarget) -> dict[str, Any]:
    change = {"variation_id": 0, "old": _text(target.observed), "new": _text(target.wanted)}
    return {
        "account_id": claim.account_id,
        "kind": PushAttempt.Kind.PRICE,
        "key": claim.key,
        "item_id": claim.key,
        "changes": [change],
    }


def _text(price: Decimal | None) -> str:
    return "" if price is None else f"{price:f}"


def _read_back(client: Client, target: PriceTarget, result: WriteResult, tries: int) -> Verdict:
    """A 2xx is no proof: look. What ML dropped with a warning is explained; dropped silently, it is tried again."""
    account, item_id = target.listing.account, target.listing.item_id
    try:
        listing = save_item(account, client.item(item_id), clock.now(), heal=False).listing
    except TryLater:
        return Verdict(State.ACCEPTED, Outcome.ACCEPTED, WORDS[State.ACCEPTED], again=True)
    except errors.MeliError as error:
        return Verdict(State.ACCEPTED, Outcome.ACCEPTED, WORDS[State.ACCEPTED], str(error), again=True)
    if price_targets.standard_price(listing) == target.wanted:
        return Verdict(State.EQUAL, Outcome.VERIFIED, http_status=result.status)
    words = "; ".join(f"{warning.code} {warning.message}".strip() for warning in result.warnings)
    if any(warning.code == LOCKED for warning in result.warnings):
        state = locked_state(listing.tags, words, in_promotion=listing.original_price is not None)
        return Verdict(state, Outcome.IGNORED, WORDS[state], words, WORDS[state], http_status=result.status)
    if tries >= TRIES:
        return Verdict(State.BLOCKED, Outcome.IGNORED, WITHOUT_EFFECT, words, WITHOUT_EFFECT, http_status=result.status)
    return Verdict(
        State.ACCEPTED, Outcome.ACCEPTED, WORDS[State.ACCEPTED], words, http_status=result.status, again=True
    )


def locked_state(tags: Collection[str], words: str, *, in_promotion: bool) -> PriceTarget.State:
    """Why ML locks a price, as far as the listing or ML's words show it."""
    if lifecycle.AUTOMATED_TAG in tags or "dynamic pricing" in words.lower():
        return State.AUTOMATED
    return State.PROMOTION if in_promotion or "promotion" in words.lower() else State.BLOCKED


def _words(error: errors.MeliError) -> str:
    """ML's own words, those of its causes too."""
    return "; ".join([str(error), *(cause.message for cause in error.causes if cause.message)])


def refused(error: errors.MeliError, state: str) -> Verdict:
    """A verdict with ML's words, what they mean and what to do."""
    explained = errors.explain(error)
    match error:
        case errors.Conflict():
            outcome = Outcome.CONFLICT
        case errors.Rejected() | errors.NotFound() | errors.Forbidden():
            outcome = Outcome.REJECTED
        case _:
            outcome = Outcome.UNKNOWN if error.outcome_unknown else Outcome.FAILED
    explanation = together(explained.meaning, explained.todo)
    return Verdict(state, outcome, explanation, _words(error), explained.meaning, explained.todo, error.status)


def _explain(target: PriceTarget, error: errors.MeliError) -> None:
    """Tell a refusal beside the price; trouble that passes by itself leaves it waiting."""
    if isinstance(error, errors.Rejected):
        verdict = refused(error, State.REJECTED)
        _same_wish(target).update(state=verdict.state, explanation=verdict.explanation)


def _same_wish(target: PriceTarget) -> QuerySet[PriceTarget]:
    """The target, unless staff has wanted another price meanwhile."""
    return PriceTarget.objects.filter(pk=target.pk, wanted=target.wanted)


def _record(attempt: PushAttempt, verdict: Verdict, began: float | None) -> None:
    """Write how an attempt ended."""
    attempt.outcome, attempt.http_status = verdict.outcome, verdict.http_status
    attempt.ml_words, attempt.meaning, attempt.todo = verdict.ml_words, verdict.meaning, verdict.todo
    attempt.finished_at = clock.now()
    attempt.duration_ms = None if began is None else int((time.monotonic() - began) * 1000)
    attempt.save()
    logger.info("push %s of price %s: %s", attempt.pk, attempt.key, attempt.outcome)


def _finish(
    claim: work.Claim,
    target: PriceTarget,
    verdict: Verdict,
    attempt: PushAttempt | None = None,
    began: float | None = None,
) -> None:
    """Complete the work with what came of it: the attempt, if there was one to tell of, and the lamps."""
    with work.completing(claim):
        if verdict.outcome:
            _record(attempt or PushAttempt(**_facts(claim, target)), verdict, began)
        lamps: dict[str, Any] = {"state": verdict.state, "explanation": verdict.explanation}
        if verdict.outcome in (Outcome.VERIFIED, Outcome.ACCEPTED, Outcome.IGNORED):
            lamps |= {"accepted": target.wanted, "accepted_at": Now()}
        _same_wish(target).update(**lamps)
        observed = Listing.objects.filter(pk=target.listing_id).only("price", "original_price", "seen_at").get()
        PriceTarget.objects.filter(pk=target.pk).update(
            observed=price_targets.standard_price(observed), observed_at=observed.seen_at
        )
        if verdict.again:
            work.bump(account_id=claim.account_id, kind="price", key=claim.key, delay=LOOK_AGAIN)
