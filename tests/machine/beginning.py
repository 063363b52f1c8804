"""The shop as it is before anything happens, at both ends; to be begun again and again, in milliseconds."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from sandbox.world import World

TABLES = """
select relname, array_agg(quote_ident(attname) order by attnum)
  from pg_class join pg_attribute on attrelid = pg_class.oid
 where relkind = 'r' and relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped
   and attgenerated = '' and relname <> 'django_migrations'
 group by relname order by relname
"""


@dataclass
class Tables:
    """All rows as they were when this was made. Putting them back is committed, like everything in the machine."""

    columns: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(TABLES)
            self.columns = {name: ", ".join(columns) for name, columns in cursor.fetchall()}
            cursor.execute("create schema kept")
            for name in self.columns:
                cursor.execute(f"create table kept.{name} as table public.{name}")

    def put_back(self) -> None:
        """Without triggers: the ledger refuses to forget."""
        again = (
            f"delete from public.{name}; insert into public.{name} ({columns}) select {columns} from kept.{name};"
            for name, columns in self.columns.items()
        )
        with connection.cursor() as cursor:
            cursor.execute(f"begin; set local session_replication_role = replica; {' '.join(again)} commit")

    def forget(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("drop schema kept cascade")


@contextmanager
def kept_tables() -> Iterator[Tables]:
    tables = Tables()
    try:
        yield tables
    finally:
        tables.forget()


def copied(world: World) -> World:
    """A world of its own that goes on from here with the same ids to come."""
    shared: list[Any] = [world.lock, world.rebuild, world.faults._lock]
    return copy.deepcopy(world, {id(one): one for one in shared})
