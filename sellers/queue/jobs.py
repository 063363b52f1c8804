"""Long actions of staff, as rows with progress: started here, run by the bulk lane, resumable from `checkpoint`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Coalesce, Now
from django.utils.module_loading import import_string

from sellers.models import Job, SellerAccount
from sellers.points import point
from sellers.queue import outcomes, work


class Cancelled(Exception):
    """Staff asked the job to stop; what was done so far stays."""


def start(
    *, kind: str, title: str, account: SellerAccount | None = None, params: dict[str, Any] | None = None, by: Any = None
) -> Job:
    """Create a job and ask for it, in the caller's transaction. A running import of the seller is returned."""
    with transaction.atomic():
        if kind == "catalog_import":
            running = Job.objects.filter(kind=kind, account=account, state__in=["queued", "running"]).first()
            if running:
                return running
        job = Job.objects.create(kind=kind, title=title, account=account, params=params or {}, created_by=by)
        work.bump(account_id=account.pk if account else None, kind="job", key=str(job.pk))
    return job


def run(claim: work.Claim) -> None:
    """Run the job behind a claimed row. Killed in the middle, it runs again and goes on from its checkpoint."""
    job = Job.objects.get(pk=int(claim.key))
    if job.state not in (Job.State.QUEUED, Job.State.RUNNING):
        return
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, started_at=Coalesce("started_at", Now()))
    job.refresh_from_db()
    point("job.running")
    try:
        job_handler(job.kind)(job, claim)
    except Cancelled:
        finish(job, claim, state=Job.State.CANCELLED)
    except Exception as error:
        if outcomes.outcome_of(error, kind="job", fails=claim.fails).state == "dead":
            _failed(job, claim, error)
        raise
    if not claim.ended:
        finish(job, claim, state=Job.State.DONE)


@transaction.atomic
def _failed(job: Job, claim: work.Claim, error: Exception) -> None:
    """Tell that a job failed. Raises LeaseLost where it was given to another worker, who may be done with it."""
    work.extend(claim)
    failed = Job.objects.filter(pk=job.pk)
    failed.update(state=Job.State.FAILED, message=outcomes.words_of(error), finished_at=Now())


def finish(job: Job, claim: work.Claim, *, state: str, message: str | None = None) -> None:
    """Complete the row and the job in one transaction."""
    with work.completing(claim):
        fields: dict[str, Any] = {"state": state, "finished_at": Now()}
        if message is not None:
            fields["message"] = message
        Job.objects.filter(pk=job.pk).update(**fields)


def progress(job: Job, claim: work.Claim, **fields: Any) -> None:
    """Save progress (done, total, errors, checkpoint …) and keep the lease. Raises Cancelled or work.LeaseLost."""
    work.extend(claim)
    for name, value in fields.items():
        setattr(job, name, value)
    job.save(update_fields=list(fields))
    if Job.objects.filter(pk=job.pk, cancel_requested=True).exists():
        raise Cancelled


@cache
def job_handler(kind: str) -> Callable[[Job, work.Claim], Any]:
    handler: Callable[[Job, work.Claim], Any] = import_string(settings.JOB_KINDS[kind])
    return handler
