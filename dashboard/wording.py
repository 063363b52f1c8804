"""Words and numbers that several pages share."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ui.formatting import grouped

GOAL = timedelta(seconds=2)
TOLERABLE = timedelta(seconds=10)

OUTCOME_TONES = {
    "pending": "info",
    "unchanged": "",
    "verified": "ok",
    "accepted": "info",
    "ignored": "bad",
    "conflict": "warn",
    "rejected": "bad",
    "failed": "warn",
    "unknown": "warn",
}
TARGET_TONES = {
    "equal": "ok",
    "waiting": "info",
    "accepted": "info",
    "drift": "bad",
    "rejected": "bad",
    "blocked": "warn",
    "full": "",
    "unlinked": "warn",
    "automated": "info",
    "promotion": "info",
    "below_floor": "bad",
}
SELLER_STATES = {
    "connected": (gettext_lazy("Connected"), "ok"),
    "paused": (gettext_lazy("Pushes paused"), "warn"),
    "needs_reconnect": (gettext_lazy("Needs reconnect"), "bad"),
    "disconnected": (gettext_lazy("Disconnected"), ""),
}
JOB_TONES = {"queued": "info", "running": "info", "done": "ok", "failed": "bad", "cancelled": ""}
LOGISTICS = {
    "drop_off": gettext_lazy("Drop-off at post office"),
    "xd_drop_off": gettext_lazy("Agencies"),
    "cross_docking": gettext_lazy("Collection"),
    "self_service": gettext_lazy("Flex"),
    "fulfillment": gettext_lazy("Full"),
    "default": gettext_lazy("Own shipping"),
    "custom": gettext_lazy("Own shipping"),
    "not_specified": gettext_lazy("To be agreed with the buyer"),
}
LISTING_TYPES = {
    "free": gettext_lazy("Free"),
    "bronze": gettext_lazy("Bronze"),
    "silver": gettext_lazy("Silver"),
    "gold": gettext_lazy("Gold"),
    "gold_premium": gettext_lazy("Gold premium"),
    "gold_special": gettext_lazy("Classic"),
    "gold_pro": gettext_lazy("Premium"),
}
PROCESSES = {
    "pump": gettext_lazy("Dispatcher"),
    "beat": gettext_lazy("Scheduler"),
    "worker:orders": gettext_lazy("Orders"),
    "worker:pushes": gettext_lazy("Pushes"),
    "worker:bulk": gettext_lazy("Long jobs"),
}


def length(span: timedelta | None) -> str:
    """A lag in one unit: "40 ms", "1.8 s", "12 min", "3 h"."""
    if span is None:
        return "—"
    seconds = span.total_seconds()
    if seconds < 1:
        return _("%(number)s ms") % {"number": round(seconds * 1000)}
    if seconds < 60:
        decimals = 0 if seconds >= 10 or seconds == round(seconds) else 1
        return _("%(number)s s") % {"number": grouped(seconds, decimals)}
    if seconds < 7200:
        return _("%(number)s min") % {"number": round(seconds / 60)}
    if seconds < 172800:
        return _("%(number)s h") % {"number": round(seconds / 3600)}
    return _("%(number)s d") % {"number": round(seconds / 86400)}


def share(part: float | None) -> str:
    """A share in per cent; what is not known is said to be so."""
    return _("unknown") if part is None else f"{round(100 * part)} %"


def lag_tone(lag: timedelta | None) -> str:
    if lag is None:
        return ""
    if lag <= GOAL:
        return "ok"
    return "warn" if lag <= TOLERABLE else "bad"
