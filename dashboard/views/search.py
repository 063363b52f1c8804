"""Search over everything."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from dashboard import finding
from ui.permissions import VIEWER, role_required

LONGEST = 200


@role_required(VIEWER)
def search(request: HttpRequest) -> HttpResponse:
    """Straight to what is named exactly; a page of results otherwise."""
    words = request.GET.get("q", "").replace("\x00", "")[:LONGEST]
    if address := finding.straight_to(words):
        return HttpResponseRedirect(address)
    context = {"title": _("Search"), "words": words.strip(), "groups": finding.groups(words)}
    return render(request, "dashboard/search.html", context)
