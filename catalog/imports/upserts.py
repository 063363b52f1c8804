"""Many rows written by one statement with one parameter: what is quick for one row and for a whole catalog."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Model

UPSERT = """
insert into {table} ({columns})
select {columns} from jsonb_populate_recordset(null::{table}, %s::jsonb)
on conflict ({keys}) do update set {assignments}
returning {keys}, id
"""

INSERT = """
insert into {table} ({columns}) select {columns} from jsonb_populate_recordset(null::{table}, %s::jsonb)
returning {key}, id
"""

UPDATE = """
update {table} as kept set {assignments}
  from jsonb_populate_recordset(null::{table}, %s::jsonb) as given where kept.id = given.id
"""


def upsert(
    model: type[Model],
    rows: Iterable[Mapping[str, Any]],
    *,
    keys: Sequence[str],
    fields: Sequence[str],
    once: Sequence[str] = (),
) -> dict[tuple[Any, ...], int]:
    """Insert rows, or update `fields` of those whose `keys` are there. All are column names, never from outside.

    Columns left out get their database defaults; those of `once` are written for new rows only. Answers each row's
    primary key by its keys.
    """
    statement = UPSERT.format(
        table=model._meta.db_table,
        columns=", ".join([*keys, *(name for name in (*fields, *once) if name not in keys)]),
        keys=", ".join(keys),
        assignments=", ".join(f"{name} = excluded.{name}" for name in fields if name not in keys),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [_json(list(rows))])
        return {tuple(row[:-1]): row[-1] for row in cursor.fetchall()}


def insert(model: type[Model], rows: Iterable[Model], *, key: str, fields: Sequence[str]) -> None:
    """Insert rows, which get their primary keys by `key`, different in each of them. For names see `update`."""
    by_key = {getattr(row, key): row for row in rows}
    values = [{name: getattr(row, name) for name in fields} for row in by_key.values()]
    statement = INSERT.format(table=model._meta.db_table, columns=", ".join(fields), key=key)
    with connection.cursor() as cursor:
        cursor.execute(statement, [_json(values)])
        for found, pk in cursor.fetchall():
            by_key[found].pk = pk


def update(model: type[Model], rows: Iterable[Model], *, fields: Sequence[str]) -> None:
    """Write `fields` of rows that are there. Names are attributes that are columns too, never from outside."""
    values = [{name: getattr(row, name) for name in ("id", *fields)} for row in rows]
    if not values:
        return
    statement = UPDATE.format(
        table=model._meta.db_table, assignments=", ".join(f"{name} = given.{name}" for name in fields)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [_json(values)])


class Encoder(DjangoJSONEncoder):
    """Amounts keep their digits, as text, and moments their microseconds."""

    def default(self, o: Any) -> Any:
        if isinstance(o, Decimal):
            return str(o)
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, cls=Encoder, ensure_ascii=False, separators=(",", ":"))
