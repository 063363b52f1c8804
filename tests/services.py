"""The suite's own PostgreSQL and Valkey, started once for all workers unless DATABASE_URL and REDIS_URL name others.

Loaded as a pytest plugin before Django's settings are, because the settings read these addresses.
"""

import atexit
import os
import re
import socket
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from config import embedded

DATA = Path(__file__).resolve().parent.parent / ".data" / "tests"
# A crash of the machine may lose a test database: nothing of value.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def start_postgres() -> str:
    server = embedded.Postgres(DATA / "postgres")
    url = server.start(settings=FAST)
    drop_stale_databases(url)
    return url


def drop_stale_databases(url: str) -> None:
    """Forget the databases of test runs that were killed: their names carry the process id."""
    with psycopg.connect(url, autocommit=True) as connection:
        names = connection.execute("select datname from pg_database where datname like 'test_enlace_%'").fetchall()
        for (name,) in names:
            found = re.match(r"test_enlace_(\d+)", name)
            if found and not Path(f"/proc/{found[1]}").exists():
                connection.execute(f'drop database if exists "{name}" with (force)')


def database_of_this_worker(redis_url: str) -> str:
    """The same server, a database for each worker, from the one named on: what one counts is nothing to the other."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    parts = urlsplit(redis_url)
    return urlunsplit(parts._replace(path=f"/{int(parts.path.strip('/') or 0) + worker}"))


def allow_loopback_only() -> None:
    """No test may reach another machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign, assignment]


if "DATABASE_URL" not in os.environ:
    postgres = start_postgres()
    parts = urlsplit(postgres)
    os.environ["DATABASE_URL"] = urlunsplit(parts._replace(path=f"/enlace_{os.getpid()}"))
if "REDIS_URL" not in os.environ:
    valkey = embedded.Valkey(DATA / f"valkey-{os.getpid()}")
    os.environ["REDIS_URL"] = valkey.start()
    atexit.register(valkey.stop)
os.environ["REDIS_URL"] = database_of_this_worker(os.environ["REDIS_URL"])
os.environ["MELI_SESSION_FACTORY"] = "tests.world.session"
os.environ.setdefault("SECRET_KEY", "a-key-for-tests-only-that-guards-nothing-at-all")
os.environ.setdefault("FIELD_ENCRYPTION_KEYS", "11" * 32)
allow_loopback_only()
