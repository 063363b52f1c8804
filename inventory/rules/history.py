"""Who changed a stock rule, from what to what: from the events that the database keeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

SHOWN = 20


@dataclass(frozen=True)
class Past:
    """One number of a rule that changed. `who` is empty where no member of staff did it."""

    at: datetime
    who: str
    what: str
    old: Any
    new: Any


def past_of(model: str, whose: dict[str, Any], fields: Sequence[str]) -> list[Past]:
    """The newest changes of these fields, newest first; a rule that is not there says nothing. Two queries."""
    events = apps.get_model("sellers" if model == "SellerAccount" else "inventory", f"{model}Event")
    others = [name for name in fields if events._meta.get_field(name).is_relation]
    found = events._default_manager.filter(**whose).select_related("pgh_context", *others)
    rows = list(found.order_by("-pgh_id")[: SHOWN + 1])
    names = _people(rows)
    changes = [
        Past(after.pgh_created_at, names.get(_user_of(after), ""), _label(events, name), old, new)
        for after, before in pairwise([*rows, None])
        for name in fields
        if (old := _said(before, name)) != (new := _said(after, name))
    ]
    return changes[:SHOWN]


def _said(event: Any, name: str) -> Any:
    gone = event is None or event.pgh_label == "delete"
    value = None if gone else getattr(event, name)
    return "—" if value is None else getattr(value, "item_id", value)


def _label(model: Any, name: str) -> str:
    return capfirst(_(str(model._meta.get_field(name).verbose_name)))


def _user_of(event: Any) -> str:
    return str((event.pgh_context.metadata or {}).get("user") or "") if event.pgh_context else ""


def _people(events: Iterable[Any]) -> dict[str, str]:
    ids = {user for event in events if (user := _user_of(event)).isdigit()}
    rows = get_user_model()._default_manager.filter(pk__in=ids)
    return {str(user.pk): user.get_full_name() or user.get_username() for user in rows}
