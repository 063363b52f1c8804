"""manage.py status: its shape is what other systems read."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from catalog.models import SalesSpeed
from dashboard import status
from tests.dashboard.shop import busy, quiet


def printed(*arguments):
    out = io.StringIO()
    call_command("status", *arguments, stdout=out)
    return out.getvalue()


def test_the_shape_of_the_json(shop):
    busy(shop)

    report = json.loads(printed("--json"))

    assert list(report) == ["sellers", "work", "processes", "totals"]
    assert list(report["sellers"][0]) == [
        "nickname",
        "user_id",
        "site",
        "state",
        "mode",
        "listings",
        "unlinked",
        "drift",
        "max_staleness_s",
        "top_listings",
        "top_staleness_s",
        "places_staleness_s",
        "order_lag_s",
        "push_lag_s",
        "rate_used",
        "token_left_s",
    ]
    assert {row["nickname"]: row["state"] for row in report["sellers"]} == {
        "TIENDA_SUR": "connected",
        "OUTLET_NORTE": "needs_reconnect",
        "HOGAR_MX": "paused",
    }
    assert list(report["work"][0]) == [
        "kind",
        "ready",
        "leased",
        "dead",
        "oldest_s",
        "backlog",
        "backlog_oldest_s",
    ]
    assert {row["kind"]: row["dead"] for row in report["work"]} == {"order": 1, "price": 3, "stock": 0}
    assert [row["name"] for row in report["processes"]] == [
        "pump",
        "beat",
        "worker:orders",
        "worker:pushes",
        "worker:bulk",
    ]


def test_the_numbers_of_a_seller(shop):
    account = quiet(shop)
    account.listings.update(seen_at=shop.ago(minutes=38))
    account.listings.get().price_target.delete()
    SalesSpeed.objects.create(listing=account.listings.get(), per_day=3)

    (row,) = status.report(shop.now)["sellers"]

    assert row == {
        "nickname": "TIENDA_SUR",
        "user_id": account.ml_user_id,
        "site": "MLA",
        "state": "connected",
        "mode": "live",
        "listings": 1,
        "unlinked": 0,
        "drift": 0,
        "max_staleness_s": pytest.approx(38 * 60),
        "top_listings": 1,
        "top_staleness_s": pytest.approx(38 * 60),
        "places_staleness_s": None,
        "order_lag_s": pytest.approx(1.1),
        "push_lag_s": pytest.approx(1.4),
        "rate_used": 0.0,
        "token_left_s": pytest.approx(4 * 3600),
    }


def test_nothing_yet_is_empty_lists_and_unknown_ages(db):
    report = json.loads(printed("--json"))

    assert (report["sellers"], report["work"]) == ([], [])
    assert {row["last_seen_s"] for row in report["processes"]} == {None}


def test_the_oldest_wish_is_what_waits_longest(shop):
    account = quiet(shop)
    shop.work(account, "order", "1", age=2)
    shop.work(account, "order", "2", age=9)
    shop.work(account, "order", "3", age=90, state="idle")

    (row,) = status.report(shop.now)["work"]

    assert (row["ready"], row["oldest_s"]) == (2, pytest.approx(540, abs=1))


def test_people_read_columns(shop):
    busy(shop)

    text = printed()

    assert text.startswith("IN ALL\n  Order lag")
    assert "OUTLET_NORTE" in text
    assert "Needs reconnect" in text
    assert "Push a price" in text
    assert "seen 14 min ago" in text


def test_a_process_seen_in_the_future_is_seen_now(shop):
    shop.now = timezone.now() + timedelta(seconds=5)
    shop.beat()

    assert {row["last_seen_s"] for row in status.report(timezone.now())["processes"]} == {0.0}
