"""What workers, the pump and the clock do, and what becomes of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import redis
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from catalog.imports import importing
from inventory.models import StockTarget
from inventory.patrol import patrol
from orders.runs import missed, reconciliation
from sellers import points
from sellers.brakes import breakers, probes
from sellers.connection import tokens
from sellers.models import Breaker, SellerAccount, Work
from sellers.notifications import inbox
from sellers.queue import work
from tests.faults import processes
from tests.machine.state import State

# Where a worker may die or be held, wherever there are any in what it does.
POINTS = (
    *("work.claimed", "work.extended", "work.before_commit", "work.committed", "work.failing"),
    *("fetch.before_get", "fetch.after_get", "order.more_asked", "order.saved", "order.settled", "shipment.saved"),
    *("ledger.moved", "ledger.wanted", "poll.asked", "missed.asked", "mapping.settled"),
    *("pushes.before_get", "pushes.after_get", "pushes.before_put", "pushes.after_put", "pushes.before_read_back"),
    *("push.before_get", "push.after_get", "push.before_put", "push.after_put", "push.recorded"),
    *("price.before_get", "price.after_get", "price.before_put", "price.after_put"),
    *("looks.after_get", "look.saved", "patrol.looked"),
    *("job.running", "import.page_read", "import.page_written", "import.matched"),
)


class Died(BaseException):
    """A worker is gone: nothing of it runs any more."""


class Workers(State):
    """All of them in this process, one after the other; `lane` is a lane's name."""

    def step(self, lane: str) -> None:
        for claim in work.claim(lane=settings.LANES[lane], who="one"):
            work.run(claim)

    def drain(self, lane: str) -> None:
        work.drain(settings.LANES[lane], who="many")

    def crash(self, lane: str, nth: int) -> None:
        """A worker dies at the nth point that it comes to. What it holds stays leased."""
        with self._at_point(nth, self._die):
            self._until_death(lambda: self.drain(lane))

    def _die(self) -> None:
        raise Died

    @contextmanager
    def _at_point(self, nth: int, action: Callable[[], object], *, among_transactions: bool = True) -> Iterator[None]:
        reached = itertools.count()

        def arrived() -> None:
            if (among_transactions or not connection.in_atomic_block) and next(reached) == nth:
                action()

        with ExitStack() as stack:
            for name in POINTS:
                stack.enter_context(points.at(name, arrived))
            yield

    def _until_death(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Died:
            self.seen["died"] += 1
            breakers.here = breakers.Counter()

    def freeze(self, lane: str, many: int) -> None:
        self.frozen += work.claim(lane=settings.LANES[lane], who="frozen", limit=many)

    def thaw(self) -> None:
        """It goes on with what it believes to hold."""
        claims, self.frozen = self.frozen, []
        self.seen["thawed"] += len(claims)
        for claim in claims:
            work.run(claim)

    def held(self, lane: str, nth: int, meanwhile: Callable[[], object]) -> None:
        """A worker stands at a point, something else happens, it goes on. Within a transaction nothing else can."""

        def happens() -> None:
            self.seen["happened meanwhile"] += 1
            meanwhile()
            self.noticed()

        with self._at_point(nth, happens, among_transactions=False):
            self.drain(lane)
        self.begin.clock.moved = 0.0

    def is_overtaken(self, lane: str) -> None:
        """For whoever is held: a minute passes in which another worker does what they began."""
        self.lease_ends()
        self.time_passes()
        self.drain(lane)
        self.begin.clock.moved = 61.0
        self.seen["overtaken"] += 1

    def lease_ends(self) -> None:
        Work.objects.filter(state="leased").update(lease_until=processes.LONG_AGO)
        work.reap()

    def time_passes(self) -> None:
        """What is put off is due, what may be doubted is old."""
        Work.objects.filter(state="ready").update(due_at=processes.LONG_AGO)
        SellerAccount.objects.update(throttle_until=None)
        Breaker.objects.exclude(state="closed").update(probe_at=F("opened_at"))
        StockTarget.objects.filter(state="accepted").update(accepted_at=F("accepted_at") - timedelta(seconds=20))
        breakers.here.stopped.clear()

    def tick(self) -> None:
        work.reap()
        with connection.cursor() as cursor:
            inbox.replay(cursor)
        tokens.refresh_due(timezone.now())
        probes.probe_due()

    def poll(self) -> None:
        reconciliation.schedule_polls()
        Work.objects.filter(kind="order_poll", state="ready").update(due_at=processes.LONG_AGO)

    def read_missed(self) -> None:
        missed.schedule()

    def look_around(self) -> None:
        patrol.schedule()

    def import_catalog(self, seller: int) -> None:
        importing.start(account=self.accounts[seller])

    def flush_redis(self) -> None:
        redis.Redis.from_url(settings.REDIS_URL).flushdb()
