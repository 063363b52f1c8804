"""Kills, stops and empties, by a plan that the seed decides. Every strike is said when it comes."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connections

from sellers.models import Work
from tests.bench import market
from tests.chaos import pace
from tests.chaos.children import Children
from tests.chaos.services import Services
from tests.chaos.world import patiently, unleash

LONGER_THAN_A_LEASE = pace.LEASE + 1.5  # seconds
FROZEN = 4.0  # seconds that the broker is frozen
STORM = 4.0  # seconds in which Mercado Libre answers nothing but 500
PATIENCE = 4.0  # seconds that a worker to be stopped is watched
SHORT = 40  # seconds, below which each strike comes once
LANES = ("orders", "pushes")


def deck(names: list[str]) -> list[str]:
    """One of each."""
    services = ["flush broker", "freeze broker", "kill broker", "restart database"]
    return [*(f"kill {name}" for name in names), *(f"stop {lane}" for lane in LANES), *services, "storm"]


def plan_of(seed: int, seconds: float, names: list[str]) -> list[tuple[float, str]]:
    """(when, what): in a short run each strike once and evenly; in a longer one all of them again and again, faster."""
    dice = random.Random(seed + 10)
    cards, found = deck(names), []
    if seconds < SHORT:
        dice.shuffle(cards)
        step = (seconds - 3) / len(cards)
        return [(2 + step * number, card) for number, card in enumerate(cards)]
    at = 2.0
    while at < seconds - 3:
        dice.shuffle(cards)
        for card in cards:
            found.append((at, card))
            at += dice.uniform(1.4, 2.4)
    return [(at, card) for at, card in found if at < seconds - 3]


@dataclass
class Nemesis:
    made: market.Market
    children: Children
    services: Services
    plan: list[tuple[float, str]]
    struck: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.later: list[tuple[float, Callable[[], None]]] = []
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.failures: list[str] = []

    def start(self) -> None:
        self.began = time.monotonic()
        self.thread.start()

    def join(self) -> None:
        """Wait for the end of the plan, and of what it began."""
        self.thread.join()
        while self.later:
            self._do_what_is_due()
            time.sleep(0.05)

    def once_more(self, what: str) -> None:
        self._strike(what)
        self.join()

    def _run(self) -> None:
        for at, what in self.plan:
            self._wait_until(self.began + at)
            self.struck[what] += 1
            try:
                self._strike(what)
            except Exception as error:  # the run has to end, and to say so
                self.failures.append(f"{what}: {type(error).__name__} {error}")
                connections.close_all()
        connections.close_all()

    def _wait_until(self, moment: float) -> None:
        while True:
            self._do_what_is_due()
            left = moment - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.05))

    def _do_what_is_due(self) -> None:
        for entry in [entry for entry in self.later if entry[0] <= time.monotonic()]:
            self.later.remove(entry)
            entry[1]()

    def _after(self, seconds: float, what: Callable[[], None]) -> None:
        self.later.append((time.monotonic() + seconds, what))

    def _strike(self, what: str) -> None:
        match what.split():
            case ["kill", "broker"]:
                self.services.kill_broker()
            case ["kill", name]:
                self.children.kill(name)
                self.children.start(name)
            case ["stop", lane]:
                self._stop_in_the_midst(lane)
                self._after(LONGER_THAN_A_LEASE, lambda: self.children.go_on(lane))
            case ["flush", _]:
                self.services.flush_broker()
            case ["freeze", _]:
                self.services.freeze_broker()
                self._after(FROZEN, self.services.broker_continues)
            case ["restart", _]:
                self.services.restart_database()
            case ["storm"]:
                wait = until_calls_are_counted_anew()
                self._after(wait, lambda: storm(self.made))
                self._after(wait + STORM, lambda: unleash(self.made))

    def _stop_in_the_midst(self, lane: str) -> None:
        """Stop a worker that holds rows: one that waits for work would prove nothing."""
        until = time.monotonic() + PATIENCE
        held = Work.objects.filter(state="leased", lane=settings.LANES[lane])
        while True:
            if patiently(held.exists):
                self.children.stop(lane)
                time.sleep(0.05)  # what it had sent is done
                if patiently(held.exists) or time.monotonic() > until:
                    return
                self.children.go_on(lane)
            elif time.monotonic() > until:
                return self.children.stop(lane)
            time.sleep(0.01)

    def rest(self) -> None:
        """No more faults: everything runs."""
        self.services.broker_continues()
        self.children.revive()

    def told(self) -> str:
        return ", ".join(f"{count}× {name}" for name, count in sorted(self.struck.items()))


def storm(made: market.Market) -> None:
    """Nothing but 502, until others are unleashed."""
    made.control("faults", kind="HTML_502", path="/(orders|items|shipments|users|user-products).*", times=0)


def until_calls_are_counted_anew() -> float:
    """Calls are counted in tens of seconds: a storm from the beginning of one is seen by itself."""
    return -time.time() % 10 + 0.05
