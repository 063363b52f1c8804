import socket
import threading
import time
from datetime import timedelta

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connections
from django.db.models import F
from django.utils import timezone

from mercadolibre import errors
from mercadolibre.protocol import Request, Response
from sandbox import faults
from sellers.brakes import budget
from sellers.brakes.budget import Alone, Bucket, BudgetTransport, Shared, buckets_for, in_lane
from sellers.connection.clients import client_for
from sellers.models import SellerAccount, Work
from sellers.queue import work
from sellers.queue.outcomes import TryLater

NOBODY_LISTENS = "redis://127.0.0.1:1/0"
IMPATIENT = {"patience": 0}


@pytest.fixture(autouse=True)
def slow_rate(settings):
    """Two calls a second, so that a busy machine cannot earn one more in the middle of a test."""
    settings.MELI_RATE_PER_MINUTE = 150
    settings.MELI_APP_RATE_PER_HOUR = None


class Echo:
    """A transport that counts."""

    def __init__(self):
        self.sent = 0

    def send(self, request, *, base_url, access_token):
        self.sent += 1
        return Response(200, {}, b"{}")


def taken(lane="orders", *, tries=20, account_id=1, factor=1.0, stock_read=False):
    """How many calls of `tries` at one moment are let through."""
    buckets = buckets_for(account_id=account_id, lane=lane, factor=factor, stock_read=stock_read)
    count = 0
    for _ in range(tries):
        try:
            budget.take(buckets, patience=0)
        except TryLater:
            continue
        count += 1
    return count


@pytest.mark.parametrize(("lane", "calls"), [("orders", 4), ("pushes", 3), ("bulk", 2)])
def test_a_burst_is_two_seconds_worth_and_lower_lanes_get_less(lane, calls):
    assert taken(lane) == calls


@pytest.mark.parametrize(("lane", "calls"), [("orders", 40), ("pushes", 32), ("bulk", 20)])
def test_the_burst_at_the_rate_ml_allows(settings, lane, calls):
    settings.MELI_RATE_PER_MINUTE = 1500
    buckets, alone = buckets_for(account_id=1, lane=lane, factor=1.0, stock_read=False), Alone()

    assert sum(alone.take(buckets, now=0.0) == 0 for _ in range(100)) == calls


def test_when_bulk_has_used_its_share_orders_still_find_room():
    assert taken("bulk") == 2
    assert taken("orders") == 2


def test_sellers_do_not_share_their_budgets():
    taken(account_id=1)

    assert taken(account_id=2) == 4


def test_a_slowed_seller_gets_less():
    assert taken(factor=0.5) == 2


@pytest.mark.parametrize("lane", ["orders", "pushes", "bulk"])
def test_the_smallest_budget_still_lets_one_call_through(settings, lane):
    settings.MELI_RATE_PER_MINUTE = 1

    assert taken(lane) == 1


def test_reads_of_stock_have_a_budget_of_their_own(settings):
    settings.MELI_RATE_PER_MINUTE = 1500

    assert taken(stock_read=True) == 4


def test_the_application_has_a_budget_over_all_sellers(settings):
    settings.MELI_APP_RATE_PER_HOUR = 600

    assert [taken(account_id=seller) for seller in range(4)] == [4, 4, 2, 0]


def test_a_call_refused_by_one_budget_takes_nothing_from_the_others(settings):
    settings.MELI_RATE_PER_MINUTE = 1500
    taken(stock_read=True, tries=30)

    assert taken(tries=36) == 36


def test_the_wait_is_told(settings):
    settings.MELI_RATE_PER_MINUTE = 6
    buckets = buckets_for(account_id=1, lane="orders", factor=1.0, stock_read=False)
    budget.take(buckets, **IMPATIENT)

    with pytest.raises(TryLater) as refusal:
        budget.take(buckets, **IMPATIENT)

    assert timedelta(seconds=11) < refusal.value.delay <= timedelta(seconds=12.5)


def test_a_short_wait_is_waited_out():
    taken()
    started = time.monotonic()

    budget.take(buckets_for(account_id=1, lane="orders", factor=1.0, stock_read=False))

    assert time.monotonic() - started > 0.1


def test_a_minute_of_calls_never_exceeds_what_ml_allows(settings):
    """Played with a clock of its own: 60 s of a client that asks without pause."""
    settings.MELI_RATE_PER_MINUTE = 1500
    alone = Alone()
    buckets = buckets_for(account_id=1, lane="orders", factor=1.0, stock_read=False)
    moments = [step / 100 for step in range(6000)]

    assert sum(alone.take(buckets, now=now) == 0 for now in moments) == 1239


def test_without_redis_a_process_goes_on_slowly(settings):
    settings.REDIS_URL = NOBODY_LISTENS

    assert taken(tries=30) == 1


def test_a_frozen_redis_is_asked_once_a_second_and_not_for_long():
    """Something accepts the connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        shared = Shared(f"redis://127.0.0.1:{frozen.getsockname()[1]}/0", clock=lambda: 100.0)
        started = time.monotonic()
        for _ in range(20):
            shared.take([Bucket("x", 0.001, 1)])

        assert 0.04 < time.monotonic() - started < 0.6


def test_the_transport_counts_for_the_lane_of_the_work():
    echo = Echo()
    transport = BudgetTransport(echo, account_id=1)

    with in_lane("bulk"):
        for _ in range(2):
            transport.send(Request("GET", "/users/me"), base_url="", access_token=None)

    assert (echo.sent, budget.current_lane()) == (2, "orders")
    assert (taken("bulk"), taken("orders")) == (0, 2)


def test_calls_taken_ahead_are_taken_at_once_and_used_by_this_seller_only():
    echo = Echo()
    mine, theirs = BudgetTransport(echo, account_id=1), BudgetTransport(echo, account_id=2)

    with budget.taken_ahead(3, account_id=1, factor=1.0):
        assert taken() == 1
        for transport in (mine, mine, mine, theirs):
            transport.send(Request("GET", "/users/me"), base_url="", access_token=None)

    assert echo.sent == 4
    assert (taken(), taken(account_id=2)) == (0, 3)


def test_what_is_not_there_at_once_is_taken_call_by_call():
    with budget.taken_ahead(5, account_id=1, factor=1.0):
        assert not budget.is_taken(1)

    assert taken() == 4


@pytest.mark.parametrize(
    ("method", "path", "is_stock_read"),
    [
        ("GET", "/user-products/MLAU1/stock", True),
        ("PUT", "/user-products/MLAU1/stock/type/seller_warehouse", False),
        ("GET", "/user-products/MLAU1", False),
        ("GET", "/items/MLA1", False),
    ],
)
def test_only_reads_of_user_product_stock_count_as_such(settings, method, path, is_stock_read):
    settings.MELI_RATE_PER_MINUTE = 1500
    echo = Echo()
    transport = BudgetTransport(echo, account_id=1)

    transport.send(Request(method, path), base_url="", access_token=None)

    assert (taken(stock_read=True) == 3) is is_stock_read


@pytest.mark.django_db
def test_a_slowed_seller_recovers_by_a_tenth_a_minute():
    slow = SellerAccount.objects.create(ml_user_id=1, nickname="SLOW", site_id="MLA", rate_factor=0.25)
    almost = SellerAccount.objects.create(ml_user_id=2, nickname="ALMOST", site_id="MLA", rate_factor=0.95)
    paused = SellerAccount.objects.create(
        ml_user_id=3,
        nickname="PAUSED",
        site_id="MLA",
        rate_factor=0.5,
        throttle_until=timezone.now() + timedelta(minutes=1),
    )

    budget.recover()

    factors = {row.pk: row.rate_factor for row in SellerAccount.objects.all()}
    assert factors == {slow.pk: pytest.approx(0.35), almost.pk: 1, paused.pk: 0.5}


# --- 429 ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def seller_row(db):
    return SellerAccount.objects.create(ml_user_id=1, nickname="CASA", site_id="MLA")


def paused_for(row):
    row.refresh_from_db()
    return (row.throttle_until - timezone.now()).total_seconds()


def a_minute_later():
    """Everything that was written of 429s is a minute older."""
    minute = timedelta(minutes=1)
    SellerAccount.objects.update(throttle_until=F("throttle_until") - minute, slowed_at=F("slowed_at") - minute)


def test_a_429_halves_the_rate_and_pauses_two_to_five_seconds(seller_row):
    assert budget.slow_down(seller_row.pk, elapsed=0.1)

    assert 1.5 < paused_for(seller_row) <= 5
    assert seller_row.rate_factor == 0.5


@pytest.mark.django_db(transaction=True)
def test_a_burst_of_429s_halves_once(seller_row):
    """Ten workers are refused at one moment, and two more calls that were sent before come back late."""
    halved = []

    def refused():
        halved.append(budget.slow_down(seller_row.pk, elapsed=0.2))
        connections.close_all()

    workers = [threading.Thread(target=refused) for _ in range(10)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    SellerAccount.objects.update(throttle_until=timezone.now())
    halved += [budget.slow_down(seller_row.pk, elapsed=9) for _ in range(2)]

    seller_row.refresh_from_db()
    assert sorted(halved) == [False] * 11 + [True]
    assert (seller_row.rate_factor, seller_row.slowed_times) == (0.5, 1)


def test_429s_that_follow_double_the_pause_up_to_a_minute_and_leave_a_tenth(seller_row):
    factors, pauses = [], []
    for _ in range(7):
        budget.slow_down(seller_row.pk, elapsed=0.1)
        pauses.append(paused_for(seller_row))
        factors.append(seller_row.rate_factor)
        a_minute_later()

    assert factors == [0.5, 0.25, 0.125, 0.1, 0.1, 0.1, 0.1]
    for times, pause in enumerate(pauses):
        assert min(2 * 2**times, 60) - 1 < pause <= min(5 * 2**times, 60)


def test_after_three_quiet_minutes_the_pause_begins_anew(seller_row):
    for _ in range(4):
        budget.slow_down(seller_row.pk, elapsed=0.1)
        a_minute_later()
    for _ in range(3):
        a_minute_later()

    budget.slow_down(seller_row.pk, elapsed=0.1)

    assert paused_for(seller_row) <= 5
    assert seller_row.slowed_times == 1


def test_a_pause_that_ml_asks_for_is_kept(seller_row):
    budget.slow_down(seller_row.pk, elapsed=0.1, retry_after=300)

    assert 299 < paused_for(seller_row) <= 300


def test_a_429_over_http_slows_all_workers_and_the_client_that_got_it(world, account):
    client = client_for(account)
    world.faults.add(faults.RATE_LIMITED)

    with pytest.raises(errors.RateLimited):
        client.me()
    for speaker in (lambda: client_for(account), client.me):
        with pytest.raises(TryLater):
            speaker()

    account.refresh_from_db()
    assert account.rate_factor == 0.5
    assert len(world.requests.to("/users/me")) == 1


# --- tries again ----------------------------------------------------------------------------------------------------


def test_tries_again_may_use_a_fifth_of_the_budget(settings):
    """Played with a clock of its own: ten minutes in which everything is tried again without pause."""
    settings.MELI_RATE_PER_MINUTE = 1500
    alone = Alone()
    with budget.retrying(True):
        buckets = buckets_for(account_id=1, lane="pushes", factor=1.0, stock_read=False)

    tried = sum(alone.take(buckets, now=step / 20) == 0 for step in range(12_000))

    assert tried == pytest.approx(0.2 * 1200 * 10, rel=0.03)


A_BURST = range(20, 26)  # and what a slow machine lets come in meanwhile


def test_tries_again_leave_room_for_what_is_new(settings):
    settings.MELI_RATE_PER_MINUTE = 1500
    with budget.retrying(True):
        assert taken("bulk", tries=40) in A_BURST

    assert taken("orders", tries=40) in A_BURST


def test_work_that_failed_before_is_counted_as_a_try_again(account, monkeypatch):
    """The row that failed waits for its turn among the tries again; the new one does not."""
    work.bump(account_id=account.pk, kind="order", key="1")
    work.bump(account_id=account.pk, kind="order", key="2")
    Work.objects.filter(key="2").update(fails=1)
    with budget.retrying(True):
        taken(tries=20, account_id=account.pk)
    SellerAccount.objects.update(rate_factor=1)
    redis.Redis.from_url(django_settings.REDIS_URL).delete(f"enlace:rate:{account.pk}")
    monkeypatch.setattr(budget, "PATIENCE", 0)

    work.drain(0, who="test", seconds=0.2)

    errors_by_key = dict(Work.objects.values_list("key", "last_error_class"))
    assert errors_by_key == {"1": "NotFound", "2": "TryLater"}
