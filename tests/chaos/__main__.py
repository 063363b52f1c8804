"""`make chaos`: sales, cancellations and hand edits while processes are killed and Mercado Libre misbehaves.

    make chaos                              40 seconds with a seed of the clock's, printed first
    make chaos CHAOS="--seed 7 --seconds 60"

When the faults end everything must come right by itself: no sale lost or applied twice, every listing showing what is
there, no variation deleted, the ledger adding up. A run in which no fault struck fails too: it proved nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
from tests.bench import database

database.prepare()

from tests.bench import market
from tests.chaos.invariants import broken
from tests.chaos.nemesis import Nemesis, processes
from tests.chaos.trade import Trade

LISTINGS = 60
EACH = 3
QUIET_WITHIN = 120  # seconds, from the last fault until everything is equal


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--seconds", type=int, default=40)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, {arguments.seconds} s", flush=True)
    with processes() as (port, running):
        notify = f"http://127.0.0.1:{port}/meli/notifications/"
        with market.market(listings=LISTINGS, notify=notify) as made:
            found = run(made, running, arguments.seed, arguments.seconds)
    print("\n".join(found) or "all invariants hold")
    return bool(found)


def run(made: market.Market, running: object, seed: int, seconds: int) -> list[str]:
    """Prepare the shop, let trade and nemesis loose, wait for quiet. Returns what is broken, in words."""
    accounts = market.connect(made, mode="live")
    market.import_all(accounts)
    groups = market.share_products(each=EACH)
    trade, nemesis = Trade(made, groups, seed), Nemesis(made, running, seed)
    nemesis.start_all()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        trade.step()
        nemesis.step()
        time.sleep(0.08)
    nemesis.rest()
    print(f"{trade.told()}; {nemesis.told()}", flush=True)
    return wait_for_quiet(made, groups, trade) + nemesis.vacuous()


def wait_for_quiet(made: market.Market, groups: list[list[str]], trade: Trade) -> list[str]:
    """What is still broken when the time is over; nothing as soon as everything holds."""
    began = time.monotonic()
    found = broken(made, groups, trade)
    while found and time.monotonic() - began < QUIET_WITHIN:
        time.sleep(1)
        market.hurry()
        found = broken(made, groups, trade)
    print(f"quiet {time.monotonic() - began:.1f} s after the last fault", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
