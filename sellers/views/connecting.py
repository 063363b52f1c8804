"""Connect and reconnect: the button, the way back from Mercado Libre, and the question which seller this is."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sellers.connection import oauth
from sellers.connection.oauth import Pending
from sellers.forms import ConnectForm
from sellers.models import OAuthFlow, SellerAccount
from sellers.queue import problems
from sellers.queue.problems import ConnectProblem
from sellers.views.actions import SELLERS_PAGE, back
from ui import htmx
from ui.permissions import MANAGER, role_required

PROBLEM = "connect_problem"  # in the session: the last thing that went wrong


@never_cache
@require_http_methods(["GET", "POST"])
@role_required(MANAGER)
def connect(request: HttpRequest) -> HttpResponse:
    """Choose a country, then on to Mercado Libre."""
    form = ConnectForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return to_consent(request, site_id=form.cleaned_data["site"])
    status = 422 if form.errors else 200
    return render(request, "sellers/connect.html", {"form": form}, status=status)


@never_cache
@require_POST
@role_required(MANAGER)
def reconnect(request: HttpRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(SellerAccount, pk=pk)
    return to_consent(request, site_id=account.site_id, account=account)


def to_consent(request: HttpRequest, *, site_id: str, account: SellerAccount | None = None) -> HttpResponse:
    """Send the browser to Mercado Libre. A plain form may not be redirected there (CSP), so it gets a link."""
    url = oauth.begin(user=request.user, session_key=session_of(request), site_id=site_id, account=account)
    if htmx.is_htmx(request):
        return htmx.redirect(request, url)
    return render(request, "sellers/to_consent.html", {"url": url, "account": account})


def session_of(request: HttpRequest) -> str:
    if not request.session.session_key:
        request.session.save()
    return request.session.session_key or ""


@never_cache
@require_GET
@role_required(MANAGER)
@sensitive_variables()
def callback(request: HttpRequest) -> HttpResponse:
    """The way back from Mercado Libre; always goes on to an address without code and state."""
    try:
        flow = come_back(request)
    except ConnectProblem as problem:
        request.session[PROBLEM] = {"code": problem.code, "names": problem.names}
        return see_other(request, reverse("sellers:problem"))
    return see_other(request, reverse("sellers:confirm", args=[bytes(flow.state_hash).hex()]))


def see_other(request: HttpRequest, url: str) -> HttpResponse:
    """Leave an address that carries a code: it is told to nobody.

    Pages do not say so: their forms would be sent with `Origin: null`, which the CSRF check refuses.
    """
    return HttpResponse(status=303, headers={"Location": url, "Referrer-Policy": "no-referrer"})


@sensitive_variables()
def come_back(request: HttpRequest) -> OAuthFlow:
    """Raises ConnectProblem. The state is used up whatever ML says beside it."""
    given, session_key = request.GET, session_of(request)
    state = given.get("state", "")
    if "error" in given or "code" not in given:
        oauth.take_flow(user=request.user, session_key=session_key, state=state)
        if "error" in given:
            raise ConnectProblem.at_consent(given["error"], given.get("error_description", ""))
        raise ConnectProblem("no_code")
    return oauth.complete(user=request.user, session_key=session_key, state=state, code=given["code"])


@never_cache
@require_GET
@role_required(MANAGER)
def problem(request: HttpRequest) -> HttpResponse:
    """What went wrong, and what to do."""
    kept: dict[str, Any] = request.session.get(PROBLEM, {"code": "no_code", "names": {}})
    found = problems.told(kept["code"], kept["names"])
    return render(request, "sellers/problem.html", {"problem": found}, status=400)


@never_cache
@require_http_methods(["GET", "POST"])
@role_required(MANAGER)
@sensitive_variables()
def confirm(request: HttpRequest, flow_id: str) -> HttpResponse:
    """Which seller is it? Nothing is connected before the answer, which is a POST."""
    flow = oauth.waiting_flow(user=request.user, session_key=session_of(request), flow_id=flow_id)
    if flow is None:
        raise Http404
    pending = oauth.pending_of(flow)
    if request.method == "GET":
        return render(request, "sellers/confirm.html", question(pending))
    if request.POST.get("answer") != "connect":
        oauth.cancel(flow)
        return back(request, problems.NOTHING_CONNECTED, url=SELLERS_PAGE)
    account = oauth.confirm(flow)
    return back(request, problems.connected(account), url=SELLERS_PAGE)


def question(pending: Pending) -> dict[str, Any]:
    """What the page shows of it; never a token."""
    known = SellerAccount.objects.filter(ml_user_id=pending.user_id).first()
    return {"nickname": pending.nickname, "site_id": pending.site_id, "user_id": pending.user_id, "known": known}
