"""Accepting many suggestions at once: those of 95 and more, where exactly one product fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.db import transaction
from django.utils.translation import gettext_noop

from catalog import queries
from catalog.mapping import sku_mapping
from catalog.mapping.sku_mapping import Link
from catalog.models import SkuMapping, Variation
from sellers.models import Job
from sellers.points import point
from sellers.queue import jobs, work

BATCH = 200


@dataclass(frozen=True)
class Accepted:
    """How many units were linked, and how many had no suggestion that may be accepted in bulk or were refused."""

    linked: int
    left: int


def accept(units: Sequence[Variation], *, by: Any) -> Accepted:
    """Accept the suggestions of 95 and more of some unlinked units."""
    found = queries.suggestions_for(units, by_title=False)
    source = SkuMapping.Source.BULK
    links = [Link(pk, one.product_id, 1, source) for pk, one in found.items() if one.for_bulk]
    try:
        linked = sku_mapping.link_many(links, by=by) if links else 0
    except sku_mapping.MappingRefused:
        linked = sum(_accept_one(link, by) for link in links)
    return Accepted(linked, len(units) - linked)


def _accept_one(link: Link, by: Any) -> int:
    try:
        return sku_mapping.link_many([link], by=by)
    except sku_mapping.MappingRefused:
        return 0


def start(query: str, *, by: Any) -> Job:
    """Accept for all units to map that a list's query string matches, as a job."""
    title = gettext_noop("Accept suggestions of 95 % and more")
    return jobs.start(kind="bulk_accept", title=title, params={"query": query}, by=by)


def run_bulk_accept(job: Job, claim: work.Claim) -> None:
    """Work through the matching units in the order of their keys, from the checkpoint on."""
    by = job.created_by
    matching = queries.narrowed(queries.to_map(queries.units()), dict(parse_qsl(job.params["query"]))).order_by("pk")
    total = job.total if job.total is not None else matching.count()
    after, linked, left = job.checkpoint.get("after", 0), job.result.get("linked", 0), job.result.get("left", 0)
    while batch := list(matching.filter(pk__gt=after)[:BATCH]):
        after = batch[-1].pk
        with transaction.atomic():
            accepted = accept(batch, by=by)
            point("bulk.accepted")
            linked, left = linked + accepted.linked, left + accepted.left
            result = {"linked": linked, "left": left}
            jobs.progress(job, claim, total=total, done=linked + left, checkpoint={"after": after}, result=result)
        point("bulk.batch_written")
