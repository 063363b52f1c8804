"""The inbox: everything is stored, only what is ours asks for work."""

import json

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from sellers.models import Notification, SellerAccount, Work
from sellers.notifications import inbox

APPLICATION = int(settings.MELI_CLIENT_ID)


def body(**more):
    return json.dumps(
        {"topic": "orders_v2", "resource": "/orders/2001", "user_id": 7, "application_id": APPLICATION} | more
    )


def take_in(*bodies):
    with connection.cursor() as cursor:
        inbox.store(cursor, [inbox.read(text.encode() if isinstance(text, str) else text) for text in bodies])


@pytest.fixture
def seller(db):
    return SellerAccount.objects.create(ml_user_id=7, nickname="CASA", site_id="MLA")


def test_a_notification_is_stored_and_asks_for_its_resource(seller):
    take_in(body(_id="abc", sent="2026-10-06T13:23:06.247Z", attempts=1))

    stored = Notification.objects.get()
    assert (stored.verdict, stored.topic, stored.resource, stored.event_id) == (
        "accepted",
        "orders_v2",
        "/orders/2001",
        "abc",
    )
    row = Work.objects.get()
    assert (row.account, row.kind, row.key, row.state) == (seller, "order", "2001", "ready")


def test_duplicates_are_all_stored_and_are_one_piece_of_work(seller):
    take_in(body(), body(), body())
    take_in(body())

    assert Notification.objects.count() == 4
    assert Work.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (body(user_id=99), "unknown_account"),
        (body(application_id=1), "unknown_application"),
        (body(topic="questions", resource="/questions/5"), "unknown_topic"),
        (body(resource="/orders/../users/me"), "unknown_topic"),
        (body(resource="//evil.example/orders/1"), "unknown_topic"),
        ("{not json", "malformed"),
        ("", "malformed"),
        ("[]", "malformed"),
        (b"\xff\xfe\x00", "malformed"),
        (b"x" * (64 * 1024 + 1), "malformed"),
    ],
)
def test_what_is_not_ours_is_stored_and_does_nothing(seller, text, verdict):
    take_in(text)

    assert Notification.objects.get().verdict == verdict
    assert not Work.objects.exists()


def test_the_user_id_may_be_a_string_and_the_application_missing(seller):
    take_in(json.dumps({"topic": "items", "resource": "items/MLA12", "user_id": "7"}))

    assert (Work.objects.get().kind, Work.objects.get().key) == ("item", "MLA12")


def test_a_disconnected_seller_is_an_unknown_one(seller):
    SellerAccount.objects.update(status="disconnected")

    take_in(body())

    assert Notification.objects.get().verdict == "unknown_account"
    assert not Work.objects.exists()


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_reading_is_total(data):
    assert inbox.read(data).verdict in Notification.Verdict.values


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3),
)


@given(
    st.dictionaries(
        st.sampled_from(["topic", "resource", "user_id", "application_id", "_id", "sent", "attempts"]), json_values
    )
)
def test_whatever_types_a_body_has_it_is_stored_as_it_came(transactional_free_db, fields):
    before = Notification.objects.count()

    take_in(json.dumps(fields))

    stored = Notification.objects.order_by("pk").last()
    assert Notification.objects.count() == before + 1
    assert bytes(stored.body) == json.dumps(fields).encode()


@pytest.fixture(scope="module")
def transactional_free_db(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        yield
        Notification.objects.all().delete()


def test_the_spool_is_replayed_once_and_a_cut_off_line_is_passed_over(seller, tmp_path):
    inbox.spool([inbox.read(body().encode())], name="1")
    with (tmp_path / "spool" / "notifications-1.jsonl").open("ab") as file:
        file.write(b'{"body": "e30')

    with connection.cursor() as cursor:
        taken = inbox.replay(cursor)
        again = inbox.replay(cursor)

    assert (taken, again) == (1, 0)
    assert Notification.objects.get().verdict == "accepted"
    assert Work.objects.get().key == "2001"
