"""A change in two steps: the first POST shows what follows, the second one (`confirm`) does what was shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Variation
from inventory.forms import TwoStepForm
from inventory.rules import rule_changes
from inventory.rules.rule_changes import Change, Effect, Line

SHOWN = 200


@dataclass(frozen=True)
class ShownLine:
    line: Line
    variation: Variation


@dataclass(frozen=True)
class Preview:
    """What a page shows of an effect: numbers, and the listings that do most harm if they are wrong."""

    effect: Effect
    lines: list[ShownLine]

    @property
    def more(self) -> int:
        return len(self.effect) - len(self.lines)


def preview_of(effect: Effect) -> Preview:
    """One query, however many listings change."""
    worst = effect.worst(SHOWN)
    rows = Variation.objects.select_related("listing__account", "mapping__product").defer("listing__raw")
    variations = rows.in_bulk([line.variation_id for line in worst])
    return Preview(effect, [ShownLine(line, variations[line.variation_id]) for line in worst])


def take(request: HttpRequest, change: Change, form: TwoStepForm) -> Preview | None:
    """Show the change, or do it where it was confirmed: None, then. Raises ChangedMeanwhile."""
    if "confirm" not in request.POST:
        return preview_of(rule_changes.rehearse(change))
    try:
        done = rule_changes.apply(change, seen_to_zero=form.cleaned_data["to_zero"] or 0)
    except rule_changes.MoreReachZero as refused:
        messages.warning(request, _("Stock changed meanwhile: more listings would reach zero. Look again and confirm."))
        return preview_of(refused.effect)
    told = ngettext(
        "Saved. %(count)s quantity is being updated.", "Saved. %(count)s quantities are being updated.", len(done)
    )
    messages.success(request, told % {"count": len(done)} if len(done) else _("Saved. No listing changes."))
    return None


def again(form: TwoStepForm, **fields: Any) -> TwoStepForm:
    """The same form with what was entered, carrying what this page shows."""
    entered: Mapping[str, Any] = form.data.dict() if hasattr(form.data, "dict") else dict(form.data)
    form.data = {**entered, **{name: str(value) for name, value in fields.items()}}
    return form
