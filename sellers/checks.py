"""System checks: what settings name as data exists, and the encryption keys are keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from sellers.connection import crypto


def check_handlers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every dotted path of WORK_KINDS, JOB_KINDS and SCHEDULE imports, and is called something."""
    return [message for name, path in handlers() if (message := unimportable(name, path))]


def handlers() -> Iterator[tuple[str, str]]:
    kinds: dict[str, dict[str, Any]] = settings.WORK_KINDS
    for kind, row in kinds.items():
        for role in ("handler", "together"):
            if role in row:
                yield f"WORK_KINDS[{kind!r}][{role!r}]", row[role]
    for kind, path in settings.JOB_KINDS.items():
        yield f"JOB_KINDS[{kind!r}]", path
    for slot, (_seconds, path) in settings.SCHEDULE.items():
        yield f"SCHEDULE[{slot!r}]", path
    yield "MELI_SESSION_FACTORY", settings.MELI_SESSION_FACTORY


def unimportable(name: str, path: str) -> CheckMessage | None:
    try:
        if callable(import_string(path)):
            return None
    except ImportError as error:
        return Error(f"{name} names {path}, which cannot be imported: {error}", id="sellers.E001")
    return Error(f"{name} names {path}, which cannot be called.", id="sellers.E002")


def check_lanes(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every work kind runs in a lane that exists, and every notification asks for a kind that exists."""
    wrong: list[CheckMessage] = [
        Error(f"WORK_KINDS[{kind!r}] runs in lane {row['lane']!r}, which LANES does not name.", id="sellers.E003")
        for kind, row in settings.WORK_KINDS.items()
        if row["lane"] not in settings.LANES
    ]
    return wrong + [
        Error(f"NOTIFICATION_WORK[{resource!r}] asks for {kind!r}, which WORK_KINDS does not name.", id="sellers.E004")
        for resource, kind in settings.NOTIFICATION_WORK.items()
        if kind not in settings.WORK_KINDS
    ]


def check_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        crypto.ring()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="sellers.E005")]
    return []


def check_application_id(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if str(settings.MELI_CLIENT_ID).isascii() and str(settings.MELI_CLIENT_ID).isdigit():
        return []
    return [Error("MELI_CLIENT_ID is not a number: copy the application's id from DevCenter.", id="sellers.E006")]


ALL = (check_handlers, check_lanes, check_keys, check_application_id)
