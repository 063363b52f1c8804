"""The product at a faster clock: pauses that are minutes are seconds here, so that a run of seconds sees them end.

Every process of a run begins through this module, which changes constants of the product in its own memory, never in
what is delivered. It refuses to run in production.

    python -m tests.chaos.pace pump
    python -m tests.chaos.pace worker orders
    python -m tests.chaos.pace beat
"""

from __future__ import annotations

import os
import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

FOLDER = "CHAOS_FOLDER"  # data of this run alone: spool, notes, logs
WITHOUT = "CHAOS_WITHOUT"  # the safety net that is off: polls, webhooks or sweeps
CLOCK = "CHAOS_CLOCK"  # seconds by which the clock of this process is wrong
LEASE = 6.0  # seconds, of 60
READ_TIMEOUT = 1.5  # seconds, of 10
RATE = 6000  # calls a minute and seller: four times Mercado Libre's, as the clock is faster too
SCHEDULE = {  # seconds between runs
    "order_poll": 6,
    "missed_feeds": 6,
    "patrol": 15,
    "catalog_sweep": 15,
    "silence": 15,
    "rate_recovery": 2,
}
NETS = {
    "polls": ("order_poll", "missed_feeds", "orders_week", "orders_two_months"),
    "sweeps": ("patrol", "catalog_sweep"),
}


def prepare() -> None:
    """Load Django and quicken it. Raises RuntimeError in production."""
    set_clock(float(os.environ.get(CLOCK, 0)))
    django.setup()
    from django.conf import settings

    if settings.PRODUCTION:
        raise RuntimeError("The chaos run is for tests: PUBLIC_URL is an https address.")
    settings.DATA_DIR = Path(os.environ[FOLDER])
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    off = NETS.get(os.environ.get(WITHOUT, ""), ())
    for name, (seconds, path) in list(settings.SCHEDULE.items()):
        settings.SCHEDULE[name] = (SCHEDULE.get(name, seconds), path)
    for name in off:
        del settings.SCHEDULE[name]
    if "order_poll" in settings.SCHEDULE:
        settings.SCHEDULE["order_poll"] = (SCHEDULE["order_poll"], "tests.chaos.pace.polls")
    settings.CELERY_BEAT_SCHEDULE["tick"]["schedule"] = 2
    quicken()
    loopback_only()


def set_clock(wrong: float) -> None:
    """The clock on the wall is wrong by so many seconds in this process and those that it forks; it goes on as ever."""
    if wrong:
        import time_machine

        time_machine.travel(datetime.now(UTC) + timedelta(seconds=wrong), tick=True).start()


def quicken() -> None:
    from inventory.patrol import looking
    from inventory.pushes import push_decisions, push_results
    from inventory.targets import stock_targets
    from mercadolibre.transport import RequestsTransport
    from orders.imports import importing
    from orders.runs import reconciliation
    from sellers import tasks
    from sellers.brakes import breaking, budget
    from sellers.connection import clients, renewal, tokens
    from sellers.queue import outcomes, pumping, work

    def seconds(number: float) -> timedelta:
        return timedelta(seconds=number)

    outcomes.STEPS[:] = [seconds(number) for number in (0.3, 1, 2, 4, 5, 5)]
    of_functions(work.claim, lease=seconds(LEASE))
    of_functions(RequestsTransport.__init__, read_timeout=READ_TIMEOUT)
    work.extend.__defaults__ = (seconds(LEASE),)
    changes: dict[Any, dict[str, Any]] = {
        work: {"LEASE": seconds(LEASE), "LATE": seconds(2.5), "TOGETHER": 12},
        breaking: {
            "FIRST_PAUSE": seconds(2),
            "LONGEST_PAUSE": seconds(4),
            "PROBE_LIFE": seconds(6),
            "WINDOW": seconds(9),
        },
        budget: {"PAUSE": (0.2, 0.5), "LONGEST_PAUSE": 2.0},
        clients: {"TOKEN_WAIT": seconds(0.5), "RECONNECT_WAIT": seconds(3)},
        tokens: {"QUARANTINE": seconds(3)},
        renewal: {"AFTER_UNKNOWN": seconds(3), "GAP": seconds(5), "SOON": seconds(2)},
        pumping: {"TICK": 0.5, "BEAT_AWAY": 8.0, "BROKER_AWAY": 3.0, "KEEP_WAKING": 3.0},
        tasks: {"PUMP_AWAY": 5.0},
        reconciliation: {"AFTER_THE_CHANGE": seconds(5)},
        importing: {"LOOK_AGAIN": seconds(3)},
        stock_targets: {"REPLICATION": seconds(5)},
        push_decisions: {"ORDERS_DELAY": seconds(2)},
        push_results: {"LOOK_AGAIN": seconds(3), "SIBLINGS": seconds(5), "REPLICATION": seconds(5)},
        looking: {"REPLICATION": seconds(5)},
    }
    for module, values in changes.items():
        for name, value in values.items():
            assert hasattr(module, name), f"{module.__name__}.{name} is gone: the pace has to follow"
            setattr(module, name, value)


def of_functions(function: Any, **defaults: Any) -> None:
    """Other defaults for keyword-only parameters."""
    assert defaults.keys() <= function.__kwdefaults__.keys(), f"{function.__qualname__} has no {', '.join(defaults)}"
    function.__kwdefaults__.update(defaults)


def polls() -> None:
    """The scheduled polls, not spread over a minute."""
    from django.db.models.functions import Now

    from orders.runs import reconciliation
    from sellers.models import Work

    reconciliation.schedule_polls()
    Work.objects.filter(kind="order_poll", state="ready", fails=0).update(due_at=Now())


def loopback_only() -> None:
    """Nothing of a run may reach another machine; a try is an error in the log, which the run looks for."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"reached for {address[0]}")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign, assignment]


def main() -> None:
    prepare()
    from celery.bin.celery import main as celery
    from django.core.management import execute_from_command_line

    from config.run import worker

    match sys.argv[1:]:
        case ["pump"]:
            execute_from_command_line(["manage.py", "pump"])
        case ["worker", lane]:
            sys.argv = worker(lane, 1)[2:]
            celery()
        case ["beat"]:
            schedule = str(Path(os.environ[FOLDER]) / "beat")
            sys.argv = ["celery", "-A", "config", "beat", "--loglevel", "INFO", "--schedule", schedule]
            celery()
        case other:
            raise SystemExit(f"pump, worker LANE or beat, not {' '.join(other)}")


if __name__ == "__main__":
    main()
