"""Today, status, /readyz and /metrics tell the same numbers, of a shop with something of each."""

import io
import json
from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from dashboard import metrics, numbers, status, today, wording
from sellers.brakes import budget, rates
from tests.dashboard.shop import busy

METRIC_OF = {name: said[0] for name, said in metrics.SAID.items()}
TILES = {
    "Order lag": "order_lag",
    "Push lag": "push_lag",
    "Oldest look": "staleness",
    "Access ends in": "token_left",
}


@pytest.fixture(autouse=True)
def unused_budget():
    budget.shared.cache_clear()
    redis.Redis.from_url(settings.REDIS_URL).flushdb()


@pytest.fixture
def moment(shop, time_machine):
    """Both clocks stand still, so that ages told one after the other can be compared."""
    time_machine.move_to(shop.now, tick=False)
    with connection.cursor() as cursor:
        stands = f"timestamptz '{shop.now.isoformat()}'"
        cursor.execute(f"create function clock_timestamp() returns timestamptz return {stands}")
        cursor.execute("set local search_path to public, pg_catalog")
    return shop.now


@pytest.fixture
def account(shop, moment):
    account = busy(shop)
    shop.work(account, "stock", "MLA9", state="ready", age=4)
    use_up(account)
    return account


def use_up(account):
    """The seller's next call waits for an hour: a share that does not change while it is read four times."""
    server = redis.Redis.from_url(settings.REDIS_URL)
    seconds, micros = server.time()
    server.set(f"enlace:rate:{account.pk}", (seconds + 3600) * 1_000_000 + micros)


def spend(account, *, calls):
    bucket = budget.buckets_for(account_id=account.pk, lane="orders", factor=account.rate_factor, stock_read=False)
    for _ in range(calls):
        budget.take(bucket)


def samples(client):
    families = text_string_to_metric_families(client.get("/metrics").content.decode())
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value for family in families for sample in family.samples
    }


def test_all_four_tell_the_same(client, viewer, moment, account):
    printed = io.StringIO()
    call_command("status", "--json", stdout=printed)
    told = json.loads(printed.getvalue())
    measured = samples(client)
    page = viewer.get("/").context["today"]

    assert all(value is not None for value in told["totals"].values())
    assert all(value > 0 for value in told["totals"].values())
    assert client.get("/readyz").json()["numbers"] == told["totals"]
    assert {name: measured[METRIC_OF[name],] for name in METRIC_OF} == pytest.approx(told["totals"])
    assert numbers.totals(page.numbers) == told["totals"]


def test_each_seller_kind_and_process_is_the_same_too(client, viewer, moment, account):
    told = status.report(moment)
    measured = samples(client)
    page = viewer.get("/").context["today"].numbers

    for row in told["work"]:
        for state in ("ready", "leased", "dead"):
            assert measured["enlace_work_rows", *sorted((row["kind"], state))] == row[state]
        assert measured["enlace_work_backlog", row["kind"]] == row["backlog"]
    assert [(one.kind, one.ready, one.leased, one.dead, one.due) for one in page.work] == [
        (row["kind"], row["ready"], row["leased"], row["dead"], row["backlog"]) for row in told["work"]
    ]
    for row in told["sellers"]:
        for name, (metric, _help) in metrics.OF_SELLER.items():
            value = measured[metric, str(row["user_id"])]
            assert (value == pytest.approx(row[name])) if row[name] is not None else value != value
    assert [status.of_seller(one) for one in page.sellers] == told["sellers"]
    for row in told["processes"]:
        assert measured["enlace_heartbeat_age_seconds", row["name"]] == pytest.approx(row["last_seen_s"])


def test_what_the_page_shows_are_these_numbers(viewer, moment, account):
    found = numbers.read(moment)

    tiles = {str(tile.label): tile.value for tile in today.look(moment).tiles}

    assert {label: tiles[label] for label in TILES} == {
        label: wording.length(getattr(found, name)) for label, name in TILES.items()
    }
    assert (tiles["Backlog"], tiles["Failed"], tiles["Differences"]) == ("3", "4", str(found.drift))
    assert tiles["Calls used"] == wording.share(found.rate_used)
    body = viewer.get("/").content.decode()
    for words in ("Work that is not done", "Push a price", "Calls used", "Access ends in", "Oldest look"):
        assert words in body


def test_people_read_the_same_from_the_command(moment, account):
    printed = io.StringIO()

    call_command("status", stdout=printed)

    lines = [line.split() for line in printed.getvalue().splitlines()]
    found = numbers.read(moment)
    assert ["Failed", str(found.dead)] in lines
    assert ["Differences", str(found.drift)] in lines
    assert ["Calls", "used", *wording.share(found.rate_used).split()] in lines


def test_a_seller_whose_access_has_ended_has_no_time_left(shop, moment):
    shop.seller(status="needs_reconnect")

    found = numbers.read(moment)

    assert (found.token_left, found.staleness, found.rate_used) == (None, None, 0.0)


def test_a_process_that_never_was_seen_has_no_age(shop, moment):
    assert numbers.read(moment).heartbeat_age is None


def test_work_for_later_and_of_sellers_that_stand_still_is_no_backlog(shop, moment):
    gone = shop.seller("GONE", status="disconnected")
    paused = shop.seller("PAUSED", pushes_paused=True)
    shop.work(gone, "order", "1")
    shop.work(paused, "stock", "MLA1")
    shop.work(paused, "order", "2", due_at=moment + timedelta(hours=1))
    shop.work(paused, "order", "3", age=7)

    found = numbers.read(moment)

    assert [(row.kind, row.ready, row.due) for row in found.work] == [("order", 3, 1), ("stock", 1, 0)]
    assert (found.backlog, found.backlog_age) == (1, timedelta(minutes=7))


def test_calls_used_grow_with_calls_and_are_the_sellers_own(shop, db):
    idle, some, all_of_it = (shop.seller(name) for name in ("A", "B", "C"))
    spend(some, calls=10)
    spend(all_of_it, calls=39)

    used = rates.used([idle, some, all_of_it])

    assert used[idle.pk] == 0.0
    assert 0.1 < used[some.pk] < 0.3
    assert 0.7 < used[all_of_it.pk] <= 1.0


def test_a_silent_redis_means_unknown_not_zero(shop, viewer, settings):
    account = shop.seller()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert rates.used([account]) == {account.pk: None}
    assert numbers.totals(numbers.read(shop.now))["rate_used"] is None
    (tile,) = (tile for tile in today.look(shop.now).tiles if tile.label == "Calls used")
    assert (tile.value, tile.note) == ("—", "Not known: Redis does not answer")


def test_the_numbers_cost_the_same_whatever_there_is(shop, moment):
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as made:
            numbers.read(moment)
        counts.append(len(made))
        busy(shop) if len(counts) == 1 else None

    assert counts == [9, 9]
