"""The work table: coalescing, leases, fencing, the dirty flag, retries."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from mercadolibre import errors
from sellers.brakes import budget
from sellers.models import SellerAccount, Work
from sellers.queue import outcomes, work

ORDERS, PUSHES, BULK = 0, 1, 2


@pytest.fixture
def seller(db):
    return SellerAccount.objects.create(ml_user_id=1, nickname="CASA", site_id="MLA")


def ask(seller, key="2001", kind="order", **more):
    work.bump(account_id=seller.pk, kind=kind, key=key, **more)
    return Work.objects.get(account=seller, kind=kind, key=key)


def expire_leases():
    Work.objects.filter(state="leased").update(lease_until="2000-01-01T00:00:00Z")


def test_the_same_wish_ten_times_is_one_row(seller):
    for _ in range(10):
        row = ask(seller)

    assert Work.objects.count() == 1
    assert (row.state, row.want_seq, row.done_seq) == ("ready", 10, 0)


def test_a_claimed_row_is_not_claimed_again(seller):
    ask(seller)

    first = work.claim(lane=ORDERS, who="a", limit=5)
    second = work.claim(lane=ORDERS, who="b", limit=5)

    assert [claim.key for claim in first] == ["2001"]
    assert second == []


def test_the_most_urgent_comes_first(seller):
    ask(seller, "30", kind="order_poll")
    ask(seller, "10", kind="order")
    ask(seller, "20", kind="shipment")

    assert [claim.key for claim in work.claim(lane=ORDERS, who="a", limit=5)] == ["10", "20", "30"]


def test_completing_makes_it_idle(seller):
    ask(seller)
    [claim] = work.claim(lane=ORDERS, who="a")

    with work.completing(claim):
        pass

    row = Work.objects.get()
    assert (row.state, row.done_seq, row.claims, row.lease_token) == ("idle", 1, 0, None)


def test_a_wish_during_the_run_makes_it_run_once_more(seller):
    ask(seller)
    [claim] = work.claim(lane=ORDERS, who="a")
    ask(seller)

    with work.completing(claim):
        pass

    row = Work.objects.get()
    assert (row.state, row.want_seq, row.done_seq) == ("ready", 2, 1)


def test_a_worker_back_from_the_dead_writes_nothing(seller):
    ask(seller)
    [lost] = work.claim(lane=ORDERS, who="a")
    expire_leases()
    work.reap()
    Work.objects.update(due_at="2000-01-01T00:00:00Z")
    [taken] = work.claim(lane=ORDERS, who="b")
    with work.completing(taken):
        pass

    with pytest.raises(work.LeaseLost), work.completing(lost):
        SellerAccount.objects.update(nickname="written by the dead")

    assert SellerAccount.objects.get().nickname == "CASA"
    assert Work.objects.get().state == "idle"


def test_a_failing_worker_back_from_the_dead_writes_nothing(seller):
    ask(seller)
    [lost] = work.claim(lane=ORDERS, who="a")
    expire_leases()
    work.reap()
    Work.objects.update(due_at="2000-01-01T00:00:00Z")
    work.claim(lane=ORDERS, who="b")

    work.fail(lost, errors.Unauthorized("invalid token", status=401))

    assert Work.objects.get().state == "leased"
    assert SellerAccount.objects.get().refresh_wanted_at is None


def test_a_row_that_kills_its_worker_five_times_is_put_aside(seller):
    ask(seller)
    for _ in range(work.MAX_CLAIMS):
        Work.objects.update(due_at="2000-01-01T00:00:00Z")
        work.claim(lane=ORDERS, who="a")
        expire_leases()
        work.reap()

    row = Work.objects.get()
    assert (row.state, row.last_error_class) == ("dead", "lease_expired")


def test_what_the_transaction_writes_is_gone_if_it_fails(seller):
    ask(seller)
    [claim] = work.claim(lane=ORDERS, who="a")

    def write_half():
        with work.completing(claim):
            SellerAccount.objects.update(nickname="half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()

    assert SellerAccount.objects.get().nickname == "CASA"
    assert Work.objects.get().state == "leased"


@pytest.mark.parametrize(
    ("status", "mode", "paused", "claimed"),
    [
        ("connected", "live", False, {"order", "stock"}),
        ("connected", "observe", False, {"order", "stock"}),
        ("connected", "live", True, {"order"}),
        ("needs_reconnect", "live", False, set()),
        ("disconnected", "live", False, set()),
    ],
)
def test_whose_rows_are_passed_over(seller, status, mode, paused, claimed):
    ask(seller, kind="order")
    ask(seller, "MLA1", kind="stock")
    SellerAccount.objects.update(status=status, mode=mode, pushes_paused=paused)

    found = work.claim(lane=ORDERS, who="a", limit=9) + work.claim(lane=PUSHES, who="a", limit=9)

    assert {claim.kind for claim in found} == claimed


def test_a_throttled_seller_waits_and_others_do_not(seller):
    other = SellerAccount.objects.create(ml_user_id=2, nickname="OTRA", site_id="MLA")
    ask(seller, "1")
    ask(other, "2")
    budget.slow_down(seller.pk, elapsed=0.1)

    claimed = work.claim(lane=ORDERS, who="a", limit=9)

    assert [claim.key for claim in claimed] == ["2"]
    work.fail(claimed[0], errors.RateLimited("", status=429))
    row = Work.objects.get(key="2")
    assert (row.state, row.fails) == ("ready", 0)


@pytest.mark.parametrize(
    ("error", "kind", "fails", "state", "effect"),
    [
        (errors.TimedOut("x"), "stock", 0, "ready", "none"),
        (errors.TimedOut("x"), "stock", 6, "dead", "none"),
        (errors.TimedOut("x"), "order", 60, "ready", "none"),
        (errors.ServerError("x", status=502), "price", 1, "ready", "none"),
        (errors.NotFound("x", status=404), "order", 0, "ready", "none"),
        (errors.NotFound("x", status=404), "order", 4, "ready", "none"),
        (errors.NotFound("x", status=404), "order", 5, "idle", "none"),
        (errors.NotFound("x", status=404), "stock", 0, "dead", "none"),
        (errors.RateLimited("", status=429), "stock", 9, "ready", "none"),
        (errors.Unauthorized("x", status=401), "stock", 0, "ready", "refresh"),
        (errors.ScopeBlocked("x", status=401), "stock", 0, "ready", "needs_reconnect"),
        (errors.InvalidGrant("x", status=400), "order", 0, "ready", "needs_reconnect"),
        (errors.PolicyDenied("x", status=403), "order", 0, "ready", "needs_reconnect"),
        (errors.Forbidden("x", status=403), "order", 0, "dead", "none"),
        (errors.VersionMismatch("x", status=409), "stock", 3, "ready", "none"),
        (errors.VersionMismatch("x", status=409), "stock", 14, "dead", "none"),
        (errors.Rejected("x", status=400), "stock", 0, "dead", "none"),
        (errors.WritesDisabled("x"), "stock", 0, "idle", "none"),
        (outcomes.WritesHeld("x"), "stock", 0, "ready", "none"),
        (outcomes.Unavailable(timedelta(seconds=1)), "stock", 9, "ready", "none"),
        (outcomes.TryLater("x", timedelta(seconds=1)), "stock", 0, "ready", "none"),
        (KeyError("x"), "stock", 0, "dead", "none"),
    ],
)
def test_what_an_error_becomes(error, kind, fails, state, effect):
    outcome = outcomes.outcome_of(error, kind=kind, fails=fails)

    assert (outcome.state, outcome.account.value) == (state, effect)
    assert outcome.is_bug == isinstance(error, KeyError)


def test_staffs_retry_makes_a_failed_row_due_now(seller):
    ask(seller, "MLA1", kind="stock")
    [claim] = work.claim(lane=PUSHES, who="a")
    work.fail(claim, errors.Rejected("no", status=400))
    assert Work.objects.get().state == "dead"

    assert work.retry([claim.work_id]) == 1

    row = Work.objects.get()
    assert (row.state, row.fails) == ("ready", 0)


def test_a_failed_row_with_a_newer_wish_runs_again(seller):
    ask(seller, "MLA1", kind="stock")
    [claim] = work.claim(lane=PUSHES, who="a")
    ask(seller, "MLA1", kind="stock")

    work.fail(claim, errors.Rejected("no", status=400))

    assert Work.objects.get().state == "ready"


def test_many_are_completed_at_once_but_only_those_still_held(seller):
    for key in ("1", "2", "3"):
        ask(seller, key)
    claims = work.claim(lane=ORDERS, who="a", limit=3)
    Work.objects.filter(key="2").update(lease_token=uuid.uuid4())
    ask(seller, "3")

    with work.completing_many(claims) as held:
        assert sorted(claim.key for claim in held) == ["1", "3"]

    assert dict(Work.objects.values_list("key", "state")) == {"1": "idle", "2": "leased", "3": "ready"}
    assert {claim.key: claim.wanted_again for claim in claims} == {"1": False, "2": False, "3": True}
    assert all(claim.ended for claim in claims)


def test_many_that_fail_to_be_written_are_all_held_still(seller):
    ask(seller, "1")
    ask(seller, "2")
    claims = work.claim(lane=ORDERS, who="a", limit=2)

    with pytest.raises(RuntimeError), work.completing_many(claims):
        raise RuntimeError

    assert set(Work.objects.values_list("state", flat=True)) == {"leased"}
    assert not any(claim.ended for claim in claims)


def test_what_is_given_back_is_due_at_once_and_counts_nothing(seller):
    ask(seller, "1")
    ask(seller, "2")
    first, second = work.claim(lane=ORDERS, who="a", limit=2)
    Work.objects.filter(key=second.key).update(lease_token=uuid.uuid4())

    work.give_back([first, second])

    given = Work.objects.get(key=first.key)
    assert (given.state, given.claims, given.fails, given.lease_token) == ("ready", 0, 0, None)
    assert Work.objects.get(key=second.key).state == "leased"
    assert [claim.key for claim in work.claim(lane=ORDERS, who="b", limit=9)] == [first.key]


def test_a_share_is_a_few_or_half_as_many_as_wait_of_the_kind_and_all_of_one_seller(seller):
    other = SellerAccount.objects.create(ml_user_id=2, nickname="OTHER", site_id="MLA")
    for number in range(18):
        ask(seller, f"MLA{number}", kind="stock")
    ask(seller, "MLA1", kind="price")
    head = work.claim(lane=PUSHES, who="a")

    shares = [work.claim(lane=PUSHES, who="a", limit=40, like=head) for _ in range(4)]

    assert [len(share) for share in shares] == [9, 4, 4, 0]
    assert {claim.kind for share in shares for claim in share} == {"stock"}

    for number in range(8):
        ask(seller if number % 4 == 0 else other, f"MLB{number}", kind="stock")

    assert [claim.key for claim in work.claim(lane=PUSHES, who="a", limit=40, like=head)] == ["MLB0", "MLB4"]


tried: list[str] = []


def one(claim):
    tried.append(claim.key)


def some(claims):
    """Complete the first, leave the others; give up where one of them is poisonous."""
    tried.append("+".join(claim.key for claim in claims))
    if any(claim.key == "poison" for claim in claims):
        raise KeyError("poison")
    with work.completing(claims[0]):
        pass


@pytest.fixture
def kinds_together(settings):
    tried.clear()
    settings.WORK_KINDS = {
        "alone_in_test": {"handler": f"{__name__}.one", "lane": "bulk", "priority": 5},
        "together_in_test": {
            "handler": f"{__name__}.one",
            "together": f"{__name__}.some",
            "lane": "bulk",
            "priority": 9,
        },
    }


def test_what_is_left_of_a_batch_is_tried_one_by_one(seller, kinds_together):
    for key in ("1", "2", "3"):
        ask(seller, key, kind="together_in_test")
    ask(seller, "4", kind="alone_in_test")

    assert work.drain(BULK, who="a") == 4

    assert tried == ["4", "1+2+3", "2", "3"]
    assert set(Work.objects.values_list("state", flat=True)) == {"idle"}


def test_a_batch_that_fails_is_tried_one_by_one(seller, kinds_together):
    for key in ("1", "2", "poison"):
        ask(seller, key, kind="together_in_test")

    work.drain(BULK, who="a")

    assert tried == ["1+2+poison", "1", "2", "poison"]
    assert set(Work.objects.values_list("state", flat=True)) == {"idle"}


def test_what_could_not_be_begun_in_time_is_given_back(seller, kinds_together, monkeypatch):
    for key in ("1", "2", "3"):
        ask(seller, key, kind="together_in_test")
    monkeypatch.setattr(work, "LATE", timedelta(0))

    work.drain(BULK, who="a", seconds=0.001)

    assert tried == ["1+2+3"]
    assert dict(Work.objects.values_list("key", "state")) == {"1": "idle", "2": "ready", "3": "ready"}


@pytest.mark.django_db(transaction=True)
def test_batches_complete_while_the_same_rows_are_asked_for():
    """Both lock the rows by key, whatever order they are given in: nobody waits in a circle."""
    seller = SellerAccount.objects.create(ml_user_id=1, nickname="CASA", site_id="MLA")
    rows = [(seller.pk, "stock", f"MLA{number}") for number in range(30)]
    work.bump_many(rows)
    problems: list[Exception] = []

    def asking():
        try:
            for _ in range(30):
                with transaction.atomic():
                    work.bump_many(reversed(rows))
        except Exception as error:
            problems.append(error)
        connections.close_all()

    threads = [threading.Thread(target=asking) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        claims = work.claim(lane=PUSHES, who="w", limit=40)
        with work.completing_many(reversed(claims)) as held:
            assert len(held) == len(claims)
    for thread in threads:
        thread.join()

    assert problems == []


@pytest.mark.django_db(transaction=True)
def test_a_wish_exists_if_and_only_if_its_transaction_commits():
    seller = SellerAccount.objects.create(ml_user_id=1, nickname="CASA", site_id="MLA")
    with transaction.atomic():
        work.bump(account_id=seller.pk, kind="order", key="1")
        transaction.set_rollback(True)

    assert not Work.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_eight_workers_claim_every_row_once():
    seller = SellerAccount.objects.create(ml_user_id=1, nickname="CASA", site_id="MLA")
    work.bump_many((seller.pk, "order", str(n)) for n in range(400))
    claimed: list[str] = []

    def worker():
        while rows := work.claim(lane=ORDERS, who="w", limit=7):
            assert len(rows) <= 7
            claimed.extend(row.key for row in rows)
        connections.close_all()

    threads = [threading.Thread(target=worker) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed, key=int) == [str(n) for n in range(400)]


def test_the_database_refuses_a_lease_without_a_token(seller):
    row = ask(seller)

    with (
        pytest.raises(Exception, match="a_lease_has_token_and_end"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("update sellers_work set state = 'leased' where id = %s", [row.pk])


def test_news_that_came_during_a_try_that_was_let_go_is_looked_at(seller):
    """An order that answered 404 for the last time, and was announced again meanwhile."""
    ask(seller, "10", kind="order")
    [claimed] = work.claim(lane=0, who="a")
    claimed.fails = 5
    ask(seller, "10", kind="order")

    work.fail(claimed, errors.NotFound("not there", status=404))

    assert Work.objects.get().state == "ready"


def test_a_failure_of_a_lost_lease_writes_nothing_and_says_so(seller, caplog):
    ask(seller, "10", kind="order")
    [claimed] = work.claim(lane=0, who="a")
    Work.objects.update(lease_until="2000-01-01T00:00:00Z")
    work.reap()
    reaped = Work.objects.values().get()

    work.fail(claimed, outcomes.TryLater("later", timedelta(hours=1)))

    assert Work.objects.values().get() == reaped
    assert "lease lost, nothing written" in caplog.text
