"""What the intake is measured against, served by the same server with the same settings.

bare   a Django view that does nothing but answer, without middleware where BENCH_MIDDLEWARE is `none`
usual  a Django view as integrations usually write it: one INSERT, one `.delay()`
intake Enlace's own
"""

import json
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from celery import shared_task
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from config.intake import application as intake
from sellers.models import Notification

__all__ = ["django_application", "intake"]


@shared_task(queue="bench")
def handle(topic: str, resource: str) -> None:
    """Never run: only its message is measured."""


@csrf_exempt
@login_not_required
def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(headers={"Content-Length": "0"})


@csrf_exempt
@login_not_required
def usual(request: HttpRequest) -> HttpResponse:
    found = json.loads(request.body)
    Notification.objects.create(
        topic=found["topic"],
        resource=found["resource"],
        ml_user_id=found["user_id"],
        body=request.body,
        verdict="accepted",
    )
    handle.delay(found["topic"], found["resource"])
    return HttpResponse()


urlpatterns = [path("bare/", bare), path("usual/", usual)]
settings.ROOT_URLCONF = __name__
if os.environ.get("BENCH_MIDDLEWARE") == "none":
    settings.MIDDLEWARE = []
django_application = get_wsgi_application()
