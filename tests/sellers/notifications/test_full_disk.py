"""A disk without room: nothing is answered with 200 that is not on it, no token is spent, and nothing after it is lost.

A limit on the size of files stands for the disk: it too takes a part of what is written, and refuses the rest.
"""

import contextlib
import itertools
import json
import os
import resource

import pytest
from django.db import OperationalError, connection

from sellers.connection import grants, tokens
from sellers.models import Notification, RefreshAttempt, SellerAccount
from sellers.notifications import inbox, spool


@contextlib.contextmanager
def room_for(count):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def arrival(number):
    return inbox.read(json.dumps({"topic": "orders_v2", "resource": f"/orders/{number}", "user_id": 7}).encode())


def taken_in():
    with connection.cursor() as cursor:
        inbox.replay(cursor)
    return sorted(Notification.objects.values_list("resource", flat=True))


def test_half_a_line_that_a_full_disk_took_does_not_spoil_the_next(db, tmp_path):
    inbox.spool([arrival(1)], name="1")
    size = (tmp_path / "spool" / "notifications-1.jsonl").stat().st_size

    with room_for(size + 10), pytest.raises(OSError, match="File too large"):
        inbox.spool([arrival(2)], name="1")
    inbox.spool([arrival(3)], name="1")

    assert taken_in() == ["/orders/1", "/orders/3"]


def test_half_a_line_that_a_killed_process_left_does_not_spoil_the_next(db, tmp_path):
    """In a container the next process has the same number, and so the same file."""
    inbox.spool([arrival(1)], name="1")
    with (tmp_path / "spool" / "notifications-1.jsonl").open("ab") as file:
        file.write(b'{"body": "e30')

    inbox.spool([arrival(2)], name="1")

    assert taken_in() == ["/orders/1", "/orders/2"]


def test_where_a_part_cannot_be_taken_in_those_before_it_are_not_stored_again(db, monkeypatch):
    monkeypatch.setattr(inbox, "AT_ONCE", 2)
    inbox.spool([arrival(number) for number in range(5)], name="1")
    asked = itertools.count(1)

    def no_room(execute, *statement):
        if next(asked) == 2:
            raise OperationalError("no space left on device")
        return execute(*statement)

    with connection.execute_wrapper(no_room), connection.cursor() as cursor, pytest.raises(OperationalError):
        inbox.replay(cursor)

    assert taken_in() == [f"/orders/{number}" for number in range(5)]


def test_a_spool_of_hours_is_taken_in_by_many_statements(db, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(inbox, "AT_ONCE", 2)
    inbox.spool([arrival(number) for number in range(5)], name="1")

    with django_assert_num_queries(3), connection.cursor() as cursor:
        assert inbox.replay(cursor) == 5

    assert Notification.objects.count() == 5


def test_without_room_for_the_answer_no_token_is_spent(world, account):
    """Room for a part of it is none."""
    with room_for(spool.ROOM // 2), pytest.raises(OSError, match="File too large"):
        tokens.refresh(account.pk)

    assert world.requests.to("/oauth/token", "POST") == []
    assert RefreshAttempt.objects.get().outcome == RefreshAttempt.Outcome.NOT_SENT
    assert list(spool.folder().iterdir()) == []
    assert tokens.refresh(account.pk) is tokens.Result.RENEWED
    assert SellerAccount.objects.get().status == "connected"


def test_an_answer_that_the_disk_takes_in_parts_is_kept_whole(world, account, monkeypatch):
    attempt = tokens.begin(account.pk)
    carrier = spool.SpoolingTransport(tokens.base_transport(), attempt.pk)
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: write(descriptor, content[:100]))

    answered = tokens.oauth_client(carrier).refresh(grants.refresh_token(attempt.grant))

    assert carrier.spooled.token().access_token == answered.access_token
