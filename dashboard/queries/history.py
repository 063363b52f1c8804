"""Who changed what: the events that pghistory keeps, told as old → new with the person behind each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Model, TextField
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ui.stored import told as sentence

SHOWN = 100
OWN_FIELDS = {"pgh_id", "pgh_created_at", "pgh_label", "pgh_obj", "pgh_context", "id"}


@dataclass(frozen=True)
class Change:
    """One field of one object that got another value. `actor` is empty where Enlace did it by itself."""

    at: datetime
    what: str
    old: Any
    new: Any
    actor: str
    first: bool = False


def events_of(model: type[Model]) -> Any:
    """The event model that pghistory keeps beside a model."""
    return apps.get_model(model._meta.app_label, f"{model.__name__}Event")


def changes_of(obj: Model, *, skip: Iterable[str] = ()) -> list[Change]:
    """The newest changes of an object, newest first. Two queries."""
    rows = (
        events_of(type(obj))
        .objects.filter(pgh_obj_id=obj.pk)
        .select_related("pgh_context")
        .order_by("-pgh_id")[: SHOWN + 1]
    )
    return told(list(rows), skip=skip)


def told(newest_first: list[Any], *, skip: Iterable[str] = ()) -> list[Change]:
    names = people(newest_first)
    changes = [
        change for after, before in pairwise(newest_first) for change in differences(before, after, names, set(skip))
    ]
    if newest_first and len(newest_first) <= SHOWN:
        first = newest_first[-1]
        changes.append(Change(first.pgh_created_at, _("Created"), None, None, actor_of(first, names), first=True))
    return changes


def differences(before: Any, after: Any, names: dict[int, str], skip: set[str]) -> Iterator[Change]:
    for field in after._meta.concrete_fields:
        if field.name in OWN_FIELDS or field.name in skip:
            continue
        old, new = shown(before, field), shown(after, field)
        if old != new:
            what = capfirst(str(field.verbose_name))
            yield Change(after.pgh_created_at, what, old, new, actor_of(after, names))


def shown(event: Any, field: Any) -> Any:
    """A value as people read it."""
    if field.choices:
        return getattr(event, f"get_{field.name}_display")()
    value = getattr(event, field.attname)
    if isinstance(field, TextField):
        return sentence(value) or "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "—"
    return "—" if value is None or value == "" else value


def user_of(event: Any) -> int | None:
    context = event.pgh_context
    found = str((context.metadata or {}).get("user") or "") if context else ""
    return int(found) if found.isdigit() else None


def people(events: Iterable[Any]) -> dict[int, str]:
    """Names of the people behind events. One query."""
    ids = {user for event in events if (user := user_of(event))}
    users = get_user_model()._default_manager.filter(pk__in=ids)
    return {user.pk: user.get_full_name() or user.get_username() for user in users}


def actor_of(event: Any, names: dict[int, str]) -> str:
    user = user_of(event)
    return names.get(user, _("a former member of staff")) if user else ""
