"""The notification intake: one URL, no sessions, no Redis. It answers 200 for whatever it has stored.

Waiting requests are committed in groups: while one commit is under way the next ones gather, so a burst costs few
commits. Where PostgreSQL does not take them in time they go to the spool on disk; where that fails too, 503 makes ML
send again.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
from django.apps import apps
from django.conf import settings
from django.db import connections

if not apps.ready:
    django.setup()

from sellers.notifications import inbox
from sellers.points import point

logger = logging.getLogger(__name__)

PATH = "/meli/notifications/"
GROUP = 200  # arrivals in one commit at most
ANSWER_WITHIN = 0.25  # seconds for PostgreSQL; ML allows 0.5, the other half is for the disk that takes it instead
AT_LEAST = 0.02  # seconds that an arrival waits behind a commit that hangs
TIMEOUTS = " -c statement_timeout=250 -c lock_timeout=100"

StartResponse = Callable[..., Any]
Environ = dict[str, Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]


class Waiting:
    """An arrival and the request that waits for it."""

    __slots__ = ("arrival", "done", "stored")

    def __init__(self, arrival: inbox.Arrival) -> None:
        self.arrival = arrival
        self.done = threading.Lock()
        self.done.acquire()
        self.stored = False

    def finish(self, stored: bool) -> None:
        self.stored = stored
        self.done.release()


class Committer:
    """One thread that commits what waits, in groups. Started with the first arrival (after the server forked)."""

    def __init__(self) -> None:
        self.waiting: queue.SimpleQueue[Waiting] = queue.SimpleQueue()
        self.lock = threading.Lock()
        self.thread: threading.Thread | None = None
        self.connection: psycopg.Connection[Any] | None = None
        self.begun: float | None = None  # when the commit that is under way began

    def keep(self, arrival: inbox.Arrival) -> bool:
        """Store durably; False where neither PostgreSQL nor the spool took it in time."""
        if self.thread is None:
            self._start()
        entry = Waiting(arrival)
        self.waiting.put(entry)
        if not entry.done.acquire(timeout=self._patience()):
            return self._spool([arrival])
        return entry.stored or self._spool([arrival])

    def _patience(self) -> float:
        """Behind a commit that hangs nobody waits as long again: all threads would, and what comes next with them."""
        begun = self.begun
        return ANSWER_WITHIN if begun is None else max(AT_LEAST, ANSWER_WITHIN - (time.monotonic() - begun))

    def _start(self) -> None:
        with self.lock:
            if self.thread is None:
                self.thread = threading.Thread(target=self._work, name="intake-committer", daemon=True)
                self.thread.start()

    def _work(self) -> None:
        while True:
            group = [self.waiting.get()]
            while len(group) < GROUP and not self.waiting.empty():
                group.append(self.waiting.get())
            self.begun = time.monotonic()
            stored = self._commit([entry.arrival for entry in group])
            self.begun = None
            for entry in group:
                entry.finish(stored)

    def _commit(self, arrivals: list[inbox.Arrival]) -> bool:
        """One commit for the group; a fresh connection is tried once (PostgreSQL may have restarted).

        A row that a worker holds is not waited for twice: everybody who comes after would wait too. A full disk is not
        emptied by asking again.
        """
        for _ in range(2):
            try:
                if self.connection is None:
                    self.connection = psycopg.connect(**parameters(), autocommit=True)
                point("intake.before_store")
                with self.connection.cursor() as cursor:
                    inbox.store(cursor, arrivals)
                point("intake.stored")
                return True
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DiskFull):
                return False
            except psycopg.Error as error:
                logger.warning("notification intake: %s", type(error).__name__)
                self._close()
        return False

    def _close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _spool(self, arrivals: list[inbox.Arrival]) -> bool:
        try:
            inbox.spool(arrivals, name=f"{os.getpid()}-{threading.get_ident()}")
        except OSError:
            logger.exception("notification intake: the spool does not take it either")
            return False
        return True


def parameters() -> dict[str, Any]:
    """Connection parameters of the default database with the intake's short timeouts."""
    found = dict(connections["default"].get_connection_params())
    found.pop("cursor_factory", None)
    found.pop("context", None)
    found.pop("prepare_threshold", None)
    found["options"] = found.get("options", "") + TIMEOUTS
    return found


committer = Committer()


def remote_ip(environ: Environ) -> str | None:
    """The caller's address: behind N trusted proxies the N-th from the right of X-Forwarded-For."""
    forwarded = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if settings.TRUSTED_PROXIES and len(forwarded) >= settings.TRUSTED_PROXIES:
        address: str = forwarded[-settings.TRUSTED_PROXIES]
    else:
        address = environ.get("REMOTE_ADDR", "").split(":")[0]
    return address if is_address(address) else None


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_intake(path: str) -> bool:
    """The notification URL; where a secret is configured only the one that ends with it."""
    if not path.startswith(PATH):
        return False
    wanted = f"{PATH}{settings.MELI_NOTIFICATION_SECRET}/" if settings.MELI_NOTIFICATION_SECRET else PATH
    return hmac.compare_digest(path.encode(), wanted.encode())


def answer(start_response: StartResponse, status: str, text: bytes = b"") -> list[bytes]:
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]


def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """WSGI: the intake alone, for a process of its own."""
    if not is_intake(environ.get("PATH_INFO", "")):
        return answer(start_response, "404 Not Found")
    if environ["REQUEST_METHOD"] != "POST":
        return answer(start_response, "405 Method Not Allowed")
    body = environ["wsgi.input"].read(inbox.BODY_LIMIT + 1)
    if committer.keep(inbox.read(body, remote_ip=remote_ip(environ))):
        return answer(start_response, "200 OK")
    return answer(start_response, "503 Service Unavailable")


def mounted(dashboard: WsgiApp) -> WsgiApp:
    """The dashboard with the intake in front of it, in one process."""

    def both(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(PATH):
            return application(environ, start_response)
        return dashboard(environ, start_response)

    return both
