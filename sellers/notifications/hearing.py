"""Listening to the inbox: which topics of which sellers were heard when, and which have fallen silent.

Run once a minute. The inbox is read from the newest hour that was counted on, a day at a time; pages read `Hearing`,
one row for each topic of a seller.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from sellers.models import HeardHour, Hearing, SellerAccount
from sellers.notifications.silence import LONGEST, is_silent, rates_of, zone_of

LEARN_EVERY = timedelta(hours=1)
DAY = timedelta(days=1)

COUNT = """
insert into sellers_heardhour (account_id, topic, hour, minutes, last_at)
select a.id, n.topic, date_trunc('hour', n.received_at), count(distinct date_trunc('minute', n.received_at)),
       max(n.received_at)
  from sellers_notification n join sellers_selleraccount a on a.ml_user_id = n.ml_user_id
 where n.received_at >= %s and n.received_at < %s and n.verdict = 'accepted' and n.topic <> ''
 group by a.id, n.topic, date_trunc('hour', n.received_at)
on conflict (account_id, topic, hour) do update set minutes = excluded.minutes, last_at = excluded.last_at
"""
NEWEST = """
insert into sellers_hearing (account_id, topic, last_at, rates, days, minutes)
select account_id, topic, max(last_at), '{}', 0, 0 from sellers_heardhour where hour >= %s group by account_id, topic
on conflict (account_id, topic) do update set last_at = excluded.last_at
 where sellers_hearing.last_at < excluded.last_at
"""
# By the hour of the seller's day. History ends with what was last heard: silence teaches nothing.
BY_HOUR = """
select topic, extract(hour from hour at time zone %s)::int, sum(minutes), min(hour), max(last_at)
  from sellers_heardhour where account_id = %s and hour >= %s group by 1, 2
"""


def listen(now: datetime) -> None:
    """Count what came, learn where that is due, and judge who is silent."""
    since = counted_until() or now - LONGEST
    count(since, now)
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, [since])
    due = Q(hearings__learned_at=None) | Q(hearings__learned_at__lt=now - LEARN_EVERY)
    for account in SellerAccount.objects.connected().filter(due, hearings__isnull=False).distinct():
        learn(account, now)
    judge(now)


def count(since: datetime, now: datetime) -> None:
    """Count what came, each day for itself: what one statement counts in time, however busy the inbox is. Where one
    fails the next run goes on behind the last that did not."""
    while since < now:
        with connection.cursor() as cursor:
            cursor.execute(COUNT, [since, since + DAY])
        since += DAY


def counted_until() -> datetime | None:
    """The newest hour that was counted; it is counted again."""
    newest = HeardHour.objects.order_by("-hour").values_list("hour", flat=True).first()
    return newest


def learn(account: SellerAccount, now: datetime) -> None:
    """The rates of a seller's topics, from the last four weeks."""
    zone = str(zone_of(account.site_id))
    with connection.cursor() as cursor:
        cursor.execute(BY_HOUR, [zone, account.pk, now - LONGEST])
        rows = cursor.fetchall()
    for hearing in account.hearings.all():
        own = [row[1:] for row in rows if row[0] == hearing.topic]
        if own:
            days = (max(row[3] for row in own) - min(row[2] for row in own)) / timedelta(days=1)
            hearing.days, hearing.minutes = days, sum(row[1] for row in own)
            hearing.rates = rates_of({hour: heard for hour, heard, *_ in own}, max(days, 1.0))
        hearing.learned_at = now
        hearing.save(update_fields=["days", "minutes", "rates", "learned_at"])


def judge(now: datetime) -> None:
    """Note which topics have fallen silent, and which are heard again. One query where nothing changed."""
    for hearing in Hearing.objects.select_related("account"):
        silent_since = hearing.last_at if silent(hearing, now) else None
        if hearing.silent_since != silent_since:
            Hearing.objects.filter(pk=hearing.pk).update(silent_since=silent_since)


def silent(hearing: Hearing, now: datetime) -> bool:
    """A topic of a connected seller, from what was last heard or since the seller was connected."""
    account: Any = hearing.account
    return account.status == SellerAccount.Status.CONNECTED and is_silent(
        hearing.rates,
        days=hearing.days,
        minutes=hearing.minutes,
        since=max(hearing.last_at, account.connected_at),
        now=now,
        zone=zone_of(account.site_id),
    )


def silent_topics() -> dict[int, list[Hearing]]:
    """The silent topics of connected sellers, by seller; what every page and machine says. One query."""
    found: dict[int, list[Hearing]] = {}
    silent_ones = Hearing.objects.filter(silent_since__isnull=False, account__status=SellerAccount.Status.CONNECTED)
    for hearing in silent_ones.order_by("account_id", "topic").defer("rates"):
        found.setdefault(hearing.account_id, []).append(hearing)
    return found
