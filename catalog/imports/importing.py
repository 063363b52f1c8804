"""Reading a seller's whole catalog: scan for ids, fetch twenty at a time, write, then link what is certain.

A job (`sellers.queue.jobs`) that goes on from its checkpoint, which is saved with each page in one transaction:

    scan      pages of a hundred ids, the newest scroll id each time; what this run has already seen is passed over;
              while a page is written the next one is read, and counts once it is written too; a Global Selling item
              is read with its listings on the marketplaces
    left over listings we know that the scan did not show are asked for once more; absent twice, in two complete
              runs, they are marked as missing, never deleted
    match     seller SKUs that are unique on both sides are linked
"""

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import DataError, IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from catalog.imports.reading import PAGE, Page, Reader
from catalog.imports.storing import NotTheirs, Saved, save_item, save_items
from catalog.mapping import matching
from catalog.models import Listing
from catalog.shapes import shape_changes
from mercadolibre import errors
from mercadolibre.resources.items import Item, ScanPage
from sellers import clock, marketplaces
from sellers.connection.clients import client_for
from sellers.models import Job, SellerAccount
from sellers.points import point
from sellers.queue import jobs, work
from sellers.queue.outcomes import TryLater
from ui.stored import stored

__all__ = ["Saved", "run_import", "save_item", "save_items", "start", "sweep"]

SLICE_SECONDS = 30  # then other work gets its turn
AGAIN_AFTER = timedelta(days=1)
RETRY_AFTER = timedelta(hours=1)
ERRORS_KEPT = 100
SCANS = 10  # how often a scan may start again in one run
CLOSED = "closed"


class ScanStuck(Exception):
    """The scan keeps giving ids that were seen before."""


@dataclass
class Checkpoint:
    """How far a run has got; kept in the job as JSON."""

    began_at: str
    stage: str = "scan"
    scroll_id: str | None = None
    pending: list[str] = field(default_factory=list)  # ids of the page that are not fetched yet
    last_page: bool = False
    total: int = 0
    pages: int = 0
    scans: int = 1
    old_pages: int = 0  # pages in a row without anything new
    after: int = 0  # the last listing looked at among those left over
    new: int = 0
    changed: int = 0
    closed_left_out: int = 0
    absent: int = 0
    missing: int = 0
    linked: int = 0
    problems: list[dict[str, str]] = field(default_factory=list)

    @property
    def began(self) -> datetime:
        return datetime.fromisoformat(self.began_at)


def start(*, account: SellerAccount, by: Any = None) -> Job:
    """Start an import of a seller's catalog; one that is running is returned."""
    title = stored(gettext_noop("Import the listings of %(seller)s"), seller=account.nickname)
    return jobs.start(kind="catalog_import", title=title, account=account, by=by)


def sweep() -> None:
    """Start imports of connected sellers never imported, or not for a day. One that failed waits an hour."""
    now = clock.now()
    due = SellerAccount.objects.connected().filter(
        Q(catalog_imported_at__isnull=True) | Q(catalog_imported_at__lt=now - AGAIN_AFTER)
    )
    recent = Job.objects.filter(kind="catalog_import", account__in=due, created_at__gt=now - RETRY_AFTER)
    tried = set(recent.values_list("account_id", flat=True))
    for account in due:
        if account.pk not in tried:
            start(account=account)
            point("sweep.started")


def run_import(job: Job, claim: work.Claim) -> None:
    """Run an import, or go on with it. Gives way after a while; called again it continues."""
    until = time.monotonic() + SLICE_SECONDS
    with Run(job, claim) as run:
        while run.step(ahead=(goes_on := time.monotonic() < until)):
            if not goes_on:
                raise TryLater("others have their turn", timedelta(0))


class Run:
    """One import in progress: `step` does one page and saves how far it got."""

    def __init__(self, job: Job, claim: work.Claim) -> None:
        self.job, self.claim = job, claim
        if job.account is None:
            raise ValueError("an import needs a seller")
        self.account: SellerAccount = job.account
        client = client_for(self.account)
        if not job.checkpoint:
            marketplaces.read(self.account, client)
        self.reader = Reader(client, self.account.ml_user_id)
        saved = job.checkpoint or asdict(Checkpoint(began_at=clock.now().isoformat()))
        self.at = Checkpoint(**saved)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.reader.close()

    def step(self, *, ahead: bool = False) -> bool:
        """Do the next piece; with `ahead`, the one after it is begun meanwhile. False when all is done."""
        if self.at.stage == "scan":
            self._scan(ahead=ahead)
        elif self.at.stage == "left_over":
            self._left_over()
        elif self.at.stage == "match":
            self._match()
        else:
            return False
        return True

    def _scan(self, *, ahead: bool) -> None:
        """The items of a page of ids, read and written; the ids of the page that follows are saved with them."""
        if not self.at.pending and not self._next_page():
            return
        page = self.reader.scanned(self.at.pending, self.at.scroll_id, last=self.at.last_page)
        self.at.pending = [one for one in self.at.pending if one not in page.found]
        point("import.page_read")
        if page.following:
            self._turn_to(page.following, had=page.found)
            if ahead and self.at.pending:
                self.reader.begin(self.at.pending, self.at.scroll_id, last=self.at.last_page)
        with transaction.atomic():
            self._write(page)
            if self.at.last_page and not self.at.pending:
                self.at.stage = "left_over"
            done = self.job.done + len(page.found)
            self._save(done=done, total=max(self.at.total, done))
        point("import.page_written")
        self._stop_for(page.trouble)

    def _stop_for(self, trouble: Exception | None) -> None:
        """Raise what stopped a page, now that what was read before is written."""
        if isinstance(trouble, errors.InvalidScroll):
            self._scan_again()
        elif trouble is not None:
            raise trouble
        if self.at.old_pages > self.at.total // PAGE + SCANS:
            raise ScanStuck(_("Mercado Libre keeps sending the same listings. Try again later."))

    def _next_page(self) -> bool:
        """Read a page of ids where none was read with the page before. False where the scan had to start again."""
        try:
            self._turn_to(self.reader.ids(self.at.scroll_id), had={})
        except errors.InvalidScroll:
            self._scan_again()
            return False
        return True

    def _turn_to(self, page: ScanPage, *, had: Collection[str]) -> None:
        fresh = self._not_seen(page.ids, had)
        self.at.pending, self.at.scroll_id = fresh, page.scroll_id
        self.at.last_page = not page.ids or page.scroll_id is None
        self.at.pages += 1
        self.at.old_pages = 0 if fresh else self.at.old_pages + 1
        self.at.total = max(page.total or 0, self.at.total)

    def _scan_again(self) -> None:
        """The scroll id has expired: from the first page, passing over what this run has seen."""
        if self.at.scroll_id is None or self.at.scans >= SCANS:
            raise ScanStuck(_("The scan of the listings had to start again too often. Try again later."))
        self.at.scroll_id, self.at.scans, self.at.old_pages = None, self.at.scans + 1, 0
        self._save()

    def _left_over(self) -> None:
        """Ask for the next of our listings that the scan did not show."""
        unseen = Listing.objects.filter(account=self.account, seen_at__lt=self.at.began, pk__gt=self.at.after)
        unseen = unseen.filter(missing_since=None).exclude(status=CLOSED).order_by("pk")
        rows = list(unseen.values_list("pk", "item_id")[:PAGE])
        page = self.reader.items([item_id for _pk, item_id in rows])
        point("import.left_over_read")
        with transaction.atomic():
            self._write(page)
            self.at.missing += self._mark_missing(page.absent)
            self.at.after = max((pk for pk, item_id in rows if item_id in page.found), default=self.at.after)
            if len(rows) < PAGE and page.trouble is None:
                self.at.stage = "match"
            self._save()
        if page.trouble is not None:
            raise page.trouble

    def _mark_missing(self, absent: Sequence[str]) -> int:
        """Missing is what the last complete run did not see either."""
        previous = Job.objects.filter(kind="catalog_import", account=self.account, state=Job.State.DONE)
        before = previous.exclude(pk=self.job.pk).order_by("-pk").values_list("checkpoint__began_at", flat=True).first()
        if not absent or before is None:
            return 0
        gone = Listing.objects.filter(item_id__in=absent, seen_at__lt=datetime.fromisoformat(before))
        return gone.update(missing_since=clock.now())

    def _match(self) -> None:
        self.at.linked = matching.link_exact(account_id=self.account.pk)
        shape_changes.note_successors(self.account.pk)
        point("import.matched")
        SellerAccount.objects.filter(pk=self.account.pk).update(catalog_imported_at=clock.now())
        self.at.stage = "done"
        self._save(total=self.job.done, result=self._result())

    def _result(self) -> dict[str, Any]:
        names = ("new", "changed", "linked", "missing", "absent", "closed_left_out", "pages", "scans")
        return {name: getattr(self.at, name) for name in names} | {"problems": self.at.problems}

    def _not_seen(self, item_ids: Iterable[str], had: Collection[str]) -> list[str]:
        """The ids of a page that this run has not had yet: pages shift and repeat while listings change."""
        ids = [one for one in dict.fromkeys(item_ids) if one not in had]
        seen = Listing.objects.filter(account=self.account, item_id__in=ids, seen_at__gte=self.at.began)
        written = set(seen.values_list("item_id", flat=True))
        return [one for one in ids if one not in written]

    def _write(self, page: Page) -> None:
        for item_id, error in page.unreadable.items():
            self._problem(item_id, error)
        self.at.absent += len(page.absent)
        wanted = self._without_unknown_closed(page.items)
        try:
            self._count(save_items(self.account, wanted, clock.now()))
        except (NotTheirs, DataError, IntegrityError):
            for item in wanted:
                self._write_alone(item)

    def _without_unknown_closed(self, items: Sequence[Item]) -> list[Item]:
        """Closed listings that we never had are left out: they can neither be sold nor changed."""
        closed = [item.id for item in items if item.status == CLOSED]
        known = set(Listing.objects.filter(item_id__in=closed).values_list("item_id", flat=True)) if closed else set()
        self.at.closed_left_out += len(closed) - len(known)
        return [item for item in items if item.status != CLOSED or item.id in known]

    def _write_alone(self, item: Item) -> None:
        try:
            self._count(save_items(self.account, [item], clock.now()))
        except (NotTheirs, DataError, IntegrityError) as error:
            self._problem(item.id, error)

    def _count(self, saved: Iterable[Saved]) -> None:
        for one in saved:
            self.at.new += one.created
            self.at.changed += one.changed and not one.created

    def _problem(self, item_id: str, error: Exception) -> None:
        self.job.errors += 1
        reason = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
        if len(self.at.problems) < ERRORS_KEPT:
            self.at.problems.append({"item_id": item_id, "reason": reason})

    def _save(self, **fields: Any) -> None:
        jobs.progress(self.job, self.claim, checkpoint=asdict(self.at), errors=self.job.errors, **fields)
