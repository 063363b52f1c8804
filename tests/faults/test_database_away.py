"""PostgreSQL goes away in the middle, and the process goes on: a restart, a full disk, a deadlock.

the intake without PostgreSQL                                         tests/config/test_intake.py, test_crashes
after the answer of a refresh, before it is written                   tests/sellers/connection/test_refresh_races.py
a session that is lost, no room for a row, the victim of a deadlock   here
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.db import Error, connection

from orders.models import Order
from sellers import points
from sellers.models import SellerAccount, Work
from sellers.queue import work
from sellers.queue.pumping import Pump, listen_parameters
from sellers.queue.waking import Waker
from tests.faults import processes
from tests.faults.flows import connection as connecting
from tests.faults.flows import desk, pushes, reading, sales, sheets
from tests.faults.flows.flow import Flow
from tests.faults.invariants import broken
from tests.faults.racing import Beside, comes_right

LOST: dict[type[Flow], tuple[str, ...]] = {
    sales.Orders: ("fetch.after_get", "order.saved", "ledger.wanted", "work.before_commit", "work.committed"),
    sales.OrderThatFails: ("work.failing",),
    sales.Poll: ("poll.asked",),
    sales.Mapping: ("mapping.settled",),
    pushes.StockPush: ("pushes.before_put", "pushes.after_put", "pushes.before_read_back", "work.before_commit"),
    pushes.PlacePush: ("push.before_put", "push.after_put", "work.before_commit"),
    pushes.PricePush: ("price.before_put", "price.after_put"),
    pushes.Publishing: ("publish.before_post", "publish.after_post", "publish.saved"),
    connecting.Refresh: ("token.before_intent", "token.spooled", "token.before_commit"),
    connecting.Connect: ("connect.before_commit",),
    reading.Import: ("import.page_read", "import.page_written"),
    reading.Patrol: ("patrol.looked",),
    sheets.MappingImport: ("links.written", "sheet.batch_written"),
    desk.Receipt: ("ledger.moved",),
}


def cases() -> Iterator[object]:
    for flow, names in LOST.items():
        for where in names:
            yield pytest.param(flow, where, id=f"{flow.__name__}-{where}")


def lose_the_session() -> None:
    """PostgreSQL ends the session of whoever comes here, as when it restarts. They find out by themselves."""
    with contextlib.suppress(Error), connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(pg_backend_pid())")


@pytest.mark.parametrize(("made", "where"), list(cases()))
def test_a_session_that_is_lost_costs_time_and_nothing_else(stage, made, where):
    flow = made(stage)
    reached = []

    with points.at(where, lambda: (reached.append(where), lose_the_session())):
        worker = Beside(flow.act)
        with contextlib.suppress(Error, psycopg.Error):
            worker.join()
    assert reached, f"{where} was not reached"

    processes.time_passes()
    flow.again()
    processes.work_off()
    assert broken(stage.market, reconnects=flow.reconnects, answered=stage.answered) == []
    flow.check()


# --- PostgreSQL refuses -----------------------------------------------------------------------------------------------

REFUSE = """
create function refuse() returns trigger language plpgsql as $$
begin raise exception 'refused' using errcode = '{state}'; end $$
"""
TABLES = ("orders_order", "orders_orderline", "inventory_stockmovement")


@contextlib.contextmanager
def refusing(table: str, state: str) -> Iterator[None]:
    """PostgreSQL takes no row into a table, and says why by a state of SQL."""
    with connection.cursor() as cursor:
        cursor.execute(REFUSE.format(state=state))
        cursor.execute(f"create trigger refuse before insert on {table} for each row execute function refuse()")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"drop trigger refuse on {table}")
            cursor.execute("drop function refuse()")


@pytest.mark.parametrize("state", ["53100", "40P01"], ids=["disk full", "deadlock"])
@pytest.mark.parametrize("table", TABLES)
def test_a_sale_that_cannot_be_written_is_written_later_and_whole(stage, table, state):
    stage.world.sell(stage.shop.mug_at_casa, 2)
    stage.deliver()

    with refusing(table, state):
        stage.drain("orders")
        assert (Order.objects.count(), stage.level()) == (0, (10, 0))

    row = Work.objects.get(kind="order")
    assert (row.state, row.last_error_class) == ("ready", "OperationalError")
    comes_right(stage)
    assert stage.level() == (10, 2)


def test_a_push_whose_try_cannot_be_written_is_not_sent(stage):
    """Where it is not known that something was sent nobody would look what became of it."""
    stage.receive(stage.shop.mug, 2)
    stage.world.requests.clear()

    with refusing("sellers_pushattempt", "53100"):
        stage.drain("pushes")
        assert [one.method for one in stage.world.requests if one.method == "PUT"] == []

    comes_right(stage)
    assert stage.shown() == (12, 12, 12)


# --- those who listen -------------------------------------------------------------------------------------------------

LISTENING = "select pid from pg_stat_activity where datname = current_database() and query like 'listen %%'"


class Woken(Waker):
    """Keeps which lanes were woken, in place of the broker."""

    def __init__(self) -> None:
        super().__init__()
        self.lanes: list[int] = []

    def wake(self, lane: int) -> bool:
        self.lanes.append(lane)
        return True


def listening() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(LISTENING)
        return [pid for (pid,) in cursor.fetchall()]


def until(reached):
    deadline = time.monotonic() + 5
    while not (found := reached()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


def test_a_pump_whose_session_is_lost_listens_again(stage, settings):
    """A wish that is asked for then is heard of, not found by the clock: nobody could do it now."""
    settings.SCHEDULE = {}
    SellerAccount.objects.update(status="needs_reconnect")
    pump = Pump(Woken())
    pumping = Beside(lambda: (pump.run(), pump.finish()))
    (lost,) = until(listening)

    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s)", [lost])
    until(lambda: [one for one in listening() if one != lost])
    pump.waker.lanes.clear()
    work.bump(account_id=stage.shop.casa.pk, kind="order", key="2001")
    until(lambda: pump.waker.lanes)
    pump.stop()
    pumping.join()

    assert set(pump.waker.lanes) == {0}


def test_no_session_waits_for_ever(stage):
    """One that hangs would hold its locks, and what was deleted could not be cleared away. The suite's own sessions
    are given more time, after what the product asks for."""
    asked_for = settings.DATABASES["default"]["OPTIONS"]["options"].partition(" -c enlace.")[0]

    with psycopg.connect(**listen_parameters() | {"options": asked_for}) as session:
        rows = session.execute("select name, setting::int from pg_settings where name like '%timeout'").fetchall()

    allowed = dict(rows)
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        assert 0 < allowed[name] <= 15_000, name
