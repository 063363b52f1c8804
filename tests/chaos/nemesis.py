"""Kills processes, breaks Mercado Libre, empties the broker."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import redis
from django.conf import settings

from config.embedded import free_port
from config.run import worker
from tests.bench import market, servers

Running = dict[str, tuple[list[str], "subprocess.Popen[bytes] | None"]]
FAULTS = [
    ("RATE_LIMITED", None, 0.03),
    ("SERVER_ERROR", None, 0.03),
    ("TRUNCATED_JSON", "GET", 0.02),
    ("APPLIED_THEN_TIMEOUT", "PUT", 0.2),
    ("CONFLICT_409", "PUT", 0.1),
]
# Per step: a process needs seconds to start, and one that is always starting does nothing that could go wrong.
KILLS, FLUSHES = 0.025, 0.01


@contextlib.contextmanager
def processes() -> Iterator[tuple[int, Running]]:
    """The processes of Enlace by name, not started yet, and the port of the intake."""
    port = free_port()
    intake = [
        sys.executable,
        "-m",
        "granian",
        "config.intake:application",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
    ]
    intake += ["--port", str(port), "--blocking-threads", "8", "--log-level", "error"]
    commands = {
        "intake": intake,
        "pump": [sys.executable, "manage.py", "pump"],
        "orders": worker("orders", 1),
        "pushes": worker("pushes", 1),
    }
    running: Running = {name: (command, None) for name, command in commands.items()}
    try:
        yield port, running
    finally:
        for _, process in running.values():
            kill(process)


def kill(process: subprocess.Popen[bytes] | None) -> None:
    """kill -9 for the process and its children, as an out-of-memory killer or a power cut would."""
    if process is not None and process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Nemesis:
    def __init__(self, made: market.Market, running: Any, seed: int) -> None:
        self.made, self.running = made, running
        self.random = random.Random(seed + 1)
        self.struck: Counter[str] = Counter()

    def start_all(self) -> None:
        for name in self.running:
            self._start(name)
        servers.wait_until_seen("pump", "worker:orders", "worker:pushes")
        for kind, method, probability in FAULTS:
            given = {"kind": kind, "probability": probability, "times": 1_000_000}
            self.made.control("faults", **given | ({"method": method} if method else {}))

    def _start(self, name: str) -> None:
        command, _ = self.running[name]
        log = subprocess.DEVNULL
        process = subprocess.Popen(command, env=dict(os.environ), stdout=log, stderr=log, start_new_session=True)
        self.running[name] = (command, process)

    def step(self) -> None:
        dice = self.random.random()
        if dice < KILLS:
            name = self.random.choice(list(self.running))
            kill(self.running[name][1])
            self._start(name)
            self.struck[f"kill {name}"] += 1
        elif dice < KILLS + FLUSHES:
            redis.Redis.from_url(settings.REDIS_URL).flushdb()
            self.struck["flushed broker"] += 1

    def rest(self) -> None:
        """No more faults; whatever was killed last is running."""
        self.struck.update(self.made.look("state")["faults_seen"])
        self.made.control("clear_faults")
        for name, (_, process) in self.running.items():
            servers_alive = process is not None and process.poll() is None
            if not servers_alive:
                self._start(name)
        servers.wait_for(int(self.running["intake"][0][self.running["intake"][0].index("--port") + 1]))

    def told(self) -> str:
        return ", ".join(f"{count}× {name}" for name, count in sorted(self.struck.items()))

    def vacuous(self) -> list[str]:
        """A run that met no kill, no rate limit and no write without an answer proved nothing."""
        wanted = {"RATE_LIMITED", "SERVER_ERROR", "APPLIED_THEN_TIMEOUT"}
        missing = wanted - set(self.struck)
        kills = any(name.startswith("kill") for name in self.struck)
        found = [f"vacuous: no {name} struck" for name in sorted(missing)]
        return found if kills else [*found, "vacuous: nothing was killed"]
