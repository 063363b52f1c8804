"""Today: what needs attention, and how things stand."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from dashboard import today as reading
from dashboard.attention import Item
from sellers import clock
from ui import htmx
from ui.permissions import VIEWER, role_required


@role_required(VIEWER)
def today(request: HttpRequest) -> HttpResponse:
    """The whole page, or only its content where the page refreshes itself."""
    found = reading.look(clock.now())
    lines = [{"item": item, "href": address_of(item)} for item in found.items]
    context: dict[str, Any] = {"title": _("Today"), "today": found, "lines": lines}
    partial = htmx.is_htmx(request) and request.htmx.target == "today"  # type: ignore[attr-defined]
    return render(request, "dashboard/today_content.html" if partial else "dashboard/today.html", context)


def address_of(item: Item) -> str:
    """Where the item's list is; empty where nothing can be seen elsewhere."""
    if not item.url_name:
        return ""
    address = reverse(item.url_name, args=[item.pk] if item.pk else [])
    return f"{address}?{urlencode(item.query)}" if item.query else address
