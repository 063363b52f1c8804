"""A process of Enlace that dies at a named point, and what is done when everything has been started again.

The process is a fork of the test's: ready in milliseconds, with connections of its own, talking HTTP to the sandbox.
"""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from django.conf import settings
from django.db import connection, connections
from django.db.models import F
from django.utils import timezone

from config import intake
from inventory.models import Publication, StockTarget
from sellers import points
from sellers.brakes import breakers
from sellers.connection import tokens
from sellers.models import RefreshAttempt, SellerAccount, Work
from sellers.notifications import inbox
from sellers.queue import work

PATIENCE = 20.0  # seconds in which the process has to come to its point
LONG_AGO = "2000-01-01T00:00:00Z"
ROUNDS = 30


def dies(where: str, act: Callable[[], object], *, url: str, told: Path) -> None:
    """Run `act` in a process that dies at a point ("push.after_put", "push.after_put:2").

    `url` is the sandbox, `told` a file for what went wrong. Fails unless the process came to the point.
    """
    before = _sessions()

    def until_it_dies() -> None:
        points.crash_at(where)
        act()

    code = _wait(starts(until_it_dies, url=url, told=told))
    words = told.read_text() if told.exists() else ""
    assert code == points.KILLED, f"{where} was not reached ({code}) {words}"
    _wait_until_forgotten(before)


def starts(act: Callable[[], object], *, url: str, told: Path) -> int:
    """Run `act` in a process of its own; its number. It ends with 0, or with 1 where `told` says what went wrong."""
    connections.close_all()
    process = os.fork()
    if process == 0:
        _live(act, url, told)
    return process


def ends(process: int, *, told: Path) -> None:
    """Wait for a process that ends by itself, and well."""
    code = _wait(process)
    assert code == 0, told.read_text() if told.exists() else f"it ended with {code}"


def _live(act: Callable[[], object], url: str, told: Path) -> NoReturn:
    try:
        _forget_connections()
        settings.MELI_API_URL = settings.MELI_AUTH_URL = url
        settings.MELI_SESSION_FACTORY = "requests.Session"
        intake.committer = intake.Committer()
        act()
    except BaseException:
        told.write_text(traceback.format_exc())
        os._exit(1)
    os._exit(0)


INHERITED: list[object] = []


def _forget_connections() -> None:
    """Use none of the test's own, and end none of its sessions: they are neither closed nor collected.

    Where a browser's event loop runs in the test's thread, Django keeps connections by task, and those are closed. Here
    it does not run, and connections made before the browser came are found again.
    """
    for one in connections.all(initialized_only=True):
        INHERITED.append(one.connection)
        one.connection = None


def _wait(process: int) -> int:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(process, 9)
    os.waitpid(process, 0)
    return -9


SESSIONS = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"


def _sessions() -> set[int]:
    """Those of others in the test's database."""
    with connection.cursor() as cursor:
        cursor.execute(SESSIONS)
        return {pid for (pid,) in cursor.fetchall()}


def _wait_until_forgotten(before: set[int]) -> None:
    """PostgreSQL takes a moment to notice that somebody is gone, and to roll back what they had begun."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if not _sessions() - before:
            return
        time.sleep(0.01)
    raise AssertionError("PostgreSQL still holds a session of the process that died")


def time_passes() -> None:
    """What was begun by the dead is old by now: leases end, an unanswered refresh and a publication may be doubted."""
    Work.objects.filter(state="leased").update(lease_until=LONG_AGO)
    RefreshAttempt.objects.filter(outcome="pending").update(started_at=F("started_at") - timedelta(seconds=40))
    Publication.objects.filter(state__in=["sending", "unknown"]).update(sent_at=F("sent_at") - timedelta(minutes=2))


def work_off() -> None:
    """What pump and workers do until nothing is wanted. Nothing is polled: that would make good what was lost."""
    for _ in range(ROUNDS):
        work.reap()
        with connection.cursor() as cursor:
            inbox.replay(cursor)
        tokens.refresh_due(timezone.now())
        Work.objects.filter(state="ready").update(due_at=LONG_AGO)
        SellerAccount.objects.update(throttle_until=None)
        breakers.here.stopped.clear()
        if not sum(work.drain(lane, who="after") for lane in settings.LANES.values()):
            return
        # Work that was put off is done at once here: what is said to be on its way has had that time to arrive.
        StockTarget.objects.filter(state="accepted").update(accepted_at=F("accepted_at") - timedelta(seconds=20))
    left = list(Work.objects.exclude(state="idle").values_list("kind", "key", "state", "last_error"))
    raise AssertionError(f"the work never ends: {left}")
