"""Two processes, one refresh token: on real connections, in real transactions."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from sellers.connection import grants, tokens
from sellers.connection.tokens import Result
from sellers.models import Grant, RefreshAttempt

pytestmark = pytest.mark.django_db(transaction=True)


def in_thread(function, results):
    def run():
        try:
            results.append(function())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_two_at_once_make_one_call(world, account):
    """The second comes while the first waits for ML's answer."""
    results = []
    second = []

    def meanwhile():
        thread = in_thread(lambda: tokens.refresh(account.pk), second)
        thread.join(10)

    world.hooks.after("POST", "/oauth/token", meanwhile)
    in_thread(lambda: tokens.refresh(account.pk), results).join(20)

    assert (results, second) == ([Result.RENEWED], [Result.BUSY])
    assert len(world.requests.to("/oauth/token", "POST")) == 1
    assert world.counters["refresh_replays"] == 0
    assert grants.current(account.pk).generation == 1


def test_many_at_once_spend_every_token_once(world, account):
    results = []
    threads = [in_thread(lambda: tokens.refresh(account.pk), results) for _ in range(8)]
    for thread in threads:
        thread.join(20)

    renewed = results.count(Result.RENEWED)
    assert set(results) <= {Result.RENEWED, Result.BUSY}
    assert grants.current(account.pk).generation == renewed == len(world.requests.to("/oauth/token", "POST"))
    assert world.counters["refresh_replays"] == 0


def test_the_lock_of_a_killed_process_is_free_and_its_attempt_is_respected(world, account):
    """A process dies after the intent was committed: its database session ends, the attempt stays."""
    held = []

    def die_in_the_middle():
        with tokens.only_one(account.pk) as alone:
            held.append(alone)
            tokens.begin(account.pk)
            connections.close_all()  # what PostgreSQL sees of a kill

    in_thread(die_in_the_middle, []).join(10)

    assert held == [True]
    assert tokens.refresh(account.pk) is Result.BUSY
    assert RefreshAttempt.objects.get().outcome == RefreshAttempt.Outcome.PENDING
    assert world.requests.to("/oauth/token", "POST") == []


def test_the_intent_is_committed_before_the_call(world, account):
    """What another connection sees while ML is being asked."""
    seen = []

    def look():
        in_thread(lambda: list(RefreshAttempt.objects.values_list("outcome", flat=True)), seen).join(10)

    world.hooks.before("POST", "/oauth/token", look)
    tokens.refresh(account.pk)

    assert seen == [[RefreshAttempt.Outcome.PENDING]]


def test_a_database_that_dies_after_the_answer_loses_nothing(world, account):
    """PostgreSQL ends our session while ML answers; the answer waits on disk and is taken in."""

    def end_every_session():
        def end():
            with connection.cursor() as cursor:
                cursor.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and pid <> pg_backend_pid()"
                )

        in_thread(end, []).join(10)

    world.hooks.after("POST", "/oauth/token", end_every_session)
    Grant.objects.update(
        obtained_at=timezone.now() - timedelta(hours=7), expires_at=timezone.now() - timedelta(hours=1)
    )

    assert tokens.refresh_due(timezone.now()) == 0
    connection.close()
    tokens.refresh_due(timezone.now())

    assert grants.current(account.pk).generation == 1
    assert RefreshAttempt.objects.get().outcome == RefreshAttempt.Outcome.OK
    assert len(world.requests.to("/oauth/token", "POST")) == 1


def test_a_refresh_inside_a_transaction_is_refused(world, account):
    """Rolled back, it would lose a token that ML has spent."""
    with pytest.raises(RuntimeError, match="durable"), tokens.transaction.atomic():
        tokens.refresh(account.pk)

    assert world.requests.to("/oauth/token", "POST") == []
