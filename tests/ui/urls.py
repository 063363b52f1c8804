"""The shell alone, with the few addresses it leads to."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils.html import format_html

from tests.ui import pages
from ui import views


def today(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html", {"title": "Today"})


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken on purpose")


def refusing(request: HttpRequest) -> HttpResponse:
    return HttpResponse('<p id="refused">Not like this.</p>', status=422)


def options(request: HttpRequest) -> HttpResponse:
    q = request.GET.get("sku", "")
    names = [f"{q.upper()}-{number}" for number in range(3)]
    return HttpResponse(
        "".join(format_html('<li role="option" id="o{}" data-value="{}">{}</li>', n, n, n) for n in names)
    )


dashboard = [path("", today, name="today"), path("listings/", pages.GroupList.as_view(), name="listings")]
urlpatterns = [
    path("", include("ui.urls")),
    path("", include((dashboard, "dashboard"))),
    path("ledger/", include(([path("", pages.GroupLedger.as_view(), name="ledger")], "inventory"))),
    path("operators/", pages.operators, name="operators"),
    path("components/", views.components, name="components"),
    path("options/", options, name="options"),
    path("refusing/", refusing, name="refusing"),
    path("broken/", broken, name="broken"),
    path("admin/", admin.site.urls),
]
