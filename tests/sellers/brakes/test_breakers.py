"""Circuit breakers at work: who is held back, who is not, one call to try, and what waited goes on."""

import itertools
import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from mercadolibre import errors
from sandbox import faults
from sellers.brakes import breakers, probes
from sellers.connection import grants, renewal, tokens
from sellers.connection.clients import client_for
from sellers.models import Breaker, CallCount, RefreshAttempt, SellerAccount, Work
from sellers.notifications import spool
from sellers.queue import work
from sellers.queue.outcomes import TryLater, Unavailable

ORDERS, PUSHES = 0, 1


@pytest.fixture(autouse=True)
def a_second_for_each_look_at_the_clock(monkeypatch):
    """Every call writes what was counted, as if a second had passed."""
    ticks = itertools.count(1000)
    monkeypatch.setattr(breakers, "here", breakers.Counter(clock=lambda: float(next(ticks))))


@pytest.fixture
def other(connect, world):
    return connect(world.add_seller("TIENDA_DOS"))


def call(account, times=1):
    """Calls until one is held back; returns how many were made."""
    for number in range(times):
        try:
            client_for(account).me()
        except Unavailable:
            return number
        except errors.MeliError:
            continue
    return times


def pause_over(scope=None):
    rows = Breaker.objects.all() if scope is None else Breaker.objects.filter(scope=scope)
    rows.update(probe_at=timezone.now() - timedelta(seconds=1))
    breakers.here.stopped.clear()


def calls_to_me(world, account):
    return sum(line.user_id == account.ml_user_id for line in world.requests.to("/users/me"))


def test_half_of_the_answers_500_open_it_for_this_seller_only(world, account, other):
    world.faults.add(faults.SERVER_ERROR, times=None, probability=0.5, user_id=account.ml_user_id)

    assert call(account, 400) < 400, "it never opened"

    row = Breaker.objects.get()
    assert (row.scope, row.account, row.state) == (f"seller:{account.pk}", account, "open")
    assert timedelta(seconds=20) < row.probe_at - timezone.now() < timedelta(seconds=37)
    assert "/users/me" in row.words
    assert call(other, 5) == 5


def test_refusals_never_open_it(world, account):
    for fault in (faults.POLICY_403, faults.CONFLICT_409, faults.INVALID_TOKEN_401):
        world.faults.add(fault, times=20)

    for _ in range(60):
        with pytest.raises((errors.MeliError, TryLater)):
            client_for(account).me()
        type(account).objects.update(refresh_wanted_at=None)

    assert not Breaker.objects.exists()
    assert sum(CallCount.objects.values_list("good", flat=True)) == 60


def test_no_answer_is_as_bad_as_a_500(world, account):
    world.faults.add(faults.TIMEOUT, times=None)

    assert call(account, 30) == 20


def test_while_it_is_open_work_keeps_its_place_and_others_go_on(world, account, other):
    for seller in (account, other):
        work.bump(account_id=seller.pk, kind="order", key="1")
        work.bump(account_id=seller.pk, kind="stock", key="MLA1")
    before = Work.objects.filter(account=account).values_list("due_at", "wanted_since", "fails", "state")
    kept = list(before.order_by("pk"))
    breakers.open_one(f"seller:{account.pk}")

    claimed = [one for lane in (ORDERS, PUSHES) for one in work.claim(lane=lane, who="a", limit=9)]

    assert [(one.account_id, one.kind) for one in claimed] == [(other.pk, "order"), (other.pk, "stock")]
    assert list(before.order_by("pk")) == kept


def test_while_mercado_libre_is_down_nothing_of_any_seller_is_claimed(account, other):
    work.bump(account_id=account.pk, kind="order", key="1")
    work.bump(account_id=other.pk, kind="order", key="1")
    work.bump(account_id=None, kind="job", key="5")
    breakers.open_one(breakers.ML)

    assert work.claim(lane=ORDERS, who="a", limit=9) == []
    assert [one.kind for one in work.claim(lane=2, who="a", limit=9)] == ["job"]


def test_work_that_runs_into_it_counts_no_failure(world, account):
    work.bump(account_id=account.pk, kind="order", key="2001")
    [claim] = work.claim(lane=ORDERS, who="a")
    breakers.open_one(f"seller:{account.pk}")

    work.run(claim)

    row = Work.objects.get()
    assert (row.state, row.fails, row.last_error_class) == ("ready", 0, "Unavailable")
    assert len(world.requests.to("/orders/2001")) == 0


def test_a_seller_that_is_down_beside_one_that_is_not_is_not_mercado_libre(world, account, other):
    world.faults.add(faults.SERVER_ERROR, times=None, user_id=account.ml_user_id)
    call(other, 20)
    call(account, 40)

    assert set(Breaker.objects.values_list("scope", flat=True)) == {f"seller:{account.pk}"}


def test_when_both_are_down_it_is_mercado_libre_and_one_is_tried(world, account, other):
    world.faults.add(faults.SERVER_ERROR, times=None)
    for _ in range(15):
        call(account)
        call(other)
    assert Breaker.objects.get(scope="ml").state == "open"
    made = len(world.requests)

    pause_over()
    assert probes.probe_due() == 1
    assert len(world.requests) == made + 1
    assert Breaker.objects.get(scope="ml").times == 2


def test_one_call_tries_it_then_it_closes_and_what_waited_comes_forward(world, account):
    fault = world.faults.add(faults.SERVER_ERROR, times=None)
    call(account, 30)
    work.bump(account_id=account.pk, kind="order", key="1")
    Work.objects.update(due_at=timezone.now() + timedelta(hours=1), last_error_class="ServerError")
    made = calls_to_me(world, account)
    assert probes.probe_due() == 0

    pause_over()
    assert (probes.probe_due(), probes.probe_due()) == (1, 0)
    assert calls_to_me(world, account) == made + 1
    assert Breaker.objects.get().times == 2
    assert call(account) == 0

    fault.times = 0
    pause_over()
    probes.probe_due()
    assert Breaker.objects.get().state == "closed"
    assert call(account, 3) == 3
    assert Work.objects.get().due_at < timezone.now() + timedelta(seconds=11)


@pytest.mark.django_db(transaction=True)
def test_of_many_processes_one_makes_the_call(account):
    breakers.open_one(f"seller:{account.pk}")
    pause_over()
    taken = []

    def take():
        taken.extend(breakers.take_probes())
        connections.close_all()

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert taken == [(f"seller:{account.pk}", account.pk)]


def test_a_call_that_cannot_be_made_is_tried_later(account):
    breakers.open_one(f"seller:{account.pk}")
    pause_over()
    type(account).objects.update(throttle_until=timezone.now() + timedelta(minutes=1))

    probes.probe_due()

    row = Breaker.objects.get()
    assert (row.state, row.times) == ("open", 1)
    assert row.probe_at > timezone.now() + timedelta(seconds=25)


def test_a_seller_that_left_has_nothing_to_wait_for(account):
    breakers.open_one(f"seller:{account.pk}")
    pause_over()
    type(account).objects.update(status="disconnected")

    probes.probe_due()

    assert Breaker.objects.get().state == "closed"


def test_other_processes_hear_of_it_within_a_second(world, account):
    """What another process opened holds back a client that was made before."""
    client = client_for(account)
    client.me()
    breakers.open_one(f"seller:{account.pk}")

    client.me()
    with pytest.raises(Unavailable):
        client.me()


def test_counts_from_before_a_pause_say_nothing_about_now():
    now = [0.0]
    counter = breakers.Counter(clock=lambda: now[0], written_at=0.0)
    for _ in range(30):
        counter.add("ml", bad=True, words="500")

    now[0] = 40.0
    counter.add("ml", bad=False)

    assert counter.take()[0] == {"ml": breakers.Tally(good=1)}


def test_the_token_endpoint_is_tried_with_one_token(world, account, other):
    type(account).objects.update(refresh_wanted_at=timezone.now() + timedelta(seconds=1))
    breakers.open_one(breakers.OAUTH)
    assert tokens.refresh_due(timezone.now()) == 0
    assert len(world.requests.to("/oauth/token")) == 0

    pause_over()
    assert tokens.refresh_due(timezone.now()) == 1
    assert len(world.requests.to("/oauth/token")) == 1
    assert Breaker.objects.get().state == "closed"
    assert tokens.refresh_due(timezone.now()) == 1


def test_the_token_endpoint_is_tried_by_the_next_one_where_the_first_makes_no_call(world, account, other):
    first, second = account, other
    SellerAccount.objects.update(refresh_wanted_at=timezone.now() + timedelta(seconds=1))
    for one in (first, second):  # an answer of it lies on disk that no key opens
        if one.pk == renewal.due(timezone.now())[0].account_id:
            attempt = RefreshAttempt.objects.create(account=one, grant=grants.current(one.pk), holder="dead")
            RefreshAttempt.objects.filter(pk=attempt.pk).update(started_at=timezone.now() - timedelta(minutes=9))
            (spool.folder() / f"{attempt.pk}.token").write_bytes(b"sealed with a key that was lost")
            break
    breakers.open_one(breakers.OAUTH)
    pause_over()

    assert tokens.refresh_due(timezone.now()) == 1

    assert Breaker.objects.get().state == "closed"


def test_an_outage_that_only_some_calls_see_uses_up_no_tries(account):
    """Writes are answered 503, the call that tries it is answered well: it closes, and opens again, for hours."""
    work.bump(account_id=account.pk, kind="stock", key="MLA1")
    work.bump(account_id=account.pk, kind="stock", key="MLA2")
    breakers.open_one(f"seller:{account.pk}")
    Work.objects.update(fails=5, last_error_class="ServerError", last_error_at=timezone.now())
    Work.objects.filter(key="MLA2").update(last_error_at=timezone.now() - timedelta(hours=1))

    breakers.close(f"seller:{account.pk}")

    assert dict(Work.objects.values_list("key", "fails")) == {"MLA1": 0, "MLA2": 5}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("wake", ["breaker", "token"])
def test_what_somebody_else_holds_is_passed_over(account, wake):
    """Whoever asks for many rows holds some while it waits for others."""
    for key in ("1", "2"):
        work.bump(account_id=account.pk, kind="stock", key=key, delay=timedelta(hours=1))
    Work.objects.update(last_error_class="ServerError" if wake == "breaker" else "TryLater")
    breakers.open_one(f"seller:{account.pk}")

    def close():
        breakers.close(f"seller:{account.pk}") if wake == "breaker" else tokens.wake(account.pk)
        connections.close_all()

    with transaction.atomic():
        Work.objects.select_for_update().get(key="1")
        beside = threading.Thread(target=close)
        beside.start()
        beside.join(5)
        assert not beside.is_alive(), "it waits"

    soon = timezone.now() + timedelta(minutes=1)
    assert set(Work.objects.filter(due_at__lt=soon).values_list("key", flat=True)) == {"2"}


def test_an_answer_is_not_lost_where_its_count_cannot_be_written(account):
    def fail(execute, sql, params, many, context):
        if "sellers_callcount" in sql:
            raise OperationalError("the server closed the connection")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail):
        assert client_for(account).me().id == account.ml_user_id


def test_history_tells_when_it_opened_and_closed(account):
    breakers.open_one(f"seller:{account.pk}")
    breakers.close(f"seller:{account.pk}")

    events = Breaker.pgh_event_model.objects.order_by("pgh_id").values_list("state", flat=True)
    assert list(events) == ["closed", "open", "closed"]
