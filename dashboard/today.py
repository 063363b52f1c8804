"""All that Today shows, at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import attention, facts, numbers
from dashboard.numbers import Numbers
from dashboard.queries import pulse
from dashboard.queries.sellers import SellerCard
from dashboard.wording import GOAL, lag_tone, length, share
from ui.charts import Bars, Series
from ui.formatting import grouped

LATE = timedelta(minutes=1)
ENDING = timedelta(minutes=10)
BUSY = 0.95  # of the allowance


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
    items: Sequence[attention.Item]
    tiles: Sequence[Tile]
    chart: Bars
    pushes: int
    numbers: Numbers


def look(now: datetime) -> Today:
    """Read everything once. The number of queries does not depend on what there is."""
    found, hours = numbers.read(now), pulse.pushes_per_hour(now)
    told = facts.gather(found)
    return Today(
        items=attention.decide(told, now),
        tiles=tiles(found),
        chart=pushes_chart(hours),
        pushes=sum(hour.done + hour.again + hour.refused for hour in hours),
        numbers=found,
    )


def tiles(found: Numbers) -> list[Tile]:
    return [
        lag_tile(_("Order lag"), found.order_lag, _("No orders in 24 h")),
        lag_tile(_("Push lag"), found.push_lag, _("No pushes in 24 h")),
        backlog_tile(found),
        failed_tile(found),
        drift_tile(found),
        staleness_tile(found),
        rate_tile(found),
        access_tile(found),
        sellers_tile(found.cards),
        linked_tile(found.cards),
    ]


def lag_tile(label: str, lag: timedelta | None, nothing: str) -> Tile:
    goal = _("95 of 100 within this time (24 h), goal %(goal)s") % {"goal": length(GOAL)}
    return Tile(label, length(lag), goal if lag is not None else nothing, lag_tone(lag))


def backlog_tile(found: Numbers) -> Tile:
    href = f"{reverse('dashboard:work')}?tab=retrying"
    if not found.backlog:
        return Tile(_("Backlog"), "0", _("Nothing waits"), "ok", href)
    oldest = found.backlog_age or timedelta(0)
    tone = "ok" if oldest < LATE else "warn"
    return Tile(_("Backlog"), grouped(found.backlog), _("Oldest waits %(age)s") % {"age": length(oldest)}, tone, href)


def failed_tile(found: Numbers) -> Tile:
    note = _("Refused or given up: somebody has to look") if found.dead else _("Nothing failed")
    return Tile(_("Failed"), grouped(found.dead), note, "bad" if found.dead else "ok", reverse("dashboard:work"))


def drift_tile(found: Numbers) -> Tile:
    note = _("Mercado Libre shows another quantity") if found.drift else _("Mercado Libre shows what we want")
    href = f"{reverse('dashboard:listings')}?differs=drift"
    return Tile(_("Differences"), grouped(found.drift), note, "bad" if found.drift else "ok", href)


def staleness_tile(found: Numbers) -> Tile:
    note = _("Every listing was seen within this time") if found.staleness is not None else _("No listings yet")
    return Tile(_("Oldest look"), length(found.staleness), note)


def rate_tile(found: Numbers) -> Tile:
    if found.rate_used is None:
        return Tile(
            _("Calls used"), "—", _("Not known: Redis does not answer") if found.sellers else _("No seller yet")
        )
    note = _("Of what we may ask at this moment, by the seller that asks most")
    return Tile(_("Calls used"), share(found.rate_used), note, "warn" if found.rate_used >= BUSY else "ok")


def access_tile(found: Numbers) -> Tile:
    if found.token_left is None:
        return Tile(_("Access ends in"), "—", _("No seller is connected"))
    tone = "bad" if found.token_left < ENDING else "ok"
    return Tile(_("Access ends in"), length(found.token_left), _("The first token; renewed before, by itself"), tone)


def sellers_tile(cards: Sequence[SellerCard]) -> Tile:
    live = sum(card.account.mode == "live" for card in cards)
    lost = sum(card.account.state == "needs_reconnect" for card in cards)
    note = ngettext("%(count)s observes", "%(count)s observe", len(cards) - live) % {"count": len(cards) - live}
    if lost:
        note = ngettext("%(count)s must be connected again", "%(count)s must be connected again", lost) % {
            "count": lost
        }
    tone = "bad" if lost else "ok" if live else ""
    return Tile(_("Sellers live"), grouped(live), note, tone, reverse("dashboard:sellers"))


def linked_tile(cards: Sequence[SellerCard]) -> Tile:
    units = sum(card.numbers.units for card in cards)
    unlinked = sum(card.numbers.unlinked for card in cards)
    href = reverse("catalog:mapping")
    if not units:
        return Tile(_("Listings linked"), "—", _("No listings yet"), href=href)
    linked = f"{int(100 * (units - unlinked) / units)} %"
    note = ngettext("%(count)s to link", "%(count)s to link", unlinked) % {"count": grouped(unlinked)}
    if not unlinked:
        return Tile(_("Listings linked"), linked, _("All of them"), "ok", href)
    return Tile(_("Listings linked"), linked, note, "warn", href)


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
