"""Facts about what reaches us: notifications that stay away, orders that came without one, orders not read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.utils.translation import ngettext

from dashboard.attention import Fact
from dashboard.attention_rules import Kind
from dashboard.queries.sellers import SellerCard
from orders.runs import watching
from sellers.models import Hearing, SellerAccount
from sellers.wording import topic

UNREAD_AFTER = timedelta(minutes=15)
CONNECTED = SellerAccount.Status.CONNECTED


def of_silence(
    accounts: Iterable[SellerAccount], silent: Mapping[int, Sequence[Hearing]], now: datetime
) -> Iterator[Fact]:
    """Connected sellers with topics that fell silent, or with orders that no notification announced. One query."""
    lost = watching.unannounced(now)
    for account in accounts:
        topics, orders = silent.get(account.pk, ()), lost.get(account.pk, 0)
        if account.status == CONNECTED and (topics or orders >= watching.LOST):
            since = min((one.silent_since for one in topics if one.silent_since), default=None)
            yield Fact(
                Kind.SILENCE,
                who=account.nickname,
                words=silent_words(topics, orders),
                since=since,
                query={"seller": str(account.ml_user_id)},
            )


def silent_words(topics: Iterable[Hearing], orders: int) -> str:
    """The topics by name, and how many orders came without a notification."""
    named = ", ".join(topic(one.topic) for one in topics)
    lost = ngettext(
        "%(count)s order of 3 hours without a notification",
        "%(count)s orders of 3 hours without a notification",
        orders,
    )
    return "; ".join(part for part in (named, lost % {"count": orders} if orders else "") if part)


def of_reading(cards: Iterable[SellerCard], now: datetime) -> Iterator[Fact]:
    """Connected sellers whose orders were not read to the end for long; no query."""
    for card in cards:
        account = card.account
        read_at = max(card.orders_read_at or account.connected_at, account.connected_at)
        if account.status == CONNECTED and now - read_at > UNREAD_AFTER:
            yield Fact(
                Kind.ORDERS_UNREAD, who=account.nickname, since=read_at, query={"seller": str(account.ml_user_id)}
            )
