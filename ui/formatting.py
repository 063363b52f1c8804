"""How numbers, money and times are written for people. Machines get plain values: see `ui.export`."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

NOTHING = format_html('<span class="nothing">{}</span>', "—")
# Currencies shown without decimals.
WHOLE_CURRENCIES = {"CLP", "COP", "PYG"}
MINUTE, HOUR, DAY = 60, 3600, 86400


def grouped(value: Any, decimals: int | None = None) -> str:
    """12345 as 12,345 or 12.345, by the reader's language."""
    return number_format(value, decimal_pos=decimals, use_l10n=True, force_grouping=True)


def money(amount: Decimal | None, currency: str = "") -> SafeString:
    if amount is None:
        return NOTHING
    decimals = 0 if currency in WHOLE_CURRENCIES else 2
    shown = grouped(round(Decimal(amount), decimals), decimals)
    return format_html('<span class="money">{} <span class="unit">{}</span></span>', shown, currency)


def quantity(value: int | None) -> SafeString:
    return NOTHING if value is None else format_html('<span class="qty">{}</span>', grouped(value))


def relative(at: datetime, now: datetime | None = None) -> str:
    """ "3 minutes ago", "in 2 hours", "just now"."""
    now = now or timezone.now()
    seconds = (now - at).total_seconds()
    if abs(seconds) < MINUTE:
        return _("just now")
    if seconds < 0:
        return _("in %(time)s") % {"time": timesince(now, at, depth=1)}
    return _("%(time)s ago") % {"time": timesince(at, now, depth=1)}


def age(at: datetime, now: datetime | None = None) -> str:
    """The same in two or three letters: "12s", "3m", "2h", "5d"."""
    seconds = max(0, int(((now or timezone.now()) - at).total_seconds()))
    for size, letter in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m")):
        if seconds >= size:
            return f"{seconds // size}{letter}"
    return f"{seconds}s"


def exact(at: datetime) -> str:
    """To the second, with the zone's name, in the reader's zone."""
    return date_format(timezone.localtime(at), "Y-m-d H:i:s T")


def time(at: datetime | None) -> SafeString:
    """A <time> that reads relative and tells the exact moment on hover."""
    if at is None:
        return NOTHING
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact(at), relative(at))
