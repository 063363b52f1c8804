"""Addresses of the connection."""

from django.urls import path

from sellers.views import actions, connecting, notifications, stops

app_name = "sellers"
urlpatterns = [
    path("sellers/connect/", connecting.connect, name="connect"),
    path("sellers/connect/problem/", connecting.problem, name="problem"),
    path("sellers/callback/", connecting.callback, name="callback"),
    path("sellers/confirm/<str:flow_id>/", connecting.confirm, name="confirm"),
    path("sellers/stop/", stops.stop, name="stop"),
    path("sellers/stop/<int:pk>/go-on/", stops.go_on, name="go_on"),
    path("sellers/stop/<int:pk>/release/", stops.release, name="release"),
    path("sellers/<int:pk>/reconnect/", connecting.reconnect, name="reconnect"),
    path("sellers/<int:pk>/disconnect/", actions.disconnect, name="disconnect"),
    path("sellers/<int:pk>/pause/", actions.pause, name="pause"),
    path("sellers/<int:pk>/resume/", actions.resume, name="resume"),
    path("sellers/<int:pk>/settings/", actions.change_settings, name="settings"),
    path("sellers/<int:pk>/sync/<slug:what>/", actions.sync, name="sync"),
    path("notifications/", notifications.NotificationList.as_view(), name="notifications"),
    path("notifications/retry/", notifications.retry_group, name="retry_group"),
    path("notifications/<int:pk>/", notifications.notification, name="notification"),
    path("notifications/<int:pk>/retry/", notifications.retry, name="retry"),
]
