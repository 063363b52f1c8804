"""Sellers: a card each, and a seller's own page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard.queries import history, sellers
from sellers.models import Job, SellerAccount
from ui.permissions import VIEWER, role_required

JOBS_SHOWN = 10


def sites() -> list[tuple[str, str]]:
    """Countries a seller can be connected in, by name; last Global Selling, which is many at once."""
    found = sorted(settings.SITES.values(), key=lambda site: (site.family == "global", site.country))
    return [(site.site_id, site.country) for site in found]


@role_required(VIEWER)
def seller_list(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    context = {"title": _("Sellers"), "cards": sellers.cards(now), "sites": sites(), "now": now}
    return render(request, "dashboard/sellers.html", context)


@role_required(VIEWER)
def seller(request: HttpRequest, pk: int) -> HttpResponse:
    now = timezone.now()
    found = sellers.cards(now, SellerAccount.objects.filter(pk=pk).select_related("live_by"))
    if not found:
        raise Http404
    card = found[0]
    context: dict[str, Any] = {
        "title": card.account.nickname,
        "card": card,
        "account": card.account,
        "marketplaces": card.account.marketplaces.all() if card.account.is_global else (),
        "jobs": Job.objects.filter(account=pk).select_related("created_by")[:JOBS_SHOWN],
        "changes": history.changes_of(card.account),
        "now": now,
    }
    return render(request, "dashboard/seller.html", context)
