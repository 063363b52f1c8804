"""What became of a listing, in words for staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.models import ShapeChange
from catalog.moves import Sign
from catalog.shapes.shapes import Kind


class Words(NamedTuple):
    meaning: str | Promise
    todo: str | Promise


WORDS = {
    Kind.MIGRATED: Words(
        gettext_lazy("Mercado Libre makes listings of its variations; this one ends."),
        gettext_lazy("Move the links to the new listings. Nothing is sent to either until then."),
    ),
    Kind.FLATTENED: Words(
        gettext_lazy("It has variations where it had none, or none where it had some: what we had linked is gone."),
        gettext_lazy("Say what it sells now. Neither stock nor price is sent until then."),
    ),
    Kind.VARIATIONS_GONE: Words(
        gettext_lazy("Variations that we had linked are gone. The others go on being updated."),
        gettext_lazy("Move their links to what took their place, or say that nothing did."),
    ),
    Kind.RELISTED: Words(
        gettext_lazy("It ended, and another listing took its place."),
        gettext_lazy("Move the links: until then no stock is sent to the new one."),
    ),
    Kind.BECAME_KIT: Words(
        gettext_lazy(
            "It is a kit made at Mercado Libre now: its stock comes from its parts, its sales are sales of them."
        ),
        gettext_lazy(
            "Remove the link; keep it only if the kit is to end soon. Neither stock nor price is sent until then."
        ),
    ),
    Kind.KIT_ENDED: Words(
        gettext_lazy("It is no kit any more: its own stock would be sent from now on."),
        gettext_lazy("Look whether its link says what it sells, then go on."),
    ),
    Kind.LOGISTICS: Words(
        gettext_lazy("Its parcels leave another way. Stock is sent as that asks for, or not at all."), ""
    ),
    Kind.REGROUPED: Words(gettext_lazy("Mercado Libre put it under another user product. Its link stays."), ""),
}
SIGNS = {
    Sign.RELISTED: gettext_lazy("Mercado Libre says that it was relisted"),
    Sign.USER_PRODUCT: gettext_lazy("same user product"),
    Sign.SKU: gettext_lazy("same seller SKU"),
    Sign.ONLY_ONE: gettext_lazy("the only product that the listing sold"),
}
SHOWN = 4


def of(change: ShapeChange) -> Words:
    return WORDS[Kind(change.kind)]


def before_and_after(change: ShapeChange) -> tuple[str, str]:
    """The two sides of what changed, each in a few words; "" where the links below say it."""
    before, after = change.before, change.after
    match Kind(change.kind):
        case Kind.LOGISTICS:
            return before["logistic_type"], after["logistic_type"] or "—"
        case Kind.REGROUPED:
            return listed(before["user_products"]), listed(after["user_products"])
        case Kind.BECAME_KIT | Kind.KIT_ENDED:
            return _kit(before["kit"]), _kit(after["kit"])
        case Kind.RELISTED:
            return before.get("item_id", ""), after.get("item_id") or after.get("seems", "")
        case Kind.MIGRATED:
            return units(before["units"]), _("a listing of its own for each")
    return units(before["units"]), units(after["units"])


def units(ids: Sequence[int]) -> str:
    """Ids of variations; 0 is the item itself."""
    if list(ids) == [0]:
        return _("no variations")
    many = ngettext("%(many)d variation", "%(many)d variations", len(ids)) % {"many": len(ids)}
    return f"{many}: {listed(ids)}"


def listed(these: Sequence[Any]) -> str:
    more = ", …" if len(these) > SHOWN else ""
    return ", ".join(str(one) for one in these[:SHOWN]) + more


def _kit(is_kit: bool) -> str:
    return _("a kit of Mercado Libre") if is_kit else _("no kit")
