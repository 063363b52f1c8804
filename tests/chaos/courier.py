"""The way between Mercado Libre and the intake, on which notifications are lost, doubled, late and out of order.

Mercado Libre delivers here and is told what the intake says. What is late or sent twice was told 200 already; it is
sent until the intake says so too. Beside it somebody sends what is no notification, and what points to orders that are
not the seller's. Every 200 of the intake is kept with a digest of the body: each must be found in the inbox.
"""

from __future__ import annotations

import hashlib
import heapq
import http.client
import itertools
import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATH = "/meli/notifications/"
LIMIT = 1.0  # seconds Mercado Libre waits here
KEPT = 64 * 1024
LATEST = 6.0  # seconds
DEAF = 1.5, 12.0  # seconds, of so many, in which everything is lost: nobody is told of these sales but by polls
UNREADABLE = (b"", b"{", b'{"topic": "orders_v2"', b"\xff\xfe", b'["orders_v2"]', b'{"resource": "\\u0000\\ud800"}')


@dataclass(frozen=True)
class Ways:
    """Shares of the notifications of Mercado Libre, and how often others send something."""

    lost: float = 0.1
    doubled: float = 0.25
    late: float = 0.2
    malformed: float = 0.01
    forged: float = 0.02


@dataclass
class Courier:
    """`ports` of those that take notifications; `forge` is what somebody may send who knows the sellers."""

    ports: list[int]
    seed: int
    ways: Ways = field(default_factory=Ways)
    forge: list[dict[str, Any]] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    did: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed + 3)
        self.lock = threading.Lock()
        self.queue: list[tuple[float, int, bytes]] = []
        self.number = itertools.count()
        self.ended = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.threads = [threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)]
        self.threads += [threading.Thread(target=self._send_late_ones, daemon=True) for _ in range(2)]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}{PATH}"

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def waiting(self) -> int:
        with self.lock:
            return len(self.queue)

    def behave(self) -> None:
        """From now on everything arrives, once and at once."""
        with self.lock:
            self.ways = Ways(0, 0, 0, 0, 0)

    # --- what Mercado Libre sends

    def carry(self, body: bytes) -> int:
        """Take one notification. Returns the status that Mercado Libre sees. What it sends again goes straight on."""
        if json.loads(body)["attempts"] > 1:
            return self.post(body)
        with self.lock:
            dice, again, ways = self.random.random(), self.random.random(), self.ways
            others = [body for share, body in self._others(ways) if self.random.random() < share]
            for other in others:
                self._later(other, 0.0)
            if dice < ways.lost or (ways.lost and time.monotonic() % DEAF[1] < DEAF[0]):
                self.did["lost"] += 1
                return 200
            if again < ways.doubled:
                self.did["doubled"] += 1
                self._later(body, self.random.uniform(0, LATEST / 2))
            if dice < ways.lost + ways.late:
                self.did["late"] += 1
                self._later(body, self.random.uniform(0, LATEST))
                return 200
        return self.post(body)

    def _others(self, ways: Ways) -> list[tuple[float, bytes]]:
        forged = dict(self.random.choice(self.forge)) if self.forge else {}
        unreadable = self.random.choice(UNREADABLE)
        return [(ways.malformed, unreadable), (ways.forged if forged else 0.0, json.dumps(forged).encode())]

    def _later(self, body: bytes, seconds: float) -> None:
        heapq.heappush(self.queue, (time.monotonic() + seconds, next(self.number), body))

    def _send_late_ones(self) -> None:
        while not self.ended.wait(0.02):
            with self.lock:
                due = bool(self.queue) and self.queue[0][0] <= time.monotonic()
                body = heapq.heappop(self.queue)[2] if due else None
            if body is not None and self.post(body) != 200:
                with self.lock:
                    self._later(body, 0.3)

    # --- what the intake says

    def post(self, body: bytes) -> int:
        port = self.random.choice(self.ports)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
        started = time.perf_counter()
        try:
            connection.request("POST", PATH, body, {"Content-Type": "application/json"})
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException):
            status = 0
        finally:
            connection.close()
        self._note(body, status, time.perf_counter() - started)
        return status

    def _note(self, body: bytes, status: int, seconds: float) -> None:
        with self.lock:
            self.did[f"status {status}"] += 1
            if status == 200:
                self.told[digest(body)] += 1
                self.took.append(seconds)

    def latencies(self) -> str:
        """p50, p99 and the slowest of the intake's 200s."""
        found = sorted(self.took) or [0.0]
        names = {"p50": len(found) // 2, "p99": int(len(found) * 0.99), "max": len(found) - 1}
        return ", ".join(f"{name} {found[place] * 1000:.0f} ms" for name, place in names.items())


def digest(body: bytes) -> str:
    return hashlib.sha256(body[:KEPT]).hexdigest()


def handler_of(courier: Courier) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status = courier.carry(body) or 503
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Said in the end."""

    return Handler


def forgeries(sale: int, others: list[int]) -> list[dict[str, Any]]:
    """What Mercado Libre never sent: of orders not there or another's, of strangers, of another application."""
    seller = others[0]
    return [
        {"topic": "orders_v2", "resource": f"/orders/{sale}", "user_id": seller},
        {"topic": "orders_v2", "resource": "/orders/2000000000000001", "user_id": seller},
        {"topic": "shipments", "resource": "/shipments/49999999999", "user_id": seller},
        {"topic": "items", "resource": "/items/MLA999999999", "user_id": seller},
        {"topic": "orders_v2", "resource": "/orders/2000000000000002", "user_id": 1},
        {"topic": "orders_v2", "resource": "/orders/2000000000000003", "user_id": seller, "application_id": 5},
        {"topic": "orders_v2", "resource": "/orders/../users/me", "user_id": seller},
    ]
