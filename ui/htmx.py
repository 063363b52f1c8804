"""Answers that suit both a plain form and htmx."""

import json

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

Tone = str  # "ok", "info", "warn" or "bad"


def is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def redirect(request: HttpRequest, url: str) -> HttpResponse:
    """Go to `url` after a POST: 204 with HX-Redirect for htmx, 303 otherwise."""
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def trigger(response: HttpResponse, event: str, detail: object = None) -> HttpResponse:
    """Let the browser raise an event once the answer has arrived."""
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    events[event] = detail if detail is not None else {}
    response.headers["HX-Trigger"] = json.dumps(events)
    return response


def toast(response: HttpResponse, message: object, tone: Tone = "ok") -> HttpResponse:
    """Show a short message in the corner. `message` may be a lazy translation."""
    return trigger(response, "toast", {"message": str(message), "tone": tone})


def refresh_table(response: HttpResponse) -> HttpResponse:
    """Let the list on the page read itself again, with its filters, sort and page kept."""
    return trigger(response, "refresh-table")
