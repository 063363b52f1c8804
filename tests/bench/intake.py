"""Durable intake: acknowledgements a second against a bare Django view and against the usual way, 64 connections."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.conf import settings

from sellers.models import SellerAccount
from tests.bench import load, servers
from tests.bench.report import Row, milliseconds

CONNECTIONS = 64
SECONDS = 4.0
SELLER = 7


def request_to(path: str) -> load.RequestMaker:
    """Notifications of orders; every tenth repeats the one before, as ML does."""

    def make(number: int) -> bytes:
        order = 2000000000 + number - number % 10 // 9
        body = json.dumps(
            {
                "_id": f"{number:032x}",
                "topic": "orders_v2",
                "resource": f"/orders/{order}",
                "user_id": SELLER,
                "application_id": int(settings.MELI_CLIENT_ID),
                "sent": "2026-10-06T13:23:06.247Z",
                "received": "2026-10-06T13:23:06.116Z",
                "attempts": 1,
                "actions": [],
            }
        ).encode()
        head = [
            f"POST {path} HTTP/1.1",
            "Host: localhost",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join([*head, "", ""]).encode() + body

    return make


def rounds(count: int) -> Iterator[Row]:
    SellerAccount.objects.get_or_create(ml_user_id=SELLER, defaults={"nickname": "BENCH", "site_id": "MLA"})
    with (
        servers.granian("tests.bench.apps:django_application") as django,
        servers.granian("tests.bench.apps:django_application", BENCH_MIDDLEWARE="none") as bare,
        servers.granian("config.intake:application") as own,
    ):
        paths = {
            "bare": (bare, "/bare/"),
            "with middleware": (django, "/bare/"),
            "usual": (django, "/usual/"),
            "intake": (own, "/meli/notifications/"),
        }
        for port, path in paths.values():
            load.run(port, request_to(path), connections=CONNECTIONS, seconds=0.5)
        for _ in range(count):
            found = {
                name: load.run(port, request_to(path), connections=CONNECTIONS, seconds=SECONDS)
                for name, (port, path) in paths.items()
            }
            assert not any(measured.failures for measured in found.values()), "an answer was not 200"
            yield row(found)


def row(found: dict[str, load.Load]) -> Row:
    own = found["intake"]
    return Row(
        ratios={
            "intake ÷ bare Django view": (own.per_second / found["bare"].per_second, ">=", 0.35),
            "intake ÷ the usual way": (own.per_second / found["usual"].per_second, ">=", 4),
        },
        facts={
            "intake acks/s": f"{own.per_second:.0f}",
            "intake p99": milliseconds(own.percentile(0.99)),
            "bare views/s, without any middleware": f"{found['bare'].per_second:.0f}",
            "bare views/s, with Enlace's middleware": f"{found['with middleware'].per_second:.0f}",
            "usual acks/s": f"{found['usual'].per_second:.0f}",
            "usual p99": milliseconds(found["usual"].percentile(0.99)),
        },
    )
