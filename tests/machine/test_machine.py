"""Hypothesis puts what can happen to a shop into any order.

    make test                                               twelve short lives, the same each time
    MACHINE=full pytest tests/machine                       200 lives of 60 steps, the same each time
    MACHINE=random MACHINE_LIVES=500 pytest tests/machine   others each time; a failing one is printed to be added

What a step breaks is told with the steps that led to it, as a program.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.faults.invariants import broken as broken_at_rest
from tests.machine import always
from tests.machine.life import Life
from tests.machine.state import Beginning

PROFILE = os.environ.get("MACHINE", "small")
LIVES, STEPS = {"small": (12, 30), "full": (200, 60), "random": (200, 60)}[PROFILE]
LIVES = int(os.environ.get("MACHINE_LIVES", LIVES))

units, choice, quantity = st.integers(0, 4), st.integers(0, 30), st.integers(1, 4)
lanes = st.sampled_from(["orders", "orders", "pushes", "pushes", "bulk"])
API = r"/(?!oauth|control).*"
FAULTS = [
    ("RATE_LIMITED", None),
    ("SERVER_ERROR", None),
    ("SERVER_ERROR", "PUT"),
    ("HTML_502", "GET"),
    ("TIMEOUT", None),
    ("APPLIED_THEN_TIMEOUT", "PUT"),
    ("TRUNCATED_JSON", "GET"),
    ("TRUNCATED_JSON", "PUT"),
    ("CONFLICT_409", "PUT"),
    ("IGNORED_WRITE", "PUT"),
]
# A run that never met these has shown nothing.
MET = {"small": {"died", "happened meanwhile"}, "random": set[str]()}
MET["full"] = {*MET["small"], "overtaken", "thawed", *(kind for kind, _method in FAULTS)}
nth = st.integers(0, 9)
impulses = st.sampled_from(["sale", "sale", "cancellation", "parcel", "receipt", "receipt", "import"])


class Shop(RuleBasedStateMachine):
    """`told` says how Mercado Libre tells in this life: everything, so that nobody looks by himself; some; nothing."""

    begin: ClassVar[Beginning]
    seen: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.life = Life(self.begin)
        self.life.noticed = self.notice
        self.told = "some"
        self.looked_at = 0  # so many requests
        self.wanted: dict[always.Unit, set[int]] = {}

    @initialize(told=st.sampled_from(["everything", "some", "nothing"]))
    def begins(self, told: str) -> None:
        self.told = told

    # --- buyers

    @rule(unit=units, quantity=quantity, anyway=st.booleans())
    def sell(self, unit: int, quantity: int, anyway: bool) -> None:
        self.life.sell(unit, quantity, anyway=anyway)

    @rule(first=quantity, second=quantity)
    def sell_cart(self, first: int, second: int) -> None:
        self.life.sell_cart(first, second)

    @rule(at=choice)
    def cancel(self, at: int) -> None:
        self.life.cancel(at)

    @rule(at=choice, quantity=quantity)
    def edit(self, at: int, quantity: int) -> None:
        self.life.edit(at, quantity)

    @rule(at=choice)
    def refund_a_part(self, at: int) -> None:
        self.life.refund_a_part(at)

    @rule(at=choice, what=st.sampled_from(["ship", "ship", "arrive", "come_back"]))
    def parcel(self, at: int, what: str) -> None:
        getattr(self.life, what)(at)

    # --- Mercado Libre

    @precondition(lambda self: self.told != "nothing")
    @rule(start=choice, many=st.integers(1, 6), twice=st.booleans())
    def deliver(self, start: int, many: int, twice: bool) -> None:
        self.life.deliver(start, many, twice=twice)

    @precondition(lambda self: self.told != "nothing")
    @rule()
    def deliver_all(self) -> None:
        self.life.deliver_all()

    @precondition(lambda self: self.told == "some")
    @rule(many=st.integers(1, 4), missed=st.booleans())
    def lose(self, many: int, missed: bool) -> None:
        (self.life.lose_to_missed_feeds if missed else self.life.lose)(many)

    @rule(seller=st.integers(0, 2), at=choice, invented=st.booleans())
    def forge(self, seller: int, at: int, invented: bool) -> None:
        sold = self.life.sold
        self.life.forge(seller, 2_000_000_000_000_001 if invented or not sold else sold[at % len(sold)])

    @rule(unit=units, quantity=st.integers(0, 15))
    def edit_by_hand(self, unit: int, quantity: int) -> None:
        self.life.edit_by_hand(unit, quantity)

    @rule(unit=units)
    def pause_by_hand(self, unit: int) -> None:
        self.life.pause_by_hand(unit)

    @precondition(lambda self: len(self.life.world.faults.active) < 3)
    @rule(fault=st.sampled_from(FAULTS), what=impulses, at=choice)
    def fault(self, fault: tuple[str, str | None], what: str, at: int) -> None:
        """Mercado Libre fails while somebody sees to something."""
        self.life.fault(*fault, API)
        self.life.drain(self._happens(what, at))

    @precondition(lambda self: self.told != "everything")
    @rule()
    def stale_read(self) -> None:
        self.life.fault("STALE_READ", "GET", API)

    @rule(seller=st.integers(0, 2))
    def end_token(self, seller: int) -> None:
        self.life.end_token(seller)

    # --- workers

    @rule(lane=lanes)
    def step(self, lane: str) -> None:
        self.life.step(lane)

    @rule(lane=lanes)
    def drain(self, lane: str) -> None:
        self.life.drain(lane)

    @rule(what=impulses, at=choice, nth=nth)
    def crash(self, what: str, at: int, nth: int) -> None:
        """Who sees to it dies on the way."""
        self.life.crash(self._happens(what, at), nth)

    @rule(lane=lanes, many=st.integers(1, 3))
    def freeze(self, lane: str, many: int) -> None:
        self.life.freeze(lane, many)

    @precondition(lambda self: self.life.frozen)
    @rule()
    def thaw(self) -> None:
        self.life.thaw()

    @rule(what=impulses, then=impulses, at=choice, nth=nth)
    def held(self, what: str, then: str, at: int, nth: int) -> None:
        """Something else happens while somebody sees to it."""
        self.life.held(self._happens(what, at), nth, lambda: self._happens(then, at))

    @rule(what=impulses, at=choice, nth=nth)
    def overtaken(self, what: str, at: int, nth: int) -> None:
        """Who sees to it stands still until somebody else has done it, and goes on."""
        lane = self._happens(what, at)
        self.life.held(lane, nth, lambda: self.life.is_overtaken(lane))

    def _happens(self, what: str, at: int) -> str:
        """Something that is seen to at once, in the lane given."""
        lane = self._act(what, at)
        self.notice()
        return lane

    def _act(self, what: str, at: int) -> str:
        match what:
            case "receipt":
                self.life.receive(1 + at % 3)
                return "pushes"
            case "import":
                self.life.import_catalog(at % 3)
                return "bulk"
            case "sale":
                self.life.sell(at % 5, 1)
            case "cancellation":
                self.life.cancel(at)
            case "parcel":
                self.life.ship(at)
        self.life.poll() if self.told == "nothing" else self.life.deliver_all()
        return "orders"

    @rule()
    def lease_ends(self) -> None:
        self.life.lease_ends()

    @rule()
    def time_passes(self) -> None:
        self.life.time_passes()

    @rule()
    def tick(self) -> None:
        self.life.tick()

    @precondition(lambda self: self.told != "everything")
    @rule(what=st.sampled_from(["poll", "read_missed", "look_around"]))
    def net(self, what: str) -> None:
        getattr(self.life, what)()

    @rule(seller=st.integers(0, 2))
    def import_catalog(self, seller: int) -> None:
        self.life.import_catalog(seller)

    @rule()
    def flush_redis(self) -> None:
        self.life.flush_redis()

    # --- staff

    @rule(units=st.integers(1, 9))
    def receive(self, units: int) -> None:
        self.life.receive(units)

    @rule(delta=st.sampled_from([-3, -2, -1, 1, 2]))
    def adjust(self, delta: int) -> None:
        self.life.adjust(delta)

    @rule(counted=st.integers(0, 12))
    def count(self, counted: int) -> None:
        self.life.count(counted)

    @rule(to=st.sampled_from(["mug", "red", "nothing"]))
    def link_red(self, to: str) -> None:
        self.life.unlink_red() if to == "nothing" else self.life.link_red(to_mug=to == "mug")

    @rule(whose=st.sampled_from(["seller", "product", "listing"]), units=st.none() | st.integers(0, 4))
    def buffer(self, whose: str, units: int | None) -> None:
        self.life.buffer(whose, units)

    @rule(amount=st.sampled_from([800, 950, 1250]))
    def set_price(self, amount: int) -> None:
        self.life.set_price(amount)

    # --- what must hold

    @invariant()
    def always(self) -> None:
        self.notice()
        sent, self.looked_at = list(self.life.world.requests)[self.looked_at :], len(self.life.world.requests)
        found = [*always.broken(self.life), *always.wrongly_sent(self.life, sent, self.wanted)]
        assert not found, "\n".join(found)
        self.wanted = {}
        self.notice()

    def notice(self) -> None:
        """What is wanted at this moment of a step may be sent in it."""
        for unit, quantity in always.wanted(self.life).items():
            self.wanted.setdefault(unit, set()).add(quantity)

    def teardown(self) -> None:
        if sys.exc_info()[0] is None:
            self.life.comes_to_rest(with_nets=self.told != "everything")
            found = always.broken(self.life) + broken_at_rest(self.life.stage.market, answered=self.life.answered)
            self.seen.update(self.life.world.faults.seen + self.life.seen)
            assert not found, "\n".join(found)


@pytest.mark.timeout(300 if PROFILE == "small" else 7200)
def test_nothing_breaks_whatever_happens(beginning):
    Shop.begin, Shop.seen = beginning, Counter()
    machine = settings(
        max_examples=LIVES,
        stateful_step_count=STEPS,
        derandomize=PROFILE != "random",
        database=None,
        deadline=None,
        print_blob=True,
        phases=[Phase.generate] if PROFILE == "small" else [Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Shop, settings=machine)
    assert Shop.seen.keys() >= MET[PROFILE], f"it met only {dict(Shop.seen)}"
