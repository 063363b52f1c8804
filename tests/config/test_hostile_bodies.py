"""Whatever is posted: never an error, never a call to anybody, nothing changed but the inbox and one wish at most.

A few hundred bodies in the suite; `HOSTILE_BODIES=5000` takes more.
"""

import io
import os
import re
import socket

import pytest
from django.db import connection
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config import intake
from sellers.models import Notification, SellerAccount, Work
from sellers.notifications import inbox
from tests.config.test_intake import post

BODIES = int(os.environ.get("HOSTILE_BODIES", "300"))
SELLER = 7
FIELDS = ("topic", "resource", "user_id", "application_id", "_id", "id", "sent", "received", "attempts", "actions")
TEXTS = (
    *("orders_v2", "items", "shipments", "stock-locations", "", " ", "\\u0000", "\\ud800", "\\udc00\\ud800", "😀"),
    *(
        "/orders/2001",
        "orders/2001",
        "/orders/٢٠٠١",
        "/orders/2001\\n",
        "/orders/../users/me",
        "//evil.example/orders/1",
    ),
    *(
        "/items/MLA1",
        "/items/MLA12345678901234567890",
        "/orders/99999999999999999999",
        "/orders/2001?x=1",
        "/orders/-1",
    ),
    *("'; drop table sellers_work; --", "%s", "{}", "<script>alert(1)</script>", "a" * 2000, "٧", "7", "7.0"),
    *("2026-10-06T13:23:06.247Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-10-06T13:23:06+99:99"),
)
LITERALS = (
    *(
        "null",
        "true",
        "false",
        "0",
        "-1",
        "7",
        "7.0",
        "7e0",
        "1e400",
        "-1e-400",
        "NaN",
        "Infinity",
        "1" * 30,
        "9" * 5000,
    ),
    *(str(2**31), str(2**63 - 1), str(2**63), str(-(2**63)), str(2**64), "[]", "{}", '{"a": 1}', "[[[]]]"),
    *("[" * depth + "]" * depth for depth in (200, 600, 900)),
)
values = st.sampled_from(LITERALS) | st.sampled_from([f'"{text}"' for text in TEXTS])
members = st.lists(st.tuples(st.sampled_from(FIELDS), values), max_size=12)  # keys may come twice
good = st.permutations([("topic", '"orders_v2"'), ("resource", '"/orders/2001"'), ("user_id", str(SELLER))])
manglings = st.sampled_from(
    ["whole", "whole", "cut", "padded", "at the limit", "with NUL", "utf-16", "latin-1", "twice"]
)


def mangled(written, how, place):
    """Bytes as somebody may send them who means harm, or whose line broke."""
    body = written.encode()
    match how:
        case "cut":
            return body[: place % (len(body) + 1)]
        case "padded":
            return body + b" " * (inbox.BODY_LIMIT + 1 - len(body))
        case "at the limit":
            return body + b" " * (inbox.BODY_LIMIT - len(body))
        case "with NUL":
            return body[:place] + b"\0" + body[place:]
        case "utf-16":
            return written.encode("utf-16")
        case "latin-1":
            return written.encode("latin-1", "replace")
        case "twice":
            return body + body
    return body


def written(pairs):
    return "{" + ", ".join(f'"{name}": {value}' for name, value in pairs) + "}"


mixed = st.builds(lambda valid, odd: written([*valid, *odd]), good, members)
posted = st.builds(mangled, mixed | members.map(written), manglings, st.integers(0, 300)) | st.binary(max_size=400)
hostile = settings(
    max_examples=BODIES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture
def seller(transactional_db):
    intake.committer = intake.Committer()
    yield SellerAccount.objects.create(ml_user_id=SELLER, nickname="CASA", site_id="MLA")
    intake.committer._close()


@pytest.fixture
def nobody_is_called(monkeypatch):
    """PostgreSQL is spoken to by its own library, not by Python's sockets."""

    def refused(self, address):
        raise AssertionError(f"a notification made somebody call {address}")

    monkeypatch.setattr(socket.socket, "connect", refused)


def everything_else():
    """A digest of every table but the inbox and the wishes."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - {"sellers_notification", "sellers_work"}
        found = {}
        for table in sorted(tables):
            cursor.execute(f'select count(*), md5(string_agg(t::text, chr(10) order by t::text)) from "{table}" t')
            found[table] = cursor.fetchone()
    return found


@pytest.mark.timeout(900 if BODIES > 1000 else 120)
def test_whatever_is_posted_is_told_200_and_changes_nothing_but_the_inbox_and_one_wish(
    seller, nobody_is_called, owner, client
):
    before = everything_else()

    @hostile
    @given(posted)
    def ask(body):
        rows, wishes = Notification.objects.count(), Work.objects.count()

        assert post(body) == 200

        stored = Notification.objects.order_by("-pk")[0]
        assert Notification.objects.count() == rows + 1
        assert bytes(stored.body) == body[: inbox.BODY_LIMIT]
        assert Work.objects.count() <= wishes + 1
        assert stored.verdict == "accepted" or not stored.work_kind

    ask()

    assert everything_else() == before
    for wish in Work.objects.all():
        assert (wish.account, wish.state) == (seller, "ready")
        assert re.fullmatch(r"[A-Z0-9]{1,18}", wish.key)
    client.force_login(owner)
    assert client.get(reverse("sellers:notifications")).status_code == 200
    for pk in Notification.objects.exclude(verdict="malformed").values_list("pk", flat=True)[:20]:
        assert client.get(reverse("sellers:notification", args=[pk])).status_code == 200


@settings(parent=hostile, max_examples=max(30, BODIES // 20))
@given(st.lists(posted, min_size=1, max_size=20))
def test_whatever_waits_on_the_spool_is_taken_in_at_once(seller, tmp_path, bodies):
    rows = Notification.objects.count()
    inbox.spool([inbox.read(body) for body in bodies], name="1")

    with connection.cursor() as cursor:
        assert inbox.replay(cursor) == len(bodies)

    assert Notification.objects.count() == rows + len(bodies)
    assert not list((tmp_path / "spool").glob("notifications-*"))


def test_a_body_of_unknown_length_is_read_to_the_limit_and_no_further(seller):
    endless = io.BytesIO(b"x" * 10_000_000)

    assert post(**{"wsgi.input": endless}) == 200

    assert endless.tell() == inbox.BODY_LIMIT + 1
    assert len(Notification.objects.get().body) == inbox.BODY_LIMIT
