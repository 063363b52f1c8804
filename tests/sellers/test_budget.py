import socket
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from mercadolibre.protocol import Request, Response
from sellers import budget
from sellers.budget import Alone, Bucket, BudgetTransport, Shared, buckets_for, in_lane
from sellers.models import SellerAccount
from sellers.outcomes import TryLater

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
