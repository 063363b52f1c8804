"""One sale can be followed through the logs and the database; nothing secret and nobody's data is in either."""

import io
import json
import logging

import pytest
import redis
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from config.logs import ContextFilter, JsonFormatter, SecretsFilter, TextFormatter
from orders.models import Order
from sandbox import INVALID_TOKEN_401, RATE_LIMITED, SERVER_ERROR, orders, shipment_json
from sellers.connection import grants, tokens
from sellers.models import Notification, PushAttempt, Work

CLIENT_SECRET = "canary-client-secret-7f31"
BUYER = {
    "name": "Canaria-Nombre",
    "surname": "Canaria-Apellido",
    "street": "Canaria-Calle 4242",
    "phone": "11-4242-CANARIA",
    "document": "CANARIA-30424242",
    "email": "canaria@example.com",
}


@pytest.fixture(autouse=True)
def secret_of_the_application(settings):
    settings.MELI_CLIENT_SECRET = CLIENT_SECRET


@pytest.fixture
def logged():
    """What is logged, as text and as lines of JSON, with the filters that the settings name."""
    streams = io.StringIO(), io.StringIO()
    handlers = [logging.StreamHandler(stream) for stream in streams]
    handlers[0].setFormatter(TextFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handlers[1].setFormatter(JsonFormatter())
    for handler in handlers:
        handler.addFilter(SecretsFilter())
        handler.addFilter(ContextFilter())
        logging.getLogger().addHandler(handler)
    yield streams
    for handler in handlers:
        logging.getLogger().removeHandler(handler)


@pytest.fixture
def nosy(monkeypatch):
    """Mercado Libre tells of a buyer all that it ever told: name, address, phone, document, address of mail."""
    street, order = shipment_json._street, orders.order_json

    def with_address():
        return street() | {"address_line": BUYER["street"], "street_name": BUYER["street"], "comment": BUYER["street"]}

    def with_document(sold):
        told = order(sold)
        told["buyer"] |= {
            "email": BUYER["email"],
            "phone": {"area_code": "11", "number": BUYER["phone"]},
            "alternative_phone": {"number": BUYER["phone"]},
            "billing_info": {"doc_type": "DNI", "doc_number": BUYER["document"]},
            "identification": {"number": BUYER["document"]},
        }
        return told

    monkeypatch.setattr(shipment_json, "_street", with_address)
    monkeypatch.setattr(orders, "order_json", with_document)


def lines_of(logged):
    return [json.loads(line) for line in logged[1].getvalue().splitlines()]


def sell(world, item_id, quantity=1):
    order = world.sell(item_id, quantity)
    order.buyer.first_name, order.buyer.last_name = BUYER["name"], BUYER["surname"]
    return order


def test_a_sale_is_followed_from_its_notification_to_its_pushes(world, shop, deliver, work_off, logged):
    before = PushAttempt.objects.latest("pk").pk
    sold = world.sell(shop.mug_at_casa, 3)
    deliver()
    work_off()

    lines = lines_of(logged)
    row = Work.objects.get(kind="order", key=str(sold.id))
    about_it = [line for line in lines if row.pk in (line["work_id"], *line.get("work_ids", ()))]
    told = next(line for line in about_it if line.get("notifications"))
    announced = Notification.objects.filter(work_kind="order", work_key=str(sold.id)).earliest("pk")
    assert f"order {sold.id} (work {row.pk}, notification {announced.pk})" in told["message"]
    assert announced.pk in told["notifications"]
    assert any(line["message"] == f"order {sold.id} taken in" for line in about_it)
    asked = next(line["message"] for line in about_it if line["message"].startswith("asks for stock"))
    sent = PushAttempt.objects.filter(pk__gt=before).exclude(outcome="unchanged")
    assert len(sent) == 2
    for attempt in sent:
        push = Work.objects.get(kind="stock", key=attempt.key)
        assert f"stock {push.key}" in asked
        assert any(line["work_id"] == push.pk and line["message"].endswith("done") for line in lines)
        ended = next(line for line in lines if line.get("attempt") == attempt.pk)
        assert (ended["kind"], ended["key"], ended["seller"]) == ("stock", push.key, push.account_id)


def test_a_single_notification_is_told_with_its_work(world, shop, deliver, logged):
    sold = world.sell(shop.mug_at_casa)
    deliver([{"_id": "n1", "resource": f"/orders/{sold.id}", "user_id": shop.casa.ml_user_id, "topic": "orders_v2"}])

    (line,) = lines_of(logged)
    row = Work.objects.get(kind="order")
    assert (line["work_id"], line["kind"], line["key"]) == (row.pk, "order", str(sold.id))
    assert (line["seller"], line["notifications"]) == (shop.casa.pk, [Notification.objects.latest("pk").pk])


def test_every_line_names_the_request_or_the_work(world, shop, owner, deliver, work_off, logged):
    world.sell(shop.mug_at_casa)
    deliver()
    work_off()
    staff = Client()
    staff.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    staff.post(f"/orders/{Order.objects.get().pk}/fetch/", headers={"X-Request-ID": "from-the-proxy-1"})
    work_off()

    lines = lines_of(logged)
    assert len(lines) > 8
    for line in lines:
        if not line["logger"].startswith("axes"):  # the test's own login is no request
            assert line["request_id"] or line["work_id"] or line.get("work_ids"), line
        if line["work_id"] and line["logger"] == "sellers.queue.work":
            assert {"kind", "key", "seller"} <= set(line)
    assert any(line["request_id"] == "from-the-proxy-1" and "asks for order" in line["message"] for line in lines)
    assert "request_id=from-the-proxy-1" in logged[0].getvalue()


def test_an_answer_carries_the_id_of_its_request(client):
    made, kept, refused = (
        client.get("/healthz", headers={"X-Request-ID": given} if given else {})["X-Request-ID"]
        for given in ("", "from-the-proxy-1", "a\tb" + "x" * 100)
    )

    assert (len(made), kept, len(refused)) == (32, "from-the-proxy-1", 32)


def test_a_whole_sale_leaves_no_secret_and_no_data_of_the_buyer_anywhere(world, shop, nosy, deliver, work_off, logged):
    secrets = [CLIENT_SECRET, *tokens_of(shop.casa), *tokens_of(shop.aurora)]
    for fault in (SERVER_ERROR, RATE_LIMITED, INVALID_TOKEN_401):
        world.faults.add(fault)
        sell(world, shop.mug_at_casa)
        deliver()
        work_off()
    shipped = sell(world, shop.mug_at_aurora, 2)
    deliver()
    work_off()
    world.ship(shipped.id)
    deliver()
    work_off()
    tokens.refresh(shop.casa.pk)
    secrets += tokens_of(shop.casa)

    assert Order.objects.count() == 4
    places = {
        "the log": logged[0].getvalue(),
        "the log as JSON": logged[1].getvalue(),
        "Redis": all_of_redis(),
        "the database": all_of_the_database(),
        "the path": printed("trace", str(shipped.id)),
        "the status": printed("status", "--json"),
    }
    found = [(what, place) for what in (*secrets, *BUYER.values()) for place, text in places.items() if what in text]
    assert found == []
    assert all(places.values())


def test_the_canaries_are_told_by_mercado_libre(world, shop, nosy):
    """Without this the test above would find nothing where nothing was."""
    sold = sell(world, shop.mug_at_casa)

    told = json.dumps(orders.order_json(sold))

    for name in ("name", "surname", "phone", "document", "email"):
        assert BUYER[name] in told
    assert BUYER["street"] in json.dumps(shipment_json._street())


def tokens_of(account):
    grant = grants.current(account.pk)
    return [grants.access_token(grant), grants.refresh_token(grant)]


def all_of_redis():
    server = redis.Redis.from_url(django_settings.REDIS_URL)
    found = []
    for key in server.scan_iter(count=1000):
        held = server.get(key) if server.type(key) == b"string" else server.dump(key)
        found += [repr(key), repr(held)]
    return "\n".join(found)


def all_of_the_database():
    """Every column of every table as text, and bytes as the text they may be."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name, column_name, data_type from information_schema.columns where table_schema = 'public'"
        )
        found = []
        for table, column, kind in cursor.fetchall():
            as_text = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
            cursor.execute(f'select {as_text} from "{table}"')  # names of our own tables
            found += [str(row[0]) for row in cursor.fetchall()]
    return "\n".join(found)


def printed(*command):
    out = io.StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


# --- the path of a sale, from the database ---------------------------------------------------------------------------


def test_the_path_of_a_sale_is_told_in_its_order(world, shop, deliver, work_off):
    sold = world.sell(shop.mug_at_casa, 3)
    deliver()
    work_off()

    lines = printed("trace", str(sold.id)).splitlines()

    told = Notification.objects.filter(work_kind="order").earliest("pk")
    push = PushAttempt.objects.filter(account=shop.aurora).latest("pk")
    steps = [
        f"sold at Mercado Libre: order {sold.id}",
        f"notification {told.pk} received: orders_v2 /orders/{sold.id}",
        f"read for the first time: order {sold.id}",
        "TAZA-AZUL: Reserved",
        f"push attempt {push.pk}: Stock of {push.key} 10 → 7 – Verified on ML",
    ]
    assert [step for step in steps if not any(step in line for line in lines)] == []
    assert [line[:19] for line in lines] == sorted(line[:19] for line in lines)


def test_the_path_of_an_order_is_found_by_its_work_and_by_its_pack(world, shop, deliver, work_off):
    sold = world.sell(shop.mug_at_casa)
    deliver()
    work_off()

    by_work = printed("trace", str(Work.objects.get(kind="order").pk))

    assert by_work == printed("trace", str(sold.id))


def test_the_path_of_a_failed_push_says_what_went_wrong(world, shop, work_off):
    row = Work.objects.get(kind="stock", account=shop.aurora)
    Work.objects.filter(pk=row.pk).update(state="dead", last_error="PUT 400 no", last_error_at="2026-01-01T00:00Z")

    told = printed("trace", str(row.pk))

    assert f"work {row.pk} failed: Push stock {row.key}: PUT 400 no" in told
    assert "push attempt" in told


@pytest.mark.parametrize("number", ["987654321987", "9" * 30])
def test_a_number_that_is_nothing_is_said_to_be_so(db, number):
    with pytest.raises(CommandError, match="no order, pack or piece of work"):
        call_command("trace", number)
