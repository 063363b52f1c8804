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
FULL = 5.0  # seconds that PostgreSQL's disk is full
AWAY = 3.0  # seconds that PostgreSQL is away while the spool's disk is full
STILL_FULL = 1.0  # seconds that the spool's disk stays full when PostgreSQL is back
WRONG_CLOCK = 8.0  # seconds that a worker lives in another hour
HOUR = 3600
PATIENCE = 4.0  # seconds that a worker to be stopped is watched
SHORT = 40  # seconds, below which each strike comes once
LANES = ("orders", "pushes")


DISKS = ("fill database", "fill spool")
CLOCKS = tuple(f"clock {lane}" for lane in LANES)


def deck(names: list[str], *, rooms: bool = True) -> list[str]:
    """One of each; without small disks none of what fills them."""
    services = ["flush broker", "freeze broker", "kill broker", "restart database", *(DISKS if rooms else ())]
    stops = [f"stop {lane}" for lane in LANES]
    return [*(f"kill {name}" for name in names), *stops, *services, *CLOCKS, "storm"]


def plan_of(seed: int, seconds: float, names: list[str], *, rooms: bool = True) -> list[tuple[float, str]]:
    """(when, what): in a short run each strike once and evenly; in a longer one all of them again and again, faster."""
    dice = random.Random(seed + 10)
    cards, found = deck(names, rooms=rooms), []
    if seconds < SHORT:
        dice.shuffle(cards)
        step = (seconds - 3) / len(cards)
        return [(2 + step * number, turned(card, dice)) for number, card in enumerate(cards)]
    at = 2.0
    while at < seconds - 3:
        dice.shuffle(cards)
        for card in cards:
            found.append((at, turned(card, dice)))
            at += dice.uniform(1.2, 2.2)
    return [(at, card) for at, card in found if at < seconds - 3]


def turned(card: str, dice: random.Random) -> str:
    """A clock is an hour ahead or behind."""
    return f"{card} {dice.choice(('ahead', 'behind'))}" if card in CLOCKS else card


@dataclass
class Nemesis:
    made: market.Market
    children: Children
    services: Services
    plan: list[tuple[float, str]]
    struck: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.later: list[tuple[float, str, Callable[[], None]]] = []  # when, of what, what
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
        self._do([entry for entry in self.later if entry[0] <= time.monotonic()])

    def _do(self, entries: list[tuple[float, str, Callable[[], None]]]) -> None:
        for entry in sorted(entries, key=lambda entry: entry[0]):
            self.later.remove(entry)
            entry[2]()

    def _after(self, seconds: float, of: str, what: Callable[[], None]) -> None:
        self.later.append((time.monotonic() + seconds, of, what))

    def _end(self, of: str) -> None:
        """What was begun is over before the same thing is struck again."""
        self._do([entry for entry in self.later if entry[1] == of])

    def _wait_for(self, of: str) -> None:
        """What was begun takes its time: nobody but this thread ends it."""
        while pending := [entry[0] for entry in self.later if entry[1] == of]:
            self._wait_until(max(pending))

    def _strike(self, what: str) -> None:
        match what.split():
            case [_, "database"] | ["fill", _]:
                self._end("database")
            case ["stop", _]:  # which asks PostgreSQL who is in the midst of something
                self._wait_for("database")
        match what.split():
            case ["kill", "broker"]:
                self.services.kill_broker()
            case ["kill", name]:
                self.children.kill(name)
                self.children.start(name)
            case ["stop", lane]:
                self._stop_in_the_midst(lane)
                self._after(LONGER_THAN_A_LEASE, lane, lambda: self.children.go_on(lane))
            case ["flush", _]:
                self.services.flush_broker()
            case ["freeze", _]:
                self.services.freeze_broker()
                self._after(FROZEN, "broker", self.services.broker_continues)
            case ["restart", _]:
                self.services.restart_database()
            case ["fill", "database"]:
                self.services.disk.fill()
                self._after(FULL / 2, "database", self.services.turn_the_log)
                self._after(FULL, "database", self.services.make_room)
            case ["fill", "spool"]:
                self.services.spool.fill()
                self.services.stop_database()
                self._after(AWAY, "database", self.services.bring_database_back)
                self._after(AWAY + STILL_FULL, "database", self.services.make_room)
            case ["clock", lane, hour]:
                self._end(f"clock {lane}")
                self.children.set_clock(lane, HOUR if hour == "ahead" else -HOUR)
                self._after(WRONG_CLOCK, f"clock {lane}", lambda: self.children.set_clock(lane, 0))
            case ["storm"]:
                wait = until_calls_are_counted_anew()
                self._after(wait, "storm", lambda: storm(self.made))
                self._after(wait + STORM, "storm", lambda: unleash(self.made))

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
        self.services.make_room()
        self.children.revive()

    def told(self) -> str:
        """What was struck how often, and what could not be."""
        struck = ", ".join(f"{count}× {name}" for name, count in sorted(self.struck.items()))
        return struck + (f"; not struck: {', '.join(DISKS)} ({self.services.no_rooms})" * bool(self.services.no_rooms))


def storm(made: market.Market) -> None:
    """Nothing but 502, until others are unleashed."""
    made.control("faults", kind="HTML_502", path="/(orders|items|shipments|users|user-products).*", times=0)


def until_calls_are_counted_anew() -> float:
    """Calls are counted in tens of seconds: a storm from the beginning of one is seen by itself."""
    return -time.time() % 10 + 0.05
