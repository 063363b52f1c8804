"""A process is told to end, as for a new release: what must not be cut off is finished first."""

from __future__ import annotations

import os
import signal
import time

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from sellers.models import Grant, RefreshAttempt
from tests.faults import processes
from tests.faults.flows.connection import Refresh
from tests.faults.invariants import broken

ANSWERS_AFTER = 0.6  # seconds


def until(reached, what):
    deadline = time.monotonic() + 10
    while not reached():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def test_a_pump_that_is_told_to_end_in_the_middle_of_a_refresh_takes_the_answer_in(stage):
    """Mercado Libre has rotated, and its answer is still on its way: nobody could ask for it again."""
    flow, told = Refresh(stage), stage.folder / "told"
    stage.world.faults.add("SLOW", path="/oauth/token", seconds=ANSWERS_AFTER)

    def pump():
        settings.SCHEDULE = {}
        call_command("pump", stdout=(stage.folder / "said").open("w"))

    process = processes.starts(pump, url=stage.market.url, told=told)
    until(lambda: RefreshAttempt.objects.filter(outcome="pending").exists(), "no refresh began")
    connections.close_all()
    os.kill(process, signal.SIGTERM)
    processes.ends(process, told=told)

    assert Grant.objects.get(account=stage.shop.casa, state="current").generation == 1
    assert RefreshAttempt.objects.get().outcome == "ok"
    assert broken(stage.market) == []
    flow.check()
