"""Every URL that stays put; each package adds its own pages."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("dashboard.urls")),
    path("", include("orders.urls")),
    path("", include("inventory.urls")),
    path("", include("catalog.urls")),
    path("", include("sellers.urls")),
    path("", include("ui.urls")),
    path("admin/", admin.site.urls),
]
