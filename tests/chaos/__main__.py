"""`make chaos`: sales, cancellations and hand edits while everything is killed and Mercado Libre misbehaves.

    make chaos                                     40 seconds with a seed of the clock's, printed first
    make chaos SEEDS=20                            seeds 1 to 20, in turn with every safety net and without one
    make chaos CHAOS="--seed 7 --seconds 60"
    make chaos CHAOS="--seed 7 --without polls"    or webhooks, or sweeps

Every kind of process is killed and stopped for longer than a lease; the broker is emptied, frozen and killed;
PostgreSQL is restarted at once, its disk is full for some seconds, and so is the spool's while it is away; a worker
lives in another hour. Servers and disks are the run's own (small disks need the right to mount: without it the run says
what was not struck). When the faults end everything must come right by itself: see
`tests.chaos.invariants`. A run in which something never happened fails too: `tests.chaos.sometimes`. The seed decides
what is done and when; how the processes meet it is the machine's. Logs of the last run: `.data/chaos/run-…/`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

from tests.chaos import services

NETS = ("", "polls", "webhooks", "sweeps")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--seconds", type=int, default=40)
    parser.add_argument("--without", choices=NETS[1:], default="")
    parser.add_argument("--quiet", type=int, default=60, help="seconds for everything to come right")
    parser.add_argument("--folder", default="chaos", help="below .data")
    parser.add_argument("--seeds", type=int, default=0, help="so many runs, and a summary")
    arguments = parser.parse_args()
    return many(arguments) if arguments.seeds else one(arguments)


def one(arguments: argparse.Namespace) -> int:
    net = f", without {arguments.without}" if arguments.without else ""
    print(f"seed {arguments.seed}, {arguments.seconds} s{net}", flush=True)
    with services.started(arguments.folder) as own:
        from tests.chaos import pace

        os.environ[pace.WITHOUT] = arguments.without
        pace.prepare()
        from tests.chaos import running

        wish = running.Wish(arguments.seed, arguments.seconds, arguments.without, arguments.quiet)
        found = running.run(wish, own)
    print("\n".join(found) or "all invariants hold", flush=True)
    return bool(found)


def many(arguments: argparse.Namespace) -> int:
    """Each run in a process of its own, the nets off in turn; those that failed are named in the end."""
    failed = []
    for number in range(arguments.seeds):
        seed, net = number + 1, NETS[number % len(NETS)]
        command = [sys.executable, "-m", "tests.chaos", "--seed", str(seed), "--seconds", str(arguments.seconds)]
        command += ["--quiet", str(arguments.quiet), "--folder", arguments.folder] + (["--without", net] if net else [])
        if subprocess.run(command, check=False).returncode:
            failed.append(f"seed {seed}" + (f" without {net}" if net else ""))
        print(flush=True)
    print(
        f"{arguments.seeds - len(failed)} of {arguments.seeds} runs held" + "".join(f"\n  failed: {n}" for n in failed)
    )
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
