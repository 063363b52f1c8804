"""What the shell around every page needs; nothing is read until a template asks for it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from ui import nav


def shell(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None:
        return {}
    return {
        "menu": SimpleLazyObject(lambda: nav.sections(request, badges(request)) if user.is_authenticated else []),
        "stops": SimpleLazyObject(lambda: stops(request) if user.is_authenticated else []),
    }


def stops(request: HttpRequest) -> list[Any]:
    """What is stopped for everybody, for the banner of every page, from the callable that settings.UI_STOPS names."""
    dotted = getattr(settings, "UI_STOPS", "")
    return list(import_string(dotted)(request)) if dotted else []


def badges(request: HttpRequest) -> dict[str, int]:
    """Counts beside the menu's entries, by URL name, from the callable that settings.UI_BADGES names."""
    dotted = getattr(settings, "UI_BADGES", "")
    counts: dict[str, int] = import_string(dotted)(request) if dotted else {}
    return counts
