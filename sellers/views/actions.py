"""Buttons on a seller: pause, resume, disconnect, read now, settings."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sellers.connection import accounts
from sellers.forms import PauseForm, SellerSettingsForm
from sellers.models import SellerAccount
from ui import htmx
from ui.permissions import MANAGER, OPERATOR, role_required

SELLERS_PAGE = "/sellers/"


def back(request: HttpRequest, message: object, *, url: str = "", level: int = messages.SUCCESS) -> HttpResponse:
    """Say it, and go back to where the button was (field `next`), or to the sellers."""
    asked = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        asked = ""
    messages.add_message(request, level, str(message))
    return htmx.redirect(request, url or asked or SELLERS_PAGE)


@require_http_methods(["GET", "POST"])
@role_required(MANAGER)
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why, then pause."""
    account = get_object_or_404(SellerAccount, pk=pk)
    form = PauseForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        context = {"account": account, "form": form, "next": request.GET.get("next") or request.POST.get("next", "")}
        return render(request, "sellers/pause.html", context, status=422 if form.errors else 200)
    accounts.pause(account, by=request.user, reason=form.cleaned_data["reason"])
    return back(request, _("Nothing is sent to Mercado Libre for %(seller)s until you resume.") % {"seller": account})


@require_POST
@role_required(MANAGER)
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(SellerAccount, pk=pk)
    accounts.resume(account)
    return back(request, _("Pushes for %(seller)s go on, beginning with what waited.") % {"seller": account})


@require_http_methods(["GET", "POST"])
@role_required(MANAGER)
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """GET asks, POST does."""
    account = get_object_or_404(SellerAccount, pk=pk)
    if request.method == "GET":
        return render(request, "sellers/disconnect.html", {"account": account})
    if accounts.disconnect(account, by=request.user):
        return back(request, _("%(seller)s is disconnected.") % {"seller": account}, url=SELLERS_PAGE)
    told = _(
        "%(seller)s is disconnected here, but Mercado Libre did not confirm it."
        " Ask the seller to remove the permission in their account too."
    )
    return back(request, told % {"seller": account}, url=SELLERS_PAGE, level=messages.WARNING)


@require_POST
@role_required(OPERATOR)
def sync(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    account = get_object_or_404(SellerAccount, pk=pk)
    try:
        told = accounts.sync_now(account, what, by=request.user)
    except ValueError:
        raise Http404 from None
    return back(request, told)


@require_http_methods(["GET", "POST"])
@role_required(MANAGER)
def change_settings(request: HttpRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(SellerAccount, pk=pk)
    kept = {"drift_policy": account.drift_policy}
    form = SellerSettingsForm(request.POST if request.method == "POST" else None, initial=kept)
    if request.method == "POST" and form.is_valid():
        accounts.change_settings(account, **form.cleaned_data)
        return back(request, _("Saved the settings of %(seller)s.") % {"seller": account})
    status = 422 if form.errors else 200
    return render(request, "sellers/settings.html", {"account": account, "form": form}, status=status)
