import contextlib
import http.client
import json
import socket
import subprocess
import sys
import time

import pytest

from sandbox import World
from sandbox.__main__ import options
from sandbox.serving import LocalServer, Options


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


def wait_for(port):
    end = time.monotonic() + 15
    while True:
        try:
            return get(port, "/control/state")
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.1)


def test_the_command_serves_the_demo_over_http():
    port = free_port()
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--seed", "7"]
    with subprocess.Popen(command) as process:
        try:
            status, body = wait_for(port)
            assert status == 200
            assert json.loads(body)["seed"] == 7
            assert len(json.loads(body)["sellers"]) == 3
            assert b"CASA_DEL_SUR" in get(port, "/")[1]
            assert get(port, "/users/me")[0] == 401
        finally:
            process.terminate()
            process.wait(10)


def test_a_test_can_serve_its_own_world():
    world = World(seed=1)
    world.add_seller("CASA").add_item(title="Taza verde")

    with LocalServer(world) as server:
        port = int(server.url.rsplit(":", 1)[1])
        assert "Taza verde" in get(port, "/")[1].decode()


def test_the_command_line_is_understood():
    assert options([]) == Options()
    given = options(["--host", "0.0.0.0", "--port", "1", "--notify", "http://x/", "--seed", "3", "--sellers", "none"])
    assert (given.host, given.port, given.notify, given.seed, given.sellers) == ("0.0.0.0", 1, "http://x/", 3, "none")
    with pytest.raises(SystemExit):
        options(["--sellers", "many"])
