"""What holds calls and writes back, as facts for Today and as numbers for machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Min

from dashboard.attention import Fact
from dashboard.attention_rules import Kind
from inventory.models import MassZero
from sellers.brakes.breakers import ML, OAUTH
from sellers.models import Breaker, PushAttempt, SellerAccount, WriteStop
from ui.stored import told

HOUR = timedelta(hours=1)
CONFLICTS = 20  # in an hour, above which somebody else writes
OWN_FINDINGS = (WriteStop.Cause.RESTORED, WriteStop.Cause.ELSEWHERE)


def open_mass_zeros() -> list[MassZero]:
    return list(MassZero.objects.filter(answered_at=None).select_related("account"))


def of_mass_zeros(asked: Iterable[MassZero]) -> Iterator[Fact]:
    for one in asked:
        words = told(one.change)
        yield Fact(
            Kind.MASS_ZERO, count=one.zeroed, who=one.account.nickname, words=words, since=one.asked_at, pk=one.pk
        )


def facts(accounts: Sequence[SellerAccount], now: datetime) -> Iterator[Fact]:
    """Stops of writing, open breakers, sellers whose listings somebody else writes. Three queries."""
    for stop in WriteStop.objects.filter(ended_at=None):
        kind = Kind.INSTALLATION if stop.cause in OWN_FINDINGS else Kind.STOPPED
        yield Fact(kind, words=told(stop.reason), since=stop.started_at)
    yield from of_breakers(accounts)
    names = {account.pk: account.nickname for account in accounts}
    conflicts = PushAttempt.objects.filter(outcome=PushAttempt.Outcome.CONFLICT, started_at__gt=now - HOUR).order_by()
    for row in conflicts.values("account_id").annotate(count=Count("pk"), since=Min("started_at")):
        if row["count"] > CONFLICTS:
            who = names.get(row["account_id"], "")
            yield Fact(Kind.OTHER_WRITER, count=row["count"], who=who, since=row["since"], pk=row["account_id"])


def of_breakers(accounts: Sequence[SellerAccount]) -> Iterator[Fact]:
    names = {account.pk: account.nickname for account in accounts}
    for breaker in Breaker.objects.exclude(state=Breaker.State.CLOSED):
        if breaker.scope in (ML, OAUTH):
            kind = Kind.ML_DOWN if breaker.scope == ML else Kind.TOKENS_DOWN
            yield Fact(kind, words=breaker.words, since=breaker.opened_at)
        elif breaker.account_id in names:
            who = names[breaker.account_id]
            yield Fact(Kind.SELLER_DOWN, who=who, words=breaker.words, since=breaker.opened_at, pk=breaker.account_id)


def states() -> dict[str, object]:
    """For /readyz: whether anything is written at all, and the breakers that are not closed."""
    open_ones = Breaker.objects.exclude(state=Breaker.State.CLOSED).order_by("scope")
    return {
        "writing": not WriteStop.objects.filter(ended_at=None).exists(),
        "held_back": dict(open_ones.values_list("scope", "state")),
    }
