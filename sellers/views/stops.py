"""Stopping everything that is written to Mercado Libre, going on, and the word that this installation may write."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sellers.brakes import installation, stops
from sellers.connection import accounts
from sellers.forms import StopForm
from sellers.models import WriteStop
from sellers.views.actions import back
from ui.permissions import ADMINISTRATOR, MANAGER, role_required


@require_http_methods(["GET", "POST"])
@role_required(MANAGER)
def stop(request: HttpRequest) -> HttpResponse:
    """Ask for whom and why, then stop."""
    form = StopForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "sellers/stop.html", {"form": form}, status=422 if form.errors else 200)
    account, reason = form.cleaned_data["seller"], form.cleaned_data["reason"]
    if account is not None:
        accounts.pause(account, by=request.user, reason=reason)
        return back(request, _("Nothing is sent to Mercado Libre for %(seller)s.") % {"seller": account})
    if stops.stop(reason=reason, by=request.user):
        return back(request, _("Nothing is written to Mercado Libre any more. Orders are still read."))
    return back(request, _("Writing was stopped already."), level=messages.WARNING)


@require_POST
@role_required(MANAGER)
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(WriteStop, pk=pk, cause=WriteStop.Cause.STAFF)
    if stops.go_on(pk, by=request.user):
        return back(request, _("Writing goes on, beginning with what waited."))
    return back(request, _("Writing went on already."), level=messages.WARNING)


@require_POST
@role_required(ADMINISTRATOR)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """This installation may write."""
    get_object_or_404(WriteStop.objects.exclude(cause=WriteStop.Cause.STAFF), pk=pk)
    if installation.release(pk, by=request.user):
        told = _("The orders of the last seven days are read first; then writing goes on by itself.")
        return back(request, told)
    return back(request, _("Somebody said so already."), level=messages.WARNING)
