"""RequestsTransport against real sockets on the loopback interface."""

import logging
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from mercadolibre import errors
from mercadolibre.protocol import Request, decode
from mercadolibre.transport import RequestsTransport

TOKEN = "APP_USR-secret-token-55"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.server.seen.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
        getattr(self, "on_" + self.path.strip("/").split("?")[0])()

    def do_PUT(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.do_GET()

    def reply(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def on_fine(self) -> None:
        self.reply(200, b'{"price": 10.10}', X_Version="7", Set_Cookie="session=of-another-seller")

    def on_redirect(self) -> None:
        self.reply(302, b"x" * 5000, Location=f"http://127.0.0.1:{self.server.server_port}/fine")

    def on_broken_redirect(self) -> None:
        self.reply(302, b"", Location="http://[::bad")

    def on_refused(self) -> None:
        self.reply(400, b'{"error": "validation_error"}')

    def on_slow(self) -> None:
        time.sleep(0.6)
        self.reply(200, b"{}")

    def on_slow_body(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"{")
        self.wfile.flush()
        time.sleep(0.6)

    def on_cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def on_cut_body(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"{")
        self.wfile.flush()
        self.on_cut()

    def on_large(self) -> None:
        self.reply(200, b"x" * 3000)

    def log_message(self, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    seen: list[tuple[str, str, dict[str, str], bytes]]

    def handle_error(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        running.seen = []
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def transport() -> RequestsTransport:
    return RequestsTransport(body_limit=1000)


@pytest.fixture
def impatient() -> RequestsTransport:
    return RequestsTransport(read_timeout=0.2)


def send(transport, server, path, *, method="GET", **parts):
    request = Request(method, path, **parts)
    base_url = f"http://127.0.0.1:{server.server_port}"
    return transport.send(request, base_url=base_url, access_token=TOKEN)


def test_a_request_arrives_with_token_query_and_body(transport, server):
    response = send(transport, server, "/fine", method="PUT", query=(("ids", "MLA1,MLA2"),), json={"quantity": 5})

    assert (response.status, response.body, response.headers["x-version"]) == (200, b'{"price": 10.10}', "7")
    assert response.elapsed > 0
    [(method, path, headers, body)] = server.seen
    assert (method, path, body) == ("PUT", "/fine?ids=MLA1%2CMLA2", b'{"quantity":5}')
    assert (headers["Authorization"], headers["Content-Type"]) == (f"Bearer {TOKEN}", "application/json")


def test_a_form_goes_in_the_body_and_no_token_with_it(transport, server):
    request = Request("POST", "/fine", form={"code": "TG-1 2", "grant_type": "authorization_code"})
    transport.send(request, base_url=f"http://127.0.0.1:{server.server_port}/", access_token=None)
    [(_, path, headers, body)] = server.seen
    assert (path, body) == ("/fine", b"code=TG-1+2&grant_type=authorization_code")
    assert "Authorization" not in headers
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_an_error_status_is_an_answer_like_any_other(transport, server):
    assert send(transport, server, "/refused").status == 400


@pytest.mark.parametrize("path", ["/redirect", "/broken_redirect"])
def test_a_redirect_is_not_followed_and_the_token_not_sent_again(server, path):
    transport = RequestsTransport(body_limit=10_000)
    response = send(transport, server, path)
    assert [seen[1] for seen in server.seen] == [path]
    with pytest.raises(errors.UnexpectedRedirect):
        decode(response, Request("GET", path))


def test_the_body_of_a_redirect_is_capped_too(transport, server):
    with pytest.raises(errors.BadResponse, match="too large"):
        send(transport, server, "/redirect")


def test_an_answer_above_the_cap_is_refused(transport, server):
    with pytest.raises(errors.BadResponse, match="too large"):
        send(transport, server, "/large")


@pytest.mark.parametrize("path", ["/slow", "/slow_body"])
def test_an_answer_that_does_not_come_in_time_is_an_unknown_outcome_and_sent_once(impatient, server, path):
    with pytest.raises(errors.TimedOut) as caught:
        send(impatient, server, path, method="PUT", json={})
    assert caught.value.outcome_unknown
    assert len(server.seen) == 1


@pytest.mark.parametrize("path", ["/cut", "/cut_body"])
def test_a_connection_that_breaks_is_an_unknown_outcome_and_sent_once(transport, server, path):
    with pytest.raises(errors.ConnectionLost) as caught:
        send(transport, server, path, method="PUT", json={})
    assert caught.value.outcome_unknown
    assert len(server.seen) == 1


@pytest.fixture
def closed_port() -> int:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
        return server.server_address[1]


class CountingSession(requests.Session):
    sent = 0

    def send(self, *args, **kwargs):
        type(self).sent += 1
        return super().send(*args, **kwargs)


def test_a_refused_connection_is_tried_once_more_and_nothing_was_sent(closed_port):
    CountingSession.sent = 0
    transport = RequestsTransport(session_factory=CountingSession)
    with pytest.raises(errors.ConnectFailed) as caught:
        transport.send(Request("PUT", "/fine", json={}), base_url=f"http://127.0.0.1:{closed_port}", access_token=TOKEN)
    assert (CountingSession.sent, caught.value.outcome_unknown) == (2, False)
    assert str(caught.value) == "PUT /fine ConnectionError"


def test_a_token_that_is_no_header_sends_nothing_and_is_not_shown(transport, server):
    with pytest.raises(errors.ConnectFailed) as caught:
        transport.send(
            Request("GET", "/fine"),
            base_url=f"http://127.0.0.1:{server.server_port}",
            access_token="hush\r\nHost: evil",
        )
    assert server.seen == []
    assert "hush" not in str(caught.value)


def test_the_environment_has_no_say(transport, server, monkeypatch, closed_port):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port}")
    assert send(transport, server, "/fine").status == 200


def test_a_cookie_of_one_seller_does_not_reach_the_next(transport, server):
    send(transport, server, "/fine")
    send(transport, server, "/fine")
    assert all("Cookie" not in headers for _, _, headers, _ in server.seen)


def test_each_thread_has_a_session_of_its_own(server):
    made = []

    def factory():
        made.append(threading.get_ident())
        return requests.Session()

    transport = RequestsTransport(session_factory=factory)
    threads = [threading.Thread(target=lambda: [send(transport, server, "/fine") for _ in range(2)]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2


def test_nothing_secret_is_logged(transport, server, caplog):
    caplog.set_level(logging.DEBUG)
    send(transport, server, "/fine", method="POST", form={"client_secret": "hush"})
    assert TOKEN not in caplog.text
    assert "hush" not in caplog.text
