"""`make bench`: each row a ratio measured side by side in one run, three rounds, the median counts.

make bench                    everything
make bench BENCH="intake"     one of them
make bench BENCH="--rounds 1" quickly
"""

from __future__ import annotations

import argparse
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
from tests.bench import database

database.prepare()

from tests.bench import (
    coalesce,
    flow,
    import_beside,
    importing,
    intake,
    kits,
    market,
    pushes,
    recovery,
    rules,
    throughput,
)
from tests.bench.report import lines

MEASUREMENTS = {
    "intake": ("Notification intake, 64 connections", intake.rounds),
    "flow": (f"Sale to the other listings' PUT, {flow.PER_SECOND} sales/s, all processes", flow.rounds),
    "kits": (f"Sale of a kit to the last of {kits.LISTINGS - 1} listings' PUTs, all processes", kits.rounds),
    "pushes": ("Stock pushes, one thread", pushes.rounds),
    "import": (f"Catalog import of {importing.LISTINGS} listings", importing.rounds),
    "recovery": (f"Recovery of {recovery.ORDERS} lost orders, one thread", recovery.rounds),
    "throughput": (f"Pushes at {market.MELI_RATE} calls a minute, all processes", throughput.rounds),
    "coalesce": (f"{coalesce.NOTIFICATIONS} notifications on {coalesce.RESOURCES} orders", coalesce.rounds),
    "import_beside": ("Sale to PUT beside an import, at the real limits", import_beside.rounds),
    "rules": (f"A seller's rule changes for {rules.LISTINGS} listings", rules.rounds),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"any of: {', '.join(MEASUREMENTS)}")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(MEASUREMENTS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    for name in arguments.names or MEASUREMENTS:
        title, measure = MEASUREMENTS[name]
        print("\n".join(lines(title, list(measure(arguments.rounds)))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
