"""The page of the runs, and the button that asks for one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from orders.models import Run
from orders.runs import runs
from orders.runs.tables import RunFilters, RunTable, run_rows
from sellers.models import SellerAccount
from ui import htmx
from ui.lists import Empty, KeysetListPage
from ui.permissions import OPERATOR, role_required

PERIODS = [
    ("", gettext_lazy("since the last complete reading")),
    ("1", gettext_lazy("of the last day")),
    ("7", gettext_lazy("of the last 7 days")),
    ("30", gettext_lazy("of the last 30 days")),
    ("60", gettext_lazy("of the last 60 days")),
]


class RunList(KeysetListPage):
    title = gettext_lazy("Reconciliation")
    queryset = run_rows
    table_class = RunTable
    filterset_class = RunFilters
    template_name = "orders/runs.html"
    empty = Empty(
        gettext_lazy("Nothing was read yet"),
        gettext_lazy("Orders of every connected seller are read every five minutes, whatever notifications say."),
        icon="refresh",
    )

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        sellers = SellerAccount.objects.connected().order_by("nickname")
        return super().get_context_data(**context, sellers=sellers, periods=PERIODS)


class CheckForm(forms.Form):
    seller = forms.ModelChoiceField(SellerAccount.objects.connected())
    days = forms.TypedChoiceField(choices=PERIODS, coerce=int, empty_value=None, required=False)
    operation = forms.UUIDField()


@require_POST
@role_required(OPERATOR)
def check(request: HttpRequest) -> HttpResponse:
    """Read the orders of a seller now. The same click twice asks once."""
    form = CheckForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("This seller cannot be read now, or the page was too old. Choose again."))
        return htmx.redirect(request, reverse("orders:runs"))
    account: SellerAccount = form.cleaned_data["seller"]
    operation: UUID = form.cleaned_data["operation"]
    asked = runs.ask(
        account, kind=Run.Kind.ORDERS, days=form.cleaned_data["days"], operation=operation, by=request.user
    )
    if asked:
        messages.success(request, _("The orders of %(seller)s are being read.") % {"seller": account.nickname})
    else:
        messages.info(request, _("The orders of %(seller)s are being read already.") % {"seller": account.nickname})
    return htmx.redirect(request, reverse("orders:runs"))
