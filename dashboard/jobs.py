"""What staff does with jobs: stop one, go on with one, and the jobs that the dashboard itself starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext_noop

from catalog.models import Listing, Variation
from dashboard.queries import listings
from inventory.pushes import wants
from mercadolibre.resources.marketplaces import is_global
from sellers.models import Job, Work
from sellers.points import point
from sellers.queue import jobs, work
from ui.stored import stored

BATCH = 500
STOPPABLE = (Job.State.QUEUED, Job.State.RUNNING)
RESUMABLE = (Job.State.FAILED, Job.State.CANCELLED)

TITLES = {
    "stock": gettext_noop("Push stock again"),
    "price": gettext_noop("Push prices again"),
    "look": gettext_noop("Look again"),
}


@transaction.atomic
def cancel(job: Job, *, by: Any) -> bool:
    """Ask a job to stop at its next step. What is done stays. False where it is over already."""
    rows = Job.objects.filter(pk=job.pk, state__in=STOPPABLE)
    told = stored(gettext_noop("%(person)s asked it to stop."), person=by)
    return bool(rows.update(cancel_requested=True, message=told))


@transaction.atomic
def resume(job: Job, *, by: Any) -> bool:
    """Go on with a job that failed or was cancelled, from where it stopped. False where it is not one."""
    rows = Job.objects.filter(pk=job.pk, state__in=RESUMABLE)
    told = stored(gettext_noop("%(person)s let it go on."), person=by)
    if not rows.update(state=Job.State.QUEUED, cancel_requested=False, finished_at=None, message=told):
        return False
    point("job.resumed")
    work.bump(account_id=job.account_id, kind="job", key=str(job.pk))
    work.retry(Work.objects.filter(kind="job", key=str(job.pk)).values_list("pk", flat=True), by=by)
    return True


def again(what: str, found: Sequence[Listing]) -> None:
    """Ask for pushes ("stock", "price") or a look ("look") of listings."""
    if what == "stock":
        ids = Variation.objects.filter(listing__in=found, gone_at__isnull=True).values_list("pk", flat=True)
        wants.want_variations(ids)
    else:
        kind = "price" if what == "price" else "item"
        wanted = [*found, *marketplaces_of(found)]
        work.bump_many([(listing.account_id, kind, listing.item_id) for listing in wanted])


def marketplaces_of(found: Sequence[Listing]) -> list[Listing]:
    """The listings of Global Selling items on their marketplaces; nothing is asked where none of these is one."""
    parents = [listing.item_id for listing in found if is_global(listing.item_id)]
    there = Listing.objects.filter(parent_item__item_id__in=parents).defer("raw")
    return list(there.exclude(pk__in=[listing.pk for listing in found]))


def start_again(what: str, *, query: str, by: Any) -> Job:
    """The same for all listings that a list's address matches, as a job."""
    return jobs.start(kind="listings_again", title=TITLES[what], params={"what": what, "query": query}, by=by)


def run_again(job: Job, claim: work.Claim) -> None:
    """Resumable: the checkpoint is the last listing that was asked for."""
    matching = listings.narrow(
        Listing.objects.filter(parent_item=None).defer("raw"), QueryDict(job.params["query"])
    ).order_by("pk")
    if job.total is None:
        jobs.progress(job, claim, total=matching.count())
    while batch := list(matching.filter(pk__gt=job.checkpoint.get("after", 0))[:BATCH]):
        with transaction.atomic():
            again(job.params["what"], batch)
            jobs.progress(job, claim, done=job.done + len(batch), checkpoint={"after": batch[-1].pk})
