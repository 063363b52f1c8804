"""The shell's own pages."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ui import samples


class PasswordChange(PasswordChangeView):
    template_name = "registration/change_password.html"
    extra_context = {"title": _("Change password")}

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Your password was changed."))
        return super().form_valid(form)

    def get_success_url(self) -> str:
        return reverse("password_change")


def components(request: HttpRequest) -> HttpResponse:
    """Every component on one page, for whoever builds the others. Only there where DEBUG is on."""
    return render(request, "ui/components.html", samples.everything(request))
