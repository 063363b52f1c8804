"""The intake while everything else is in trouble, by hand: `.venv/bin/python -m tests.bench.intake_load`.

    steady   200 posts a second for a minute, while 10,000 rows are exported again and again, Redis is frozen and
             PostgreSQL writes checkpoints: p99 below 50 ms, none over 500 ms, none but 200
    held     the same, while rows of the same orders are held for 300 ms every second, as by large batches
    killed   twenty times kill -9: every 200 that was seen is a row, or a line of the spool that becomes one

A post is due at its time whether the one before was answered or not, and its latency counts from then. PostgreSQL and
Valkey are its own and durable (fsync on). Ends with 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import random
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.chaos import services

PER_SECOND = 200
KILLS = 20
SELLER = 7
ROWS = 10_000
REPEATED = 10  # every so many posts is of an order told before
HELD_FOR, HELD_EVERY, HELD_ROWS = 0.3, 0.7, 100
CHECKPOINT_EVERY = 7.0
GOALS = {"p99": 0.050, "max": 0.500}
EXPORTER = """
import os, django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
from django.contrib.auth import get_user_model
from django.test import Client
client = Client(headers={"host": "localhost"})
client.force_login(get_user_model().objects.get(username="owner"))
while True:
    answer = client.get("/products/?format=csv")
    rows = sum(chunk.count(b"\\n") for chunk in answer.streaming_content)
    assert rows > 10_000, rows
    print("exported", flush=True)
"""


@dataclass
class Sent:
    """What a phase came to: latencies in seconds of the 200s, ids told 200, other answers."""

    took: list[float] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    other: list[str] = field(default_factory=list)

    def words(self) -> str:
        took = sorted(self.took) or [0.0]
        p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
        shown = f"p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, max {took[-1] * 1000:.1f} ms"
        return f"{len(took)} told 200, {len(self.other)} not; {shown}; load average {os.getloadavg()[0]:.1f}"

    def missed(self) -> list[str]:
        took = sorted(self.took)
        found = {"p99": took[int(len(took) * 0.99)], "max": took[-1]}
        slow = [f"{name} is {found[name] * 1000:.0f} ms" for name, goal in GOALS.items() if found[name] > goal]
        return slow + ([f"{len(self.other)} were not told 200: {self.other[:3]}"] if self.other else [])


def request_of(number: int, name: str) -> tuple[str, bytes]:
    from django.conf import settings

    event = f"{name}-{number}"
    order = 2_000_000_000 + (number if number % REPEATED else max(0, number - 5 * REPEATED + 1))
    body = {"_id": event, "topic": "orders_v2", "resource": f"/orders/{order}", "user_id": SELLER, "attempts": 1}
    text = json.dumps(body | {"application_id": int(settings.MELI_CLIENT_ID)})
    head = "POST /meli/notifications/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return event, f"{head}Content-Length: {len(text)}\r\n\r\n{text}".encode()


class Line:
    """One keep-alive connection with at most one post under way, due at `due`."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=2)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.event, self.due = "", 0.0

    def send(self, event: str, request: bytes, due: float) -> None:
        self.event, self.due = event, due
        self.socket.sendall(request)


def post(port: int, name: str, *, seconds: float) -> Sent:
    """Send on time, whatever was answered."""
    sent, idle, selector = Sent(), list[Line](), selectors.DefaultSelector()
    began, number, waiting = time.perf_counter(), 0, 0
    while number < PER_SECOND * seconds or waiting:
        now = time.perf_counter() - began
        while number < PER_SECOND * seconds and number / PER_SECOND <= now:
            line = idle.pop() if idle else open_line(port, selector)
            line.send(*request_of(number, name), began + number / PER_SECOND)
            number, waiting = number + 1, waiting + 1
        for key, _ in selector.select(0.002):
            line = key.data
            status = line.socket.recv(4096)[9:12]
            waiting -= 1
            if status == b"200":
                sent.told.add(line.event)
                sent.took.append(time.perf_counter() - line.due)
            else:
                sent.other.append(status.decode() or "closed")
            idle.append(line)
    return sent


def open_line(port: int, selector: selectors.BaseSelector) -> Line:
    line = Line(port)
    selector.register(line.socket, selectors.EVENT_READ, line)
    return line


# --- the troubles -----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def beside(*threads: Callable[[threading.Event], None]) -> Iterator[None]:
    ended = threading.Event()
    started = [threading.Thread(target=each, args=(ended,)) for each in threads]
    for each in started:
        each.start()
    try:
        yield
    finally:
        ended.set()
        for each in started:
            each.join()


def checkpoints(ended: threading.Event) -> None:
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as own:
        while not ended.wait(CHECKPOINT_EVERY):
            own.execute("checkpoint")


def holding(ended: threading.Event) -> None:
    """The rows of the newest orders, as a batch that completes them holds them."""
    import psycopg

    held = "select from sellers_work where kind = 'order' order by id desc limit %s for update"
    with psycopg.connect(os.environ["DATABASE_URL"]) as own:
        while not ended.wait(HELD_EVERY):
            own.execute(held, [HELD_ROWS])
            time.sleep(HELD_FOR)
            own.commit()


@contextlib.contextmanager
def exporting() -> Iterator[list[str]]:
    """A process that exports again and again; what it said meanwhile, in the end."""
    said: list[str] = []
    with subprocess.Popen([sys.executable, "-c", EXPORTER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()  # the first is done: it is at work
        try:
            yield said
        finally:
            process.terminate()
            said += process.stdout.read().split()


# --- the phases -------------------------------------------------------------------------------------------------------


def prepare() -> None:
    from django.contrib.auth import get_user_model

    from catalog.models import Product
    from sellers.models import SellerAccount

    get_user_model().objects.create_superuser("owner", "owner@example.com", "a-long-enough-password")
    SellerAccount.objects.create(ml_user_id=SELLER, nickname="BENCH", site_id="MLA")
    Product.objects.bulk_create(Product(sku=f"P{n:05d}", name=f"Product {n}") for n in range(ROWS))


def steady(own: services.Services, port: int, seconds: float) -> Sent:
    with exporting() as said, beside(checkpoints):
        own.freeze_broker()
        sent = post(port, "steady", seconds=seconds)
        own.broker_continues()
    print(f"steady: {sent.words()}; {len(said)} exports of {ROWS} rows meanwhile", flush=True)
    return sent


def held(port: int, seconds: float) -> Sent:
    with beside(holding):
        sent = post(port, "held", seconds=seconds)
    print(f"held:   {sent.words()}", flush=True)
    return sent


def killed(kills: int) -> set[str]:
    """The ids that were told 200. Each time another process is killed in the midst of its posts."""
    from tests.bench import servers

    told: set[str] = set()
    for number in range(kills):
        with intake() as (process, port):
            servers.wait_for(port)
            lines = [
                threading.Thread(target=post_until_dead, args=(port, f"kill-{number}-{n}", told)) for n in range(8)
            ]
            for line in lines:
                line.start()
            time.sleep(random.uniform(0.2, 0.8))
            os.killpg(process.pid, 9)
            for line in lines:
                line.join()
    print(f"killed: {kills} times, {len(told)} told 200", flush=True)
    return told


def post_until_dead(port: int, name: str, told: set[str]) -> None:
    with contextlib.suppress(OSError):
        line = Line(port)
        for number in range(100_000):
            event, request = request_of(number, name)
            line.send(event, request, 0.0)
            answer = line.socket.recv(4096)
            if answer[9:12] != b"200":
                return
            told.add(event)


@contextlib.contextmanager
def intake() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    from config.embedded import free_port

    port = free_port()
    command = [sys.executable, "-m", "granian", "tests.bench.intake_apart:application", "--interface", "wsgi"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--blocking-threads", "16", "--no-access-log"]
    process = subprocess.Popen([*command, "--log-level", "error"], stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        yield process, port
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()


def lost(told: set[str]) -> set[str]:
    """Ids that are neither rows nor become rows when the spool is taken in."""
    from django.db import connection

    from sellers.models import Notification
    from sellers.notifications import inbox

    with connection.cursor() as cursor:
        taken = inbox.replay(cursor)
    print(f"{taken} came from the spool", flush=True)
    return told - set(Notification.objects.values_list("event_id", flat=True))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.intake_load", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--kills", type=int, default=KILLS)
    arguments = parser.parse_args()
    with services.started("bench-intake", settings={}) as own:
        import django

        django.setup()
        from django.conf import settings

        from tests.bench import servers

        settings.DATA_DIR = own.run
        logging.getLogger("sellers").setLevel(logging.ERROR)
        prepare()
        with intake() as (_, port):
            servers.wait_for(port)
            post(port, "warm", seconds=1)
            phases = [steady(own, port, arguments.seconds), held(port, arguments.seconds / 2)]
        told = set().union(*(phase.told for phase in phases), killed(arguments.kills))
        found = [goal for phase in phases for goal in phase.missed()]
        found += [f"{len(ids)} were told 200 and are lost"] if (ids := lost(told)) else []
    print("\n".join(found) or f"every goal is reached; {len(told)} of {len(told)} are there", flush=True)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
