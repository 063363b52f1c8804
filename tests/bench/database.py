"""The benchmark's own PostgreSQL and Valkey: durable as in production (fsync on), emptied at the start."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from pathlib import Path

import django
import psycopg

from config import embedded

DATA = Path(__file__).resolve().parent.parent.parent / ".data" / "bench"


def prepare() -> None:
    """Start the servers, make an empty database, set the environment that children inherit, load Django."""
    if "DATABASE_URL" not in os.environ:
        server = embedded.Postgres(DATA / "postgres")
        admin = server.start()
        name = f"bench_{os.getpid()}"
        os.environ["DATABASE_URL"] = server.create_database(name)
        atexit.register(drop, admin, name)
    if "REDIS_URL" not in os.environ:
        valkey = embedded.Valkey(DATA / "valkey")
        os.environ["REDIS_URL"] = valkey.start()
        atexit.register(valkey.stop)
    os.environ["LANGUAGE_CODE"] = "en"
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True)
    django.setup()


def drop(admin: str, name: str) -> None:
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'drop database if exists "{name}" with (force)')
