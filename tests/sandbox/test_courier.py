"""Delivery over HTTP, to a small server on the loopback."""

import json
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.sandbox.caller import open_shop


class Receiver(ThreadingHTTPServer):
    """Keeps what arrives; answers with `statuses` in turn for each resource, 200 when they are used up."""

    daemon_threads = True

    def __init__(self):
        self.statuses, self.wait, self.bodies = [], 0.0, []
        self.given = defaultdict(int)
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/meli/notifications/?k=1"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append((self.path, body))
        time.sleep(self.server.wait)
        place = self.server.given[body["resource"]]
        self.server.given[body["resource"]] += 1
        status = self.server.statuses[place] if place < len(self.server.statuses) else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def receiver():
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def shop(receiver):
    shop = open_shop()
    shop.world.notification_variants = False
    shop.world.retry_scale = 1e-5
    shop.world.topics = ("items",)
    shop.item = shop.seller.add_item()
    shop.world.drain_notifications()
    shop.world.deliver_to(receiver.url)
    yield shop
    shop.world.stop()


def until(condition):
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_notification_is_posted_as_json(shop, receiver):
    shop.world.edit_stock(shop.item.id, 3)

    until(lambda: shop.world.counters["notifications_accepted"] == 1)

    path, body = receiver.bodies[0]
    assert path == "/meli/notifications/?k=1"
    assert (body["topic"], body["resource"], body["attempts"]) == ("items", f"/items/{shop.item.id}", 1)


def test_what_is_not_accepted_is_sent_again_with_the_same_id(shop, receiver):
    receiver.statuses = [500, 302]
    shop.world.edit_stock(shop.item.id, 3)

    until(lambda: shop.world.counters["notifications_accepted"] == 1)

    assert [body["attempts"] for _, body in receiver.bodies] == [1, 2, 3]
    assert len({body["_id"] for _, body in receiver.bodies}) == 1
    assert all(path.startswith("/meli") for path, _ in receiver.bodies)


def test_after_eight_tries_it_is_missed(shop, receiver):
    receiver.statuses = [503] * 8
    shop.world.edit_stock(shop.item.id, 3)

    until(lambda: len(shop.world.mailbox.missed) == 1)

    assert len(receiver.bodies) == 8
    assert shop.world.mailbox.missed[0].http_code == 503


def test_an_answer_that_is_too_late_is_no_answer(shop, receiver):
    shop.world.delivery_timeout, receiver.wait = 0.1, 0.3
    shop.world.edit_stock(shop.item.id, 3)

    until(lambda: len(receiver.bodies) >= 2)

    assert shop.world.counters["notifications_accepted"] == 0


def test_nobody_listening_is_a_failed_try(shop):
    shop.world.deliver_to("http://127.0.0.1:9/")
    shop.world.edit_stock(shop.item.id, 3)

    until(lambda: len(shop.world.mailbox.missed) == 1)


def test_delayed_effects_happen_though_nobody_asks(shop, receiver):
    twin = shop.seller.add_item(user_product_id=shop.item.own.user_product_id)
    shop.world.replication_delay = 0.1
    shop.world.edit_stock(shop.item.id, 3)

    until(lambda: twin.available_quantity == 3)
    until(lambda: any(body["resource"].endswith(twin.id) for _, body in receiver.bodies))
