"""The notification URL: 200 means stored, whatever was sent, with PostgreSQL there or not."""

import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from config import intake
from sellers import points
from sellers.models import Notification, SellerAccount, Work

PATH = "/meli/notifications/"
ORDER = {"topic": "orders_v2", "resource": "/orders/2001", "user_id": 7}


def post(body=b"{}", path=PATH, method="POST", **environ):
    answers = []
    request = {"PATH_INFO": path, "REQUEST_METHOD": method, "wsgi.input": io.BytesIO(body), "REMOTE_ADDR": "10.0.0.9"}
    intake.application(request | environ, lambda status, headers: answers.append(int(status.split()[0])))
    return answers[0]


def notification(number=2001):
    return json.dumps(ORDER | {"resource": f"/orders/{number}"}).encode()


@pytest.fixture
def seller(transactional_db):
    intake.committer = intake.Committer()
    yield SellerAccount.objects.create(ml_user_id=7, nickname="CASA", site_id="MLA")
    intake.committer._close()


@pytest.fixture
def spool(tmp_path):
    return tmp_path / "spool"


def test_two_hundred_means_stored(seller):
    assert post(notification()) == 200

    assert Notification.objects.get().remote_ip == "10.0.0.9"
    assert Work.objects.get().key == "2001"


def test_sixty_four_at_once_are_all_stored(seller):
    answers = []
    threads = [threading.Thread(target=lambda n=n: answers.append(post(notification(n)))) for n in range(1, 65)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [200] * 64
    assert Notification.objects.count() == 64
    assert Work.objects.count() == 64


def test_while_one_commit_hangs_those_behind_it_do_not_wait_as_long_again(seller, spool):
    """Sixteen threads serve: each that waits its full time behind the same commit keeps others from being served."""
    began, answers = time.monotonic(), []

    def send(number):
        answers.append((post(notification(number)), time.monotonic() - began))

    with points.at("intake.before_store", lambda: time.sleep(1.2)), ThreadPoolExecutor(16) as threads:
        list(threads.map(send, range(1, 81)))

    assert {status for status, _ in answers} == {200}
    assert max(took for _, took in answers) < 0.9
    while intake.committer.begun or not intake.committer.waiting.empty():
        time.sleep(0.01)


@pytest.mark.parametrize("body", [b"", b"{", b"\x00", b"x" * 70_000, '"ñ"'.encode("latin-1")])
def test_whatever_is_sent_is_stored(seller, body):
    assert post(body) == 200

    assert Notification.objects.get().verdict == "malformed"


def test_other_methods_and_paths_are_refused(seller):
    assert post(method="GET") == 405
    assert post(path="/meli/notifications/other/") == 404
    assert not Notification.objects.exists()


def test_with_a_secret_only_the_secret_url_answers(seller, settings):
    settings.MELI_NOTIFICATION_SECRET = "s3cret"

    assert post(path=PATH) == 404
    assert post(path=f"{PATH}s3cre/") == 404
    assert post(path=f"{PATH}s3cret/") == 200


def test_without_postgresql_it_goes_to_the_spool(seller, spool, monkeypatch):
    unreachable = intake.parameters() | {"host": "/nowhere"}
    monkeypatch.setattr(intake, "parameters", lambda: unreachable)

    assert post(notification()) == 200

    assert not Notification.objects.exists()
    assert len(list(spool.glob("notifications-*.jsonl"))) == 1


def test_without_postgresql_and_without_a_disk_ml_must_send_again(seller, settings, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    settings.DATA_DIR = tmp_path / "file"
    unreachable = intake.parameters() | {"host": "/nowhere"}
    monkeypatch.setattr(intake, "parameters", lambda: unreachable)

    assert post(notification()) == 503


def test_a_restarted_postgresql_is_found_again(seller):
    post(notification(1))
    intake.committer.connection.close()

    assert post(notification(2)) == 200
    assert Notification.objects.count() == 2


def test_the_address_is_the_one_the_trusted_proxy_saw(seller, settings):
    settings.TRUSTED_PROXIES = 1

    post(notification(), HTTP_X_FORWARDED_FOR="54.88.218.97, 203.0.113.5")

    assert Notification.objects.get().remote_ip == "203.0.113.5"


def test_a_row_that_is_locked_elsewhere_does_not_hold_the_answer(seller, spool):
    post(notification())
    locking = intake.psycopg.connect(**intake.parameters())
    locking.execute("select 1 from sellers_work for update")
    connected = intake.committer.connection

    status = post(notification())

    locking.rollback()
    locking.close()
    assert status == 200
    assert intake.committer.connection is connected
    assert Notification.objects.count() == 1
    assert list(spool.glob("notifications-*.jsonl"))


@pytest.fixture
def full_disk(seller):
    """PostgreSQL answers as it does where a table cannot grow."""
    with connection.cursor() as cursor:
        cursor.execute(
            "create function no_room() returns trigger language plpgsql as"
            " $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$;"
            "create trigger no_room before insert on sellers_notification for each row execute function no_room()"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("drop function no_room() cascade")


def test_while_the_disk_of_postgresql_is_full_it_goes_to_the_spool_and_the_connection_stays(seller, spool, full_disk):
    post(notification(1))
    connected = intake.committer.connection

    assert post(notification(2)) == 200

    assert connected is not None
    assert intake.committer.connection is connected
    assert Notification.objects.count() == 0
    assert list(spool.glob("notifications-*.jsonl"))
