"""What an import at full speed costs the sales beside it, at the limits of the real Mercado Libre."""

from __future__ import annotations

import os
from collections.abc import Iterator

from catalog.imports.importing import start
from config.embedded import free_port
from config.run import worker
from sellers.models import Job, Work
from tests.bench import flow, market
from tests.bench.pushes import settle
from tests.bench.report import Row, milliseconds

LISTINGS = 6000
PER_SECOND = 2  # sales: with their looks two thirds of what two sellers are allowed; from three on pushes wait anyway
SECONDS = 20


def rounds(count: int) -> Iterator[Row]:
    port = free_port()
    with market.market(listings=LISTINGS, notify=f"http://127.0.0.1:{port}/meli/notifications/") as made:
        market.forget()
        accounts = market.connect(made, mode="live")
        market.import_all(accounts)
        groups = market.share_products(each=flow.EACH)[:150]
        settle()
        with market.with_limits(made), flow.processes(port, worker("bulk", 1)):
            for _ in range(count):
                alone = flow.measure(made, groups, per_second=PER_SECOND, seconds=SECONDS)
                jobs = [start(account=account) for account in accounts]
                beside = flow.measure(made, groups, per_second=PER_SECOND, seconds=SECONDS)
                running = Job.objects.filter(pk__in=[job.pk for job in jobs], state=Job.State.RUNNING).count()
                Work.objects.filter(kind="job").delete()  # the next round begins without them
                yield row(alone, beside, running, made.look("state")["counters"].get("rate_limited", 0))


def row(alone: list[float], beside: list[float], running: int, refused: int) -> Row:
    before, after = p99(alone), p99(beside)
    return Row(
        ratios={
            "sale → PUT, p99 beside an import ÷ without": (after / before, "<=", 1.5),
            "429s": (refused, "<=", 0),
        },
        facts={
            "p99 without": milliseconds(before),
            "p99 beside": milliseconds(after),
            "imports still running at the end": str(running),
            "load": f"{os.getloadavg()[0]:.1f}",
        },
    )


def p99(found: list[float]) -> float:
    return found[int(len(found) * 0.99)]
