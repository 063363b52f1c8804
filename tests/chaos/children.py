"""The processes of Enlace in a run: started, killed, stopped and continued by name, each with a log of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded import free_port
from tests.bench import servers
from tests.chaos.pace import CLOCK

GIVE_UP = 12.0  # seconds after which a process that was asked to end is killed


def granian(target: str, port: int) -> list[str]:
    found = [sys.executable, "-m", "granian", f"{target}:application", "--interface", "wsgi", "--host", "127.0.0.1"]
    return [*found, "--port", str(port), "--blocking-threads", "8", "--no-access-log", "--log-level", "error"]


def paced(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.chaos.pace", *arguments]


@dataclass
class Children:
    """`hears` are the names of those that take notifications."""

    folder: Path
    with_web: bool = True
    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    clocks: dict[str, float] = field(default_factory=dict)  # seconds by which they are wrong

    def __post_init__(self) -> None:
        self.ports = {"intake": free_port()} | ({"web": free_port()} if self.with_web else {})
        targets = {"intake": "tests.chaos.intake", "web": "tests.chaos.web"}
        self.commands = {name: granian(targets[name], port) for name, port in self.ports.items()} | {
            "pump": paced("pump"),
            "orders": paced("worker", "orders"),
            "pushes": paced("worker", "pushes"),
            "bulk": paced("worker", "bulk"),
            "beat": paced("beat"),
        }

    def start_all(self) -> None:
        for name in self.commands:
            self.start(name)
        for port in self.ports.values():
            servers.wait_for(port, seconds=90)
        servers.wait_until_seen("pump", "beat", "worker:orders", "worker:pushes", "worker:bulk", seconds=90)

    def start(self, name: str) -> None:
        if name == "beat":  # what a killed beat leaves; a supervisor's script removes it
            (self.folder / "celerybeat.pid").unlink(missing_ok=True)
        environ = os.environ | {CLOCK: str(self.clocks.get(name, 0))}
        with (self.folder / f"{name}.log").open("ab") as log:
            given = {"stdout": log, "stderr": log, "env": environ, "start_new_session": True}
            self.running[name] = subprocess.Popen(self.commands[name], **given)

    def set_clock(self, name: str, seconds: float) -> None:
        """From now on its clock is wrong by so much: it begins anew, as a process on another machine would."""
        self.clocks[name] = seconds
        self.kill(name)
        self.start(name)

    def kill(self, name: str) -> None:
        """kill -9 for the process and its children, as a power cut would."""
        self.stopped.discard(name)
        process = self.running.get(name)
        if process is not None:
            self._signal(name, signal.SIGKILL)
            process.wait()

    def stop(self, name: str) -> None:
        self._signal(name, signal.SIGSTOP)
        self.stopped.add(name)

    def go_on(self, name: str) -> None:
        if name in self.stopped:
            self._signal(name, signal.SIGCONT)
            self.stopped.discard(name)

    def revive(self) -> None:
        """Nobody is stopped, every clock is right, and who is dead is started."""
        for name in [name for name, wrong in self.clocks.items() if wrong]:
            self.set_clock(name, 0)
        for name in self.commands:
            self.go_on(name)
            process = self.running.get(name)
            if process is None or process.poll() is not None:
                self.start(name)
        for port in self.ports.values():
            servers.wait_for(port, seconds=90)

    def end(self) -> None:
        """Ask everybody to end, and wait for it: what is under way is finished."""
        for name in list(self.stopped):
            self.go_on(name)
        for process in self.running.values():
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + GIVE_UP
        for name, process in self.running.items():
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.kill(name)

    def kill_all(self) -> None:
        for name in self.running:
            self.kill(name)

    def logs(self) -> dict[str, str]:
        return {path.stem: path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("*.log"))}

    def _signal(self, name: str, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.running[name].pid, number)
