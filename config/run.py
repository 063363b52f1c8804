"""`make run`: the whole of Enlace on one machine. Ctrl-C stops all of it; a process that dies is started again.

python -m config.run          start
python -m config.run --stop   stop an embedded PostgreSQL that was left running
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import psutil

from config import embedded

BASE = Path(__file__).resolve().parent.parent
DATA = BASE / ".data"
LOGS = DATA / "logs"
PYTHON = sys.executable
STOP_WITHIN = 6.0  # seconds for the processes to end by themselves; killing one loses nothing
READY_WITHIN = 120.0


class Refused(Exception):
    """The demo cannot start; the text says what to do."""


@dataclass
class Child:
    """One process of Enlace, its log under `.data/logs/`, started again with a growing pause when it dies."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    start_at: float = field(default=0.0)

    def start(self, environ: dict[str, str]) -> None:
        with (LOGS / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(self.command, cwd=BASE, env=environ, stdout=log, stderr=log)  # noqa: S603
        self.started = time.monotonic()

    def look(self, environ: dict[str, str]) -> None:
        """Start it again where it died: at once, then after 1, 2, 4 … seconds while it keeps dying."""
        if self.process is not None and self.process.poll() is not None:
            self.deaths = 0 if time.monotonic() - self.started > 60 else self.deaths + 1
            self.start_at = time.monotonic() + min(30, 2 ** (self.deaths - 1) if self.deaths > 1 else 0)
            say(
                f"{self.name} stopped (exit {self.process.returncode}) and is started again: .data/logs/{self.name}.log"
            )
            self.process = None
        if self.process is None and time.monotonic() >= self.start_at:
            self.start(environ)


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  this module talks to a terminal


def celery(*arguments: str) -> list[str]:
    return [PYTHON, "-m", "celery", "-A", "config", *arguments]


def worker(lanes: str, processes: int) -> list[str]:
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
    return celery("worker", "-Q", lanes, "-c", str(processes), "-n", f"{lanes}@%h", *quiet)


def children(*, host: str, port: int, sandbox_port: int | None) -> list[Child]:
    web = [
        PYTHON,
        "-m",
        "granian",
        "config.wsgi:application",
        "--interface",
        "wsgi",
        "--host",
        host,
        "--port",
        str(port),
    ]
    web += ["--workers", "1", "--blocking-threads", "16", "--no-access-log"]
    found = [
        Child("web", web),
        Child("pump", [PYTHON, "manage.py", "pump"]),
        Child("worker-orders", worker("orders", 1)),
        Child("worker-pushes", worker("pushes", 2)),
        Child("worker-bulk", worker("bulk", 1)),
        Child("beat", celery("beat", "--loglevel", "INFO", "--schedule", str(DATA / "beat"))),
    ]
    if sandbox_port:
        notify = f"http://localhost:{port}/meli/notifications/"
        demo = ["--host", host, "--port", str(sandbox_port), "--notify", notify, "--sellers", "demo"]
        found.insert(0, Child("sandbox", [PYTHON, "-m", "sandbox", *demo]))
    return found


def check_port(host: str, port: int, name: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(
                f"Port {port} is taken ({error.strerror})."
                f" Stop what listens there, or choose another: {name}={port + 10} make run"
            ) from None


def start_services(environ: dict[str, str]) -> list[embedded.Postgres | embedded.Valkey]:
    """Start the embedded servers that no address is given for; their addresses go into `environ`."""
    started: list[embedded.Postgres | embedded.Valkey] = []
    if not environ.get("DATABASE_URL"):
        postgres = embedded.Postgres(DATA / "postgres")
        postgres.start()
        started.append(postgres)
        environ["DATABASE_URL"] = postgres.create_database("enlace")
    if not environ.get("REDIS_URL"):
        valkey = embedded.Valkey(DATA / "valkey")
        environ["REDIS_URL"] = valkey.start()
        started.append(valkey)
    return started


def prepare(environ: dict[str, str], *arguments: str) -> str:
    """Run a step to its end and return what it printed. Raises Refused with its last words."""
    command = [PYTHON, *arguments]
    done = subprocess.run(command, cwd=BASE, env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        raise Refused(f"{' '.join(arguments)} failed:\n{last}")
    return done.stdout.strip()


def wait_until_ready(url: str, watched: list[Child], environ: dict[str, str]) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        for child in watched:
            child.look(environ)
        with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(f"{url}/readyz", timeout=2):  # noqa: S310
            return
        time.sleep(0.3)
    raise Refused(f"Enlace does not get ready. What its processes say is in {LOGS.relative_to(BASE)}/.")


def stop(watched: list[Child]) -> None:
    """Ask every process to end, then end what is left."""
    alive = [psutil.Process(child.process.pid) for child in watched if child.process and child.process.poll() is None]
    everybody = alive + [each for process in alive for each in process.children(recursive=True)]
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, left = psutil.wait_procs(everybody, timeout=STOP_WITHIN)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def run() -> None:
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    own_application = os.environ.get("MELI_API_URL") or os.environ.get("MELI_CLIENT_ID")
    sandbox_port = None if own_application else int(os.environ.get("SANDBOX_PORT", port + 1))
    check_port(host, port, "PORT")
    if sandbox_port:
        check_port(host, sandbox_port, "SANDBOX_PORT")
    LOGS.mkdir(parents=True, exist_ok=True)
    environ = dict(os.environ) | {"PYTHONUNBUFFERED": "1", "PORT": str(port)}
    watched = children(host=host, port=port, sandbox_port=sandbox_port)
    services: list[embedded.Postgres | embedded.Valkey] = []
    try:
        services = start_services(environ)
        prepare(environ, "manage.py", "migrate", "--noinput")
        password = prepare(environ, "-m", "config.demo").splitlines()[-1]
        wait_until_ready(f"http://localhost:{port}", watched, environ)
        greet(port, sandbox_port, password)
        while True:
            for child in watched:
                child.look(environ)
            time.sleep(0.5)
    except KeyboardInterrupt:
        say("\nStopping …")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stop(watched)
        for service in services:
            service.stop()


def greet(port: int, sandbox_port: int | None, password: str) -> None:
    say(f"\n  Enlace is ready:   http://localhost:{port}/")
    say(f"  Sign in as:        owner / {password}")
    if sandbox_port:
        say(f"  Mercado Libre:     http://localhost:{sandbox_port}/   (simulated: sell, cancel and break things here)")
    say(f"  Next step:         open http://localhost:{port}/sellers/ and press Connect")
    say("  Logs: .data/logs/   Stop: Ctrl-C   Data stay in .data/ ('make reset' forgets them)\n")


def main() -> int:
    # A shell that starts us in the background has SIGINT ignored: take it back.
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    if "--stop" in sys.argv:
        with contextlib.suppress(Exception):
            embedded.stop_left_over(DATA / "postgres")
        return 0
    try:
        run()
    except (Refused, embedded.EmbeddedError, ValueError) as refusal:
        print(refusal, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
