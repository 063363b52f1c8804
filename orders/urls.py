"""Addresses of orders."""

from django.urls import path

from orders import views
from orders.runs import views as run_views

app_name = "orders"
urlpatterns = [
    path("orders/", views.OrderList.as_view(), name="list"),
    path("orders/<int:order_id>/", views.order, name="order"),
    path("orders/<int:order_id>/fetch/", views.fetch, name="fetch"),
    path("notifications/runs/", run_views.RunList.as_view(), name="runs"),
    path("notifications/runs/check/", run_views.check, name="check"),
]
