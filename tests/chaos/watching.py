"""What is seen of a run while it lasts: by triggers in its database, and by a reader that looks ten times a second."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psycopg
from django.db import connection

from inventory.verifying import VERIFY

EVERY = 0.1  # seconds
TRIGGERS = """
create table chaos_event (at timestamptz not null default clock_timestamp(), what text not null, work_id bigint,
                          ml_user_id bigint, before float, after float);

create function chaos_work() returns trigger language plpgsql as $$
begin
  if old.state = 'leased' and new.lease_token is null and new.last_error_class = 'lease_expired' then
    insert into chaos_event (what, work_id) values ('lease expired', new.id);
  elsif old.state = 'leased' and new.lease_token is null and new.done_seq > old.done_seq and new.state = 'ready' then
    insert into chaos_event (what, work_id) values ('dirty re-run', new.id);
  elsif old.state = 'ready' and new.state = 'leased' and old.last_error_class = 'lease_expired' then
    insert into chaos_event (what, work_id) values ('lease taken over', new.id);
  elsif old.state = 'leased' and new.state = 'leased' and old.lease_token <> new.lease_token then
    insert into chaos_event (what, work_id) values ('lease given twice', new.id);
  elsif old.state <> 'leased' and new.last_done_at is distinct from old.last_done_at then
    insert into chaos_event (what, work_id) values ('done without a lease', new.id);
  end if;
  return null;
end $$;
create trigger chaos_work after update on sellers_work for each row execute function chaos_work();

create function chaos_breaker() returns trigger language plpgsql as $$
begin
  if new.state is distinct from old.state and new.state in ('open', 'closed') then
    insert into chaos_event (what) values ('breaker ' || new.state);
  end if;
  return null;
end $$;
create trigger chaos_breaker after update on sellers_breaker for each row execute function chaos_breaker();

create function chaos_seller() returns trigger language plpgsql as $$
begin
  if new.slowed_at is distinct from old.slowed_at then
    insert into chaos_event (what, ml_user_id, before, after)
    values ('slowed down', new.ml_user_id, old.rate_factor, new.rate_factor);
  end if;
  return null;
end $$;
create trigger chaos_seller after update on sellers_selleraccount for each row execute function chaos_seller();

create function chaos_target() returns trigger language plpgsql as $$
begin
  if new.settle_rounds > old.settle_rounds then
    insert into chaos_event (what) values ('settle round');
  end if;
  return null;
end $$;
create trigger chaos_target after update on inventory_stocktarget for each row execute function chaos_target();
"""
CONNECTIONS = "select count(*) from pg_stat_activity where datname = current_database()"


def install() -> None:
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS)


def events() -> Counter[str]:
    with connection.cursor() as cursor:
        cursor.execute("select what, count(*) from chaos_event group by what")
        return Counter(dict(cursor.fetchall()))


def slowdowns() -> list[tuple[datetime, int, float, float]]:
    """When Mercado Libre's 429 slowed a seller down: at, seller, share of the rate before and after."""
    with connection.cursor() as cursor:
        cursor.execute("select at, ml_user_id, before, after from chaos_event where what = 'slowed down'")
        return list(cursor.fetchall())


class Yardstick:
    """How long this machine stood still at worst: it wakes a hundred times a second, and notes how late."""

    def __init__(self) -> None:
        self.worst, self.ended = 0.0, threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        before = time.monotonic()
        while not self.ended.wait(0.01):
            now = time.monotonic()
            self.worst, before = max(self.worst, now - before - 0.01), now


@dataclass
class Reader:
    """Adds the ledger up on every look: it has to be right at each moment, not only in the end."""

    spool: Path
    looks: int = 0
    wrong: list[str] = field(default_factory=list)
    most_connections: int = 0
    replayed: int = 0

    def __post_init__(self) -> None:
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.spooled: set[tuple[str, int]] = set()

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.ended.set()
        self.thread.join()

    def _run(self) -> None:
        while not self.ended.is_set():
            try:
                with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, connect_timeout=2) as own:
                    while not self.ended.wait(EVERY):
                        self._look(own)
            except psycopg.Error:
                self._look_at_spool()  # PostgreSQL is restarting: this is when it fills
                time.sleep(EVERY / 2)

    def _look(self, own: psycopg.Connection) -> None:
        self._look_at_spool()
        found = own.execute(VERIFY).fetchall()
        self.looks += 1
        self.wrong += [f"{sku} at {place}: {problem} of {count}" for sku, place, problem, count in found]
        if self.looks % 10 == 0:
            (count,) = own.execute(CONNECTIONS).fetchone() or (0,)
            self.most_connections = max(self.most_connections, count)

    def _look_at_spool(self) -> None:
        """A file that was there and is not any more was taken in."""
        now = set()
        for path in self.spool.glob("notifications-*.jsonl*"):
            try:
                found = path.stat()
            except FileNotFoundError:
                continue
            if found.st_size:
                now.add((path.name.removesuffix(".replaying"), found.st_ino))
        self.replayed += len(self.spooled - now)
        self.spooled = now
