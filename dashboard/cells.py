"""What stands in a cell: lamps, two numbers side by side, old → new, what Mercado Libre said."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Variation
from ui import formatting
from ui.lamps import Lamps
from ui.stored import told
from ui.tables import change

CHANGES_SHOWN = 3


def lamps_of(target: Any) -> Lamps | None:
    """The three lamps of a stock or a price target."""
    if target is None:
        return None
    return Lamps(
        wanted=target.wanted,
        accepted=target.accepted,
        observed=target.observed,
        wanted_at=target.wanted_at,
        accepted_at=target.accepted_at,
        observed_at=target.observed_at,
        failed=target.state == "rejected",
    )


def worst_of(units: Iterable[Variation]) -> Any:
    """The stock target that stands worst, of a listing's units."""
    order = ["rejected", "drift", "blocked", "waiting", "accepted", "unlinked", "full", "equal"]
    targets = [target for unit in units if (target := getattr(unit, "stock_target", None))]
    return min(targets, key=lambda target: order.index(target.state), default=None)


def pair(theirs: object, ours: object, *, equal: bool) -> SafeString:
    """What ML shows and what we want, with ≠ where they differ."""
    if equal:
        return format_html('<b>{}</b> <span class="muted">/ {}</span>', theirs, ours)
    sign = _("differs from")
    return format_html(
        '<b class="differs">{}</b> <span class="differs" role="img" aria-label="{}">≠</span> {}', theirs, sign, ours
    )


def is_wanted(unit: Any) -> bool:
    target = getattr(unit, "stock_target", None)
    return target is not None and target.wanted is not None


def shown_of(unit: Any) -> int:
    """What ML shows of a unit, as last seen by a push, a look or the import."""
    target = getattr(unit, "stock_target", None)
    shown: int = unit.available_quantity if target is None or target.observed is None else target.observed
    return shown


def detail_of(listing: Any) -> SafeString:
    units = listing.units
    parts = [listing.account.nickname]
    if len(units) > 1:
        parts.append(ngettext("%(n)s variation", "%(n)s variations", len(units)) % {"n": len(units)})
    elif units and units[0].attributes_text:
        parts.append(units[0].attributes_text)
    if listing.there:
        parts.append(", ".join(sorted({one.item_id[:3] for one in listing.there})))
    if listing.family_name:
        parts.append(_("family %(name)s") % {"name": listing.family_name})
    shown = format_html("<code>{}</code> · {}", listing.item_id, " · ".join(parts))
    return format_html("{} · {}", shown, group_of(listing)) if (listing.sharing or 0) > 1 else shown


def group_of(listing: Any) -> SafeString:
    """How many listings share its stock, as a link to them."""
    words = ngettext("%(n)s listing shares its stock", "%(n)s listings share their stock", listing.sharing)
    href = f"{reverse('dashboard:listings')}?q={listing.user_product_id}"
    return format_html('<a href="{}">{}</a>', href, words % {"n": listing.sharing})


def changes(rows: list[dict[str, Any]] | None) -> SafeString:
    """old → new of a push; of many variations the first ones."""
    rows = rows or []
    if not rows:
        return formatting.NOTHING
    shown = format_html_join(
        "", "<div>{}</div>", ((change(row.get("old"), row.get("new")),) for row in rows[:CHANGES_SHOWN])
    )
    if len(rows) <= CHANGES_SHOWN:
        return shown
    more = ngettext("and %(n)s more", "and %(n)s more", len(rows) - CHANGES_SHOWN) % {"n": len(rows) - CHANGES_SHOWN}
    return format_html('{}<div class="detail">{}</div>', shown, more)


def said(words: str, meaning: str, todo: str) -> SafeString:
    """What ML said, what it means and what to do."""
    lines = [
        (css, text)
        for css, text in (("problem", told(words)), ("detail", told(meaning)), ("detail", told(todo)))
        if text
    ]
    if not lines:
        return formatting.NOTHING
    return format_html_join("", '<div class="{}" title="{}">{}</div>', ((css, text, text) for css, text in lines))
