"""Servers of a benchmark: each its own process on a free port, stopped at the end."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

from django.utils import timezone

from config.embedded import free_port
from sellers.queue import schedule


@contextlib.contextmanager
def granian(target: str, **environ: str) -> Iterator[int]:
    """Serve a WSGI application as `make run` serves web. Yields its port."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "granian",
        target,
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += ["--workers", "1", "--blocking-threads", "16", "--no-access-log", "--log-level", "error"]
    with process(command, **environ):
        wait_for(port)
        yield port


@contextlib.contextmanager
def process(command: list[str], **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen(command, env=os.environ | environ, stdout=subprocess.DEVNULL)
    try:
        yield started
    finally:
        started.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(5)
        started.kill()


def wait_for(port: int, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens on port {port}")


def wait_until_seen(*names: str, seconds: float = 60) -> None:
    """Wait for the heartbeats of processes. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while any(schedule.last_seen(name, timezone.now()) is None for name in names):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not all of {', '.join(names)} were seen within {seconds:.0f} s")
        time.sleep(0.2)
