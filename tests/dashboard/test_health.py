"""What machines ask: alive, ready."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from sellers.models import Heartbeat
from tests.wrong_clock import another_hour

NAMES = ["pump", "beat", "worker:orders", "worker:pushes", "worker:bulk"]


@pytest.fixture
def beating(db):
    return [Heartbeat.objects.create(name=name, at=timezone.now()) for name in NAMES]


def test_alive_without_a_database_and_without_login(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_ready_when_every_process_was_seen(client, beating):
    answer = client.get("/readyz", REMOTE_ADDR="10.0.0.9")

    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "checks": {"database": True} | dict.fromkeys(NAMES, True)}


@pytest.mark.parametrize("name", NAMES)
def test_a_process_not_seen_for_a_minute_makes_it_not_ready(client, beating, name):
    Heartbeat.objects.filter(name=name).update(at=timezone.now() - timedelta(seconds=61))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert [check for check, fine in answer.json()["checks"].items() if not fine] == [name]


def test_the_age_of_a_process_is_told_by_the_databases_clock(client, beating):
    with another_hour(1):
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["numbers"]["heartbeat_s"] < 60) == (200, True)

    Heartbeat.objects.filter(name="pump").update(at=timezone.now() - timedelta(minutes=5))
    with another_hour(-1):
        assert client.get("/readyz").status_code == 503
        assert 'process="pump"} 30' in metrics(client).content.decode()


def test_never_seen_is_not_ready(client, db):
    assert client.get("/readyz").status_code == 503


def test_ready_asks_for_the_time_and_the_processes(client, beating, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get("/readyz", REMOTE_ADDR="10.0.0.9")


def test_the_numbers_are_for_this_machine_or_who_has_the_token(client, beating, settings):
    assert "numbers" in client.get("/readyz").json()
    assert "numbers" not in client.get("/readyz", headers={"x-forwarded-for": "10.0.0.9"}).json()

    settings.METRICS_TOKEN = "s3cret"
    token = {"authorization": "Bearer s3cret"}
    assert "numbers" in client.get("/readyz", REMOTE_ADDR="10.0.0.9", headers=token).json()


def test_a_database_that_refuses_is_said_not_raised(client, db):
    with connection.cursor() as cursor:
        cursor.execute("alter table sellers_heartbeat rename to sellers_heartbeat_gone")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] is False


def metrics(client, **headers):
    return client.get("/metrics", headers=headers)


def test_metrics_tell_work_pushes_and_processes(client, beating, shop):
    account = shop.seller()
    shop.push(account, "MLA1", outcome="rejected")
    shop.dead(account, "price", "MLA1")
    shop.notification(account)

    text = metrics(client).content.decode()

    for line in (
        'enlace_work_rows{kind="price",state="dead"} 1.0',
        'enlace_pushes_hour{outcome="rejected"} 1.0',
        'enlace_pushes_hour{outcome="verified"} 0.0',
        'enlace_notifications_hour{verdict="accepted"} 1.0',
        'enlace_sellers{mode="observe",state="connected"} 1.0',
        'enlace_heartbeat_age_seconds{process="pump"}',
    ):
        assert line in text, line


def test_metrics_cost_the_same_with_many_sellers(client, beating, shop, django_assert_num_queries):
    for number in range(12):
        account = shop.seller(f"SELLER_{number}")
        shop.dead(account, "price", f"MLA{number}")
    with django_assert_num_queries(14):
        metrics(client)


def test_metrics_are_for_this_machine_or_who_has_the_token(client, beating, settings):
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9").status_code == 403
    assert metrics(client, x_forwarded_for="10.0.0.9").status_code == 403
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9", headers={"authorization": "Bearer "}).status_code == 403

    settings.METRICS_TOKEN = "s3cret"
    for token, status in (("s3cret", 200), ("s3cre", 403), ("", 403)):
        answer = client.get("/metrics", REMOTE_ADDR="10.0.0.9", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == status
