"""One row per try to make a quantity equal: old and new, Mercado Libre's answer and what it means."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import Promise

from catalog.imports import upserts
from mercadolibre import errors
from mercadolibre.resources.writes import WriteResult
from sellers.models import PushAttempt, SellerAccount
from ui import tracing
from ui.stored import stored

logger = logging.getLogger(__name__)

Outcome = PushAttempt.Outcome
COLUMNS = tuple(each.attname for each in PushAttempt._meta.concrete_fields if not each.primary_key)
ENDING = ("started_at", "outcome", "finished_at", "duration_ms", "http_status", "ml_words", "meaning", "todo")


@dataclass(frozen=True)
class Change:
    """A quantity that differs: of a variation (0: the item), at one of ML's stores or everywhere ("")."""

    pk: int  # our variation
    variation_id: int
    old: int
    new: int
    item_id: str = ""
    store_id: str = ""

    def as_json(self) -> dict[str, object]:
        place = {"store_id": self.store_id} if self.store_id else {}
        return {"variation_id": self.variation_id, "old": str(self.old), "new": str(self.new), **place}


def planned(account: SellerAccount, key: str, changes: Sequence[Change], *, tries: int) -> PushAttempt:
    """What is about to be sent, not stored yet."""
    return PushAttempt(
        account=account,
        kind=PushAttempt.Kind.STOCK,
        key=key,
        item_id=changes[0].item_id,
        changes=[change.as_json() for change in changes],
        tries=tries,
        started_at=timezone.now(),
    )


def begin(planned: Sequence[PushAttempt]) -> None:
    """Write down what is about to be sent; a try that never told its end was cut off and is unknown."""
    close_cut_off({one.account_id for one in planned}, [one.key for one in planned])
    upserts.insert(PushAttempt, planned, key="key", fields=COLUMNS)


def withdraw(attempts: Iterable[PushAttempt]) -> None:
    """Forget what was not sent after all."""
    PushAttempt.objects.filter(pk__in=[one.pk for one in attempts], outcome=Outcome.PENDING).delete()


def unchanged(account: SellerAccount, items: Iterable[tuple[str, str]]) -> None:
    """Nothing was sent: Mercado Libre has the quantities of these (key, item id) already."""
    now = timezone.now()
    rows = [
        PushAttempt(
            account=account,
            kind=PushAttempt.Kind.STOCK,
            key=key,
            item_id=item_id,
            started_at=now,
            finished_at=now,
            outcome=Outcome.UNCHANGED,
        )
        for key, item_id in items
    ]
    if rows:
        begin(rows)


def close_cut_off(account_ids: Iterable[int], keys: Sequence[str]) -> None:
    """Say of tries that never told their end that nobody knows it."""
    cut_off = PushAttempt.objects.filter(
        account_id__in=account_ids, kind=PushAttempt.Kind.STOCK, key__in=keys, outcome=Outcome.PENDING
    )
    cut_off.update(outcome=Outcome.UNKNOWN, finished_at=timezone.now())


def answered(attempt: PushAttempt, result: WriteResult) -> None:
    """Mercado Libre said yes, which proves nothing yet. To be stored by `write`."""
    attempt.http_status = result.status
    attempt.ml_words = "; ".join(warning.message or warning.code for warning in result.warnings)
    _end(attempt, Outcome.ACCEPTED)


def read_back(attempt: PushAttempt, outcome: str, *, meaning: str | Promise = "") -> None:
    """What looking again showed. To be stored by `write`."""
    attempt.meaning = stored(meaning)
    _end(attempt, outcome)


def failed(attempt: PushAttempt, error: errors.MeliError) -> None:
    """Mercado Libre said no, or nothing at all."""
    told = errors.explain(error)
    attempt.http_status = error.status
    attempt.ml_words, attempt.meaning, attempt.todo = str(error), told.meaning, told.todo
    _end(attempt, outcome_of(error))
    write([attempt])


def write(attempts: Iterable[PushAttempt]) -> None:
    """Store how tries ended."""
    attempts = list(attempts)
    upserts.update(PushAttempt, attempts, fields=ENDING)
    for one in attempts:
        names = tracing.extra(attempt=one.pk, kind=one.kind, key=one.key, seller=one.account_id)
        logger.info("push %s of %s %s: %s", one.pk, one.kind, one.key, one.outcome, extra=names)


def outcome_of(error: errors.MeliError) -> str:
    if isinstance(error, errors.Conflict):
        return Outcome.CONFLICT
    if error.outcome_unknown:
        return Outcome.UNKNOWN
    return Outcome.FAILED if error.retryable else Outcome.REJECTED


def _end(attempt: PushAttempt, outcome: str) -> None:
    attempt.outcome = outcome
    attempt.finished_at = timezone.now()
    attempt.duration_ms = int((attempt.finished_at - attempt.started_at).total_seconds() * 1000)
