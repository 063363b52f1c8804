"""All that Today shows, at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import attention, facts, processes
from dashboard.queries import pulse, sellers, work
from dashboard.queries.sellers import SellerCard
from dashboard.queries.work import Backlog
from dashboard.wording import GOAL, lag_tone, length
from ui.charts import Bars, Series
from ui.formatting import grouped

LATE = timedelta(minutes=1)


@dataclass(frozen=True)
class Tile:
    """A key number. `tone`: "ok", "warn", "bad", "info" or ""."""

    label: str | Promise
    value: str
    note: str
    tone: str = ""
    href: str = ""


@dataclass(frozen=True)
class Today:
    checked_at: datetime
    items: Sequence[attention.Item]
    tiles: Sequence[Tile]
    chart: Bars
    pushes: int
    cards: Sequence[SellerCard]
    seen: Sequence[processes.Process]


def look(now: datetime) -> Today:
    """Read everything once. The number of queries does not depend on what there is."""
    cards, seen, hours = sellers.cards(now), processes.all_processes(now), pulse.pushes_per_hour(now)
    backlogs = work.backlogs()
    found = facts.gather(accounts=[card.account for card in cards], seen=seen, backlogs=backlogs, now=now)
    return Today(
        checked_at=now,
        items=attention.decide(found, now),
        tiles=tiles(cards, backlogs, now),
        chart=pushes_chart(hours),
        pushes=sum(hour.done + hour.again + hour.refused for hour in hours),
        cards=cards,
        seen=seen,
    )


def tiles(cards: Sequence[SellerCard], backlogs: Sequence[Backlog], now: datetime) -> list[Tile]:
    order_lag = pulse.worst(card.order_lag for card in cards if card.order_lag is not None)
    push_lag = pulse.worst(card.push_lag for card in cards if card.push_lag is not None)
    return [
        lag_tile(_("Order lag"), order_lag, _("No orders in 24 h")),
        lag_tile(_("Push lag"), push_lag, _("No pushes in 24 h")),
        backlog_tile(backlogs, now),
        sellers_tile(cards),
        linked_tile(cards),
    ]


def lag_tile(label: str, lag: timedelta | None, nothing: str) -> Tile:
    goal = _("95 of 100 within this time (24 h), goal %(goal)s") % {"goal": length(GOAL)}
    return Tile(label, length(lag), goal if lag is not None else nothing, lag_tone(lag))


def backlog_tile(backlogs: Sequence[Backlog], now: datetime) -> Tile:
    count = sum(backlog.count for backlog in backlogs)
    if not count:
        return Tile(_("Backlog"), "0", _("Nothing waits"), "ok")
    oldest = now - min(backlog.since for backlog in backlogs)
    tone = "ok" if oldest < LATE else "warn"
    return Tile(_("Backlog"), grouped(count), _("Oldest waits %(age)s") % {"age": length(oldest)}, tone)


def sellers_tile(cards: Sequence[SellerCard]) -> Tile:
    live = sum(card.account.mode == "live" for card in cards)
    note = ngettext("%(count)s observes", "%(count)s observe", len(cards) - live) % {"count": len(cards) - live}
    bad = any(card.account.state == "needs_reconnect" for card in cards)
    return Tile(_("Sellers live"), grouped(live), note, "bad" if bad else "ok" if live else "")


def linked_tile(cards: Sequence[SellerCard]) -> Tile:
    units = sum(card.numbers.units for card in cards)
    unlinked = sum(card.numbers.unlinked for card in cards)
    if not units:
        return Tile(_("Listings linked"), "—", _("No listings yet"))
    share = int(100 * (units - unlinked) / units)
    note = ngettext("%(count)s to link", "%(count)s to link", unlinked) % {"count": grouped(unlinked)}
    return Tile(
        _("Listings linked"), f"{share} %", note if unlinked else _("All of them"), "warn" if unlinked else "ok"
    )


def pushes_chart(hours: Sequence[pulse.Hour]) -> Bars:
    """Bars by hour, in the reader's zone."""
    return Bars(
        _("Pushes per hour"),
        [f"{timezone.localtime(hour.at):%H}h" for hour in hours],
        [
            Series(_("Done"), [hour.done for hour in hours]),
            Series(_("Tried again"), [hour.again for hour in hours], "warn"),
            Series(_("Refused"), [hour.refused for hour in hours], "bad"),
        ],
    )
