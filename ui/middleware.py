"""Middleware of the shell. Stands outside LoginRequiredMiddleware, whose redirect it translates for htmx."""

import logging
import re
from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers

from ui import htmx, tracing

logger = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponse]


REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
READING = {"GET", "HEAD", "OPTIONS"}


class RequestIdMiddleware:
    """Give every request an id that its log lines and its answer carry: a proxy's X-Request-ID, or one of our own.

    What changes something is logged with who asked for it; addresses are logged without their query.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex
        with tracing.about(request_id=request_id):
            response = self.get_response(request)
            if request.method not in READING:
                user = getattr(getattr(request, "user", None), "pk", None)
                logger.info("%s %s: %s, by user %s", request.method, request.path, response.status_code, user)
        response.headers["X-Request-ID"] = request_id
        return response


class LoginRedirectMiddleware:
    """Never swap a login page into a table, and keep caches from mixing parts with whole pages."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if htmx.is_htmx(request) and _leads_to_login(response):
            response = HttpResponse(status=204, headers={"HX-Redirect": _login_for(request)})
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ("HX-Request", "HX-Target"))
        return response


def _leads_to_login(response: HttpResponse) -> bool:
    if response.status_code not in {301, 302, 303, 307, 308}:
        return False
    return urlsplit(response.headers["Location"]).path == resolve_url(settings.LOGIN_URL)


def _login_for(request: HttpRequest) -> str:
    """The login page, leading back to the page that asked, not to the part it asked for."""
    page = request.htmx.current_url_abs_path or resolve_url(settings.LOGIN_REDIRECT_URL)  # type: ignore[attr-defined]
    return redirect_to_login(page, resolve_url(settings.LOGIN_URL)).url
