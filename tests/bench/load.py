"""A closed-loop load: N keep-alive connections, each sends its next request when the last one is answered."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

RequestMaker = Callable[[int], bytes]


@dataclass(frozen=True)
class Load:
    """What a run measured. Latencies are seconds, sorted."""

    seconds: float
    latencies: list[float]
    failures: int

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


class Connection:
    """One keep-alive connection with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self.received = b""

    def send(self, request: bytes) -> None:
        self.received = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def answered(self) -> bool | None:
        """None while the answer is incomplete; else whether it is a 200."""
        self.received += self.socket.recv(65536)
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return None
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n")[0]) if at >= 0 else 0
        return head[9:12] == b"200" if len(body) >= length else None


def run(port: int, make: RequestMaker, *, connections: int, seconds: float) -> Load:
    """Send for `seconds` and wait for what is under way."""
    selector = selectors.DefaultSelector()
    latencies: list[float] = []
    failures = 0
    number = 0
    started = time.perf_counter()
    for _ in range(connections):
        connection = Connection(port)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(make(number))
        number += 1
    waiting = connections
    while waiting:
        for key, _ in selector.select():
            connection = key.data
            good = connection.answered()
            if good is None:
                continue
            now = time.perf_counter()
            latencies.append(now - connection.sent_at)
            failures += not good
            if now - started < seconds:
                connection.send(make(number))
                number += 1
            else:
                selector.unregister(connection.socket)
                connection.socket.close()
                waiting -= 1
    return Load(time.perf_counter() - started, sorted(latencies), failures)
