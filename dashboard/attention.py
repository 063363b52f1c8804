"""What needs attention, worst first by time to harm. Pure: facts in, items out.

What does harm already comes first, by how bad it is; then what will, the soonest first. When and how bad is said by the
rules in `attention_rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dashboard.attention_rules import NOW, RULES, Kind, Text


@dataclass(frozen=True)
class Fact:
    """Something that was counted. `count` 0 means that nothing is wrong.

    `who` names the seller or the process, `words` are ML's or our own, `harm_at` overrules the rule's time, `query`
    narrows the list it leads to, `pk` is the object's where the link is to one.
    """

    kind: Kind
    count: int = 1
    since: datetime | None = None
    who: str = ""
    words: str = ""
    harm_at: datetime | None = None
    pk: int | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    retry: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """One line of Today."""

    kind: Kind
    tone: str
    sentence: str
    todo: Text
    words: str
    since: datetime | None
    harm_in: timedelta
    url_name: str
    pk: int | None
    query: Mapping[str, str]
    retry: Mapping[str, str]


HOW_BAD = {kind: rank for rank, kind in enumerate(RULES)}


def decide(facts: Iterable[Fact], now: datetime) -> list[Item]:
    """The items that the facts make, worst first."""
    items = [_item(fact, now) for fact in facts if fact.count]
    return sorted(items, key=lambda item: (max(item.harm_in, NOW), HOW_BAD[item.kind], item.harm_in))


def _item(fact: Fact, now: datetime) -> Item:
    rule = RULES[fact.kind]
    since = min(fact.since or now, now)
    harm_at = fact.harm_at or since + rule.harm_after
    return Item(
        kind=fact.kind,
        tone=rule.tone,
        sentence=str(rule.sentence % {"count": fact.count, "who": fact.who}),
        todo=rule.todo,
        words=fact.words,
        since=fact.since,
        harm_in=harm_at - now,
        url_name=rule.url_name,
        pk=fact.pk,
        query={**rule.query, **fact.query},
        retry=fact.retry,
    )


def renewal_is_late(*, obtained_at: datetime, expires_at: datetime, now: datetime) -> bool:
    """Whether an access token should have been renewed by now: a tenth of its life is left, or a quarter of an hour."""
    return expires_at - now < min(timedelta(minutes=15), (expires_at - obtained_at) / 10)
