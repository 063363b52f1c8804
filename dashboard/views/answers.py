"""The answer to a button: a message, and back to a page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from ui import htmx


def say_and_go(request: HttpRequest, message: object, url: str) -> HttpResponse:
    messages.success(request, str(message))
    return htmx.redirect(request, url)
