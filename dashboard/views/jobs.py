"""Jobs: the list, one job with its live progress, stop and go on."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from dashboard import jobs
from dashboard.filters import JobFilters
from dashboard.tables import JobTable
from dashboard.views.answers import say_and_go
from dashboard.wording import JOB_TONES
from sellers.models import Job, Work
from ui import htmx
from ui.lists import Empty, ListPage
from ui.permissions import OPERATOR, VIEWER, role_required
from ui.stored import told


class JobList(ListPage):
    title = gettext_lazy("Jobs")
    table_class = JobTable
    filterset_class = JobFilters
    empty = Empty(
        gettext_lazy("No jobs yet"),
        gettext_lazy("Imports, bulk changes and everything that takes longer shows here with its progress."),
        icon="gear",
    )

    def get_queryset(self) -> QuerySet[Any]:
        return Job.objects.select_related("account", "created_by")


@role_required(VIEWER)
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, or only the part that moves where it reads itself again."""
    found = get_object_or_404(Job.objects.select_related("account", "created_by"), pk=pk)
    context = {
        "title": told(found.title),
        "job": found,
        "tone": JOB_TONES[found.state],
        "work": Work.objects.filter(kind="job", key=str(pk)).first(),
        "going_on": found.state in jobs.STOPPABLE,
        "resumable": found.state in jobs.RESUMABLE,
    }
    partial = htmx.is_htmx(request) and request.htmx.target == "job"  # type: ignore[attr-defined]
    return render(request, "dashboard/job_progress.html" if partial else "dashboard/job.html", context)


@require_POST
@role_required(OPERATOR)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Job, pk=pk)
    done = jobs.cancel(found, by=request.user)
    message = _("It stops at its next step; what is done stays.") if done else _("This job has already ended.")
    return say_and_go(request, message, reverse("dashboard:job", args=[pk]))


@require_POST
@role_required(OPERATOR)
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Job, pk=pk)
    done = jobs.resume(found, by=request.user)
    message = _("It goes on where it stopped.") if done else _("This job is not stopped.")
    return say_and_go(request, message, reverse("dashboard:job", args=[pk]))
