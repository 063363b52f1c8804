"""Each check that only chaos knows is seen to find what it is for."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection

from sellers.models import SellerAccount
from sellers.notifications import inbox
from sellers.queue import work
from tests.chaos import invariants, sometimes
from tests.chaos.courier import digest

TOKEN = {"grant_type": "refresh_token", "user_id": 7, "outcome": "granted", "at": "2026-11-22T10:00:00+00:00"}


def found(check, run, **look):
    return list(check(run, SimpleNamespace(**look)))


def told(*history):
    return SimpleNamespace(look=lambda name, **query: {"history": [TOKEN | event for event in history]})


@pytest.fixture
def seller(db):
    return SellerAccount.objects.create(ml_user_id=7, nickname="CASA", site_id="MLA")


def test_a_200_without_a_row_is_found(seller):
    with connection.cursor() as cursor:
        inbox.store(cursor, [inbox.read(b"{}")])
    run = SimpleNamespace(courier=SimpleNamespace(told=Counter([digest(b"{}")])))

    assert found(invariants.every_200_is_a_row, run) == []
    run.courier.told.update([digest(b"{}")])
    assert found(invariants.every_200_is_a_row, run) == ["1 bodies were told 200 and are not in the inbox"]


def test_work_that_waits_is_found_and_what_the_clock_asks_for_is_not(seller):
    work.bump(account_id=seller.pk, kind="order_poll", key="")
    assert found(invariants.nothing_waits, None) == []

    work.bump(account_id=seller.pk, kind="order", key="2001")
    assert found(invariants.nothing_waits, None) == ["order 2001 is ready:  "]


def test_a_token_that_was_accepted_twice_presented_thrice_or_never_issued_is_found(db):
    issued = {"grant_type": "authorization_code", "presented": "code", "issued": "a"}
    once = {"presented": "a", "issued": "b"}

    assert found(invariants.tokens_are_spent_once, SimpleNamespace(made=told(issued, once))) == []
    again = SimpleNamespace(
        made=told(issued, once, once, once | {"outcome": "invalid_grant"}, {**once, "presented": "z"})
    )
    assert found(invariants.tokens_are_spent_once, again) == [
        "token a was accepted 2 times",
        "token a was presented 3 times",
        "token z was never issued",
    ]


def test_a_token_that_is_presented_while_its_answer_may_be_on_its_way_is_found():
    first, soon = (
        {"presented": "a", "issued": None},
        {"presented": "a", "issued": None, "at": "2026-11-22T10:00:01+00:00"},
    )
    late = soon | {"at": "2026-11-22T10:00:04+00:00"}

    assert found(invariants.one_renewal_at_a_time, SimpleNamespace(made=told(first, late))) == []
    assert found(invariants.one_renewal_at_a_time, SimpleNamespace(made=told(first, soon))) == [
        "token a was presented again after 1.0 s"
    ]


def test_calls_above_the_limit_are_found(monkeypatch):
    monkeypatch.setattr(invariants.pace, "RATE", 2)
    at = [f"2026-11-22T10:{minute}:30+00:00" for minute in ("00", "00", "02", "02", "02")]
    calls = [{"user_id": 7, "at": moment} for moment in reversed(at)]

    assert found(invariants.within_the_rate, None, counters={}, requests=calls) == ["seller 7: 3 calls in a minute"]
    assert found(invariants.within_the_rate, None, counters={"rate_limited": 4}, requests=[]) == [
        "Mercado Libre had to refuse 4 calls"
    ]


def test_a_secret_in_a_log_the_broker_or_a_table_is_found(seller):
    logs, broker = {"pump": "all is well"}, []
    children, services = SimpleNamespace(logs=lambda: logs), SimpleNamespace(texts_of_broker=lambda: broker)
    run = SimpleNamespace(children=children, services=services)
    assert found(invariants.no_secret_is_readable, run) == []

    logs["pump"] = "sent APP_USR-1234-112210-abc-7"
    broker.append("TG-0123456789abcdef-7")
    SellerAccount.objects.update(status_reason="TG-0123456789abcdef-7 was refused")
    words = found(invariants.no_secret_is_readable, run)

    assert words[:2] == ["the log of pump has APP_USR-1…", "the broker holds a secret"]
    assert "1 rows of sellers_selleraccount hold a secret in plain words" in words[2:]


def test_work_that_was_done_by_a_clock_of_another_hour_is_told_by_its_log():
    def line(**ago):
        at = datetime.now(UTC) - timedelta(**ago)
        return f"{at:%Y-%m-%d %H:%M:%S},125 INFO sellers.queue.work: work order 2001: done [work_id=7]\n"

    right, behind, ahead = line(minutes=3), line(hours=1), line(hours=-1)

    assert sometimes.done_off_time(right) == 0
    assert sometimes.done_off_time(right + behind + ahead.replace("done", "TimedOut") + ahead) == 2


@pytest.fixture
def room(tmp_path):
    """A small disk, in a process that may mount one; pytest's own mounts stay as they are."""
    script = (
        "import sys, pathlib; from tests.chaos import rooms;"
        "room = rooms.Room(pathlib.Path(sys.argv[1]), 1); rooms.opened(room);"
        "room.fill(); full = room.left() < rooms.BLOCK; room.empty(); print(full, room.left() > 2**19)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "disk")], capture_output=True, text=True)
    if "CannotMount" in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    return done.stdout


def test_a_small_disk_is_full_until_it_is_emptied_and_nobody_else_sees_it(room, tmp_path):
    assert room == "True True\n"
    assert list((tmp_path / "disk").iterdir()) == []
