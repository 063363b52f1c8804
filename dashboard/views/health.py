"""For machines: is the process alive, and is the whole ready. No login; no secrets in the answers."""

import ipaddress
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard import brakes, numbers, processes
from dashboard import metrics as measuring
from sellers import clock


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The web process answers. Asks nothing of the database."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, pump, every worker lane and beat: 200 where all were seen within a minute, else 503.

    Who may ask for /metrics is told the numbers of Today too.
    """
    checks = readiness()
    ready = all(checks.values())
    answer: dict[str, Any] = {"ready": ready, "checks": checks}
    if checks["database"] and may_see_numbers(request):
        answer |= brakes.states()
        answer["numbers"] = numbers.totals(numbers.read(clock.now()))
    return JsonResponse(answer, status=200 if ready else 503)


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text; for this machine, or with METRICS_TOKEN as bearer."""
    if not may_see_numbers(request):
        return HttpResponse("Ask from this machine, or send METRICS_TOKEN.\n", status=403, content_type="text/plain")
    body = measuring.exposition(clock.now())
    return HttpResponse(body, content_type="text/plain; version=0.0.4; charset=utf-8")


def may_see_numbers(request: HttpRequest) -> bool:
    return is_local(request) or has_token(request)


def is_local(request: HttpRequest) -> bool:
    """Asked on this machine, and not through a proxy on it."""
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"))
    try:
        return not forwarded and ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.METRICS_TOKEN) and secrets.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())


def readiness() -> dict[str, bool]:
    try:
        seen = {process.name: process.alive for process in processes.all_processes(clock.now())}
    except Error:
        return {"database": False} | dict.fromkeys(processes.expected(), False)
    return {"database": True} | seen
