"""What a run came to, in words: the page and the command say the same."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.models import Run
from ui.formatting import grouped
from ui.stored import told


def summary(run: Run) -> str:
    """One sentence on an ended run, one on what it does otherwise; with what went wrong where something did."""
    return " ".join(part for part in (outcome(run), told(run.words)) if part)


def outcome(run: Run) -> str:
    if run.state in (Run.State.COMPLETE, Run.State.INCOMPLETE):
        return f"{found(run)} {came_of_it(run)}"
    if run.state == Run.State.FETCHING:
        orders = ngettext("%(count)s order is being fetched.", "%(count)s orders are being fetched.", run.asked)
        return f"{found(run)} {orders % {'count': grouped(run.asked)}}"
    return _("It is tried again by itself.") if run.state == Run.State.READING and run.words else ""


def found(run: Run) -> str:
    if run.kind == Run.Kind.MISSED:
        text = ngettext("%(count)s missed notification.", "%(count)s missed notifications.", run.found)
    else:
        text = ngettext("%(count)s order found.", "%(count)s orders found.", run.found)
    return text % {"count": grouped(run.found)}


def came_of_it(run: Run) -> str:
    """Nothing, or what was recovered and changed."""
    if not run.recovered and not run.changed:
        return _("Nothing was missing here, nothing changed.")
    numbers = {"recovered": grouped(run.recovered), "changed": grouped(run.changed)}
    return _("Recovered: %(recovered)s, changed: %(changed)s.") % numbers
