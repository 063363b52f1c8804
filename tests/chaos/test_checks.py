"""Each check that only chaos knows is seen to find what it is for."""

import subprocess
import sys
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.models.functions import Now

from mercadolibre.oauth import Token
from orders.models import Order, OrderLine
from sellers.connection import grants
from sellers.models import RefreshAttempt, SellerAccount, Work
from sellers.notifications import inbox
from sellers.queue import work
from tests.chaos import bounds, histories, invariants, sometimes, watching
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


def test_a_lease_that_was_given_twice_and_work_that_was_done_without_one_are_found(seller):
    watching.install()
    work.bump(account_id=seller.pk, kind="order", key="2001")
    work.claim(lane=0, who="one")
    assert found(histories.leases_are_exclusive, None) == []

    Work.objects.update(lease_token=uuid.uuid4())
    Work.objects.update(state="idle", lease_token=None, lease_until=None)
    Work.objects.update(last_done_at=datetime.now(UTC))

    assert found(histories.leases_are_exclusive, None) == ["1× lease given twice", "1× done without a lease"]


def test_a_pair_that_was_issued_and_is_not_there_is_found_unless_its_fate_was_unknown(seller):
    first = grants.start_chain(seller, Token("access", "refresh", 3600, 7, "read", "Bearer"))
    run = SimpleNamespace(made=told({"issued": "a"}))
    assert found(histories.chains_have_no_gaps, run) == []

    run = SimpleNamespace(made=told({"issued": "a"}, {"issued": "b"}))
    assert found(histories.chains_have_no_gaps, run) == ["seller 7: 2 pairs were issued, 1 kept, 0 fates unknown"]
    RefreshAttempt.objects.create(account=seller, grant=first, holder="one", outcome="unknown")
    assert found(histories.chains_have_no_gaps, run) == []

    type(first).objects.update(generation=3)
    assert found(histories.chains_have_no_gaps, run) == [f"chain ({seller.pk}, 1) has the generations [3]"]


def test_a_429_that_does_not_halve_the_rate_is_found(seller, monkeypatch):
    monkeypatch.setattr(bounds.pace, "RATE", 12)
    watching.install()
    SellerAccount.objects.update(rate_factor=0.5, slowed_at=Now())
    soon = [{"user_id": 7, "at": (datetime.now(UTC) + timedelta(seconds=5)).isoformat()}]
    assert found(bounds.a_429_halves_the_rate, None, requests=soon) == []

    SellerAccount.objects.update(rate_factor=0.4, slowed_at=Now() + timedelta(seconds=1))
    assert found(bounds.a_429_halves_the_rate, None, requests=soon * 2) == [
        "seller 7: 2 calls in the ten seconds after a 429",
        "seller 7 was at 0.50 of the rate, after a 429 at 0.40",
        "seller 7: 2 calls in the ten seconds after a 429",
    ]


def test_an_answer_that_came_too_late_is_found():
    run = SimpleNamespace(courier=SimpleNamespace(took=[0.1, 0.55]), yardstick=SimpleNamespace(worst=0.1))
    assert found(bounds.every_200_came_in_time, run) == []

    run.yardstick.worst = 0.0
    assert found(bounds.every_200_came_in_time, run) == ["a notification was told 200 after 550 ms, allowed are 500"]


def test_an_order_that_changed_there_or_is_of_another_thing_is_found(seller):
    at = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
    facts = {"date_created": at, "ml_last_updated": at, "total_amount": 1, "currency_id": "ARS", "status": "paid"}
    order = Order.objects.create(pk=2001, account=seller, pack_key=2001, **facts)
    OrderLine.objects.create(order=order, position=0, item_id="MLA1", quantity=1, unit_price=1, title="Mug")
    there = {"item_id": "MLA1", "variation_id": None, "last_updated": "2026-11-22T10:30:00.125+00:00"}
    assert found(histories.orders_say_the_same, None, orders={2001: there}) == []

    assert len(found(histories.orders_say_the_same, None, orders={2001: there | {"item_id": "MLA2"}})) == 1
    assert (
        len(found(histories.orders_say_the_same, None, orders={2001: there | {"last_updated": "2026-11-22T10:31"}}))
        == 1
    )


def test_a_buyer_s_name_in_a_log_is_found(seller):
    run = SimpleNamespace(
        children=SimpleNamespace(logs=lambda: {"orders": "order 2001 of Ana Acosta taken in"}),
        services=SimpleNamespace(texts_of_broker=list),
    )

    assert found(invariants.no_secret_is_readable, run) == ["the log of orders has Ana Acosta…"]
