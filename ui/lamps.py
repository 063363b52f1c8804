"""Three lamps: what we want, what Mercado Libre accepted, what was read back. Green only after reading back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ui import formatting


@dataclass(frozen=True)
class Lamp:
    """One lamp: `tone` is "ok", "info", "warn", "bad" or "off"."""

    name: str
    value: Any
    at: datetime | None
    tone: str


@dataclass(frozen=True)
class Lamps:
    """A value (a quantity or a price) at its three stages; None where a stage has not happened.

    `failed` says that the last write was refused.
    """

    wanted: Any = None
    accepted: Any = None
    observed: Any = None
    wanted_at: datetime | None = None
    accepted_at: datetime | None = None
    observed_at: datetime | None = None
    failed: bool = False

    def lit(self) -> tuple[Lamp, Lamp, Lamp]:
        return (
            Lamp(_("Wanted"), self.wanted, self.wanted_at, "off" if self.wanted is None else "info"),
            Lamp(_("Accepted"), self.accepted, self.accepted_at, self._accepted_tone()),
            Lamp(_("Observed"), self.observed, self.observed_at, self._observed_tone()),
        )

    @property
    def settled(self) -> bool:
        return self.wanted is not None and self.wanted == self.observed

    def _accepted_tone(self) -> str:
        if self.failed:
            return "bad"
        if self.accepted is None or self.wanted is None:
            return "off"
        return "info" if self.accepted == self.wanted else "warn"

    def _observed_tone(self) -> str:
        if self.observed is None or self.wanted is None:
            return "off"
        if self.settled:
            return "ok"
        seen_after_accepting = self.observed_at and self.accepted_at and self.observed_at > self.accepted_at
        ignored = self.accepted == self.wanted and seen_after_accepting
        return "bad" if ignored else "warn"


def render(lamps: Lamps | None) -> SafeString:
    if lamps is None:
        return formatting.NOTHING
    return format_html('<span class="lamps">{}</span>', format_html_join("", "{}", ((_one(x),) for x in lamps.lit())))


def _one(lamp: Lamp) -> SafeString:
    value = _("not yet") if lamp.value is None else lamp.value
    told = f"{lamp.name}: {value}" + (f", {formatting.relative(lamp.at)}" if lamp.at else "")
    shown = formatting.age(lamp.at) if lamp.at else "–"
    return format_html(
        '<span class="lamp lamp-{}" title="{}"><span class="dot" role="img" aria-label="{}"></span>'
        '<span class="age" aria-hidden="true">{}</span></span>',
        lamp.tone,
        told,
        told,
        shown,
    )
