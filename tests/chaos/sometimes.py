"""What has to have happened at least once: a run in which it did not has proved nothing about it.

A run of less than 40 s (one in `make test`) meets each strike of the plan once, and whether a worker was in the middle
of a row or somebody was just asking for it then is chance: of it are asked only the kinds of answers, a lease that
ended and was taken over, the breaker and a token whose fate was not known. From 40 s on the whole list is asked. With
a safety net off, what only the net could have met is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

from django.db.models import Sum

from orders.models import Run
from sellers.models import RefreshAttempt
from tests.bench import market
from tests.chaos import watching
from tests.chaos.children import Children
from tests.chaos.courier import Courier
from tests.chaos.nemesis import LANES
from tests.chaos.services import Services

LONG = 40  # seconds
NO_ROOM = "No space left on device"
DONE = re.compile(r"^(\S+ [\d:]+),\d+ INFO sellers\.queue\.work: work .*: done", re.MULTILINE)
ANOTHER_HOUR = timedelta(minutes=40)  # a run is shorter
OF_ANSWERS = {
    "409": ("CONFLICT_409",),
    "429": ("RATE_LIMITED",),
    "5xx": ("SERVER_ERROR", "HTML_502"),
    "applied, then timed out": ("APPLIED_THEN_TIMEOUT",),
    "malformed body": ("TRUNCATED_JSON",),
}
ALWAYS = (*OF_ANSWERS, "lease expired", "lease taken over", "breaker open", "breaker closed", "refresh quarantined")
OF_DISKS = ("disk full", "told 503")  # PostgreSQL's disk; and where the spool's was full too
OFF_TIME = "done by a wrong clock"
IN_LONG_RUNS = (
    *("fence refusal", "dirty re-run", "settle round", "spool replayed", "found by reconciliation alone"),
    *(*OF_DISKS, OFF_TIME),
)
ONLY_WITH = {  # net -> what nobody meets without it
    "polls": {"found by reconciliation alone", "settle round"},
    "webhooks": {"spool replayed", "dirty re-run", "told 503"},
    "sweeps": set(),
    "": set(),
}


def counted(
    made: market.Market, children: Children, reader: watching.Reader, services: Services, courier: Courier
) -> Counter[str]:
    """How often each was seen: by Mercado Libre, in the database, in the logs."""
    seen, logs = made.look("state")["faults_seen"], children.logs()
    found = Counter({name: sum(seen.get(kind, 0) for kind in kinds) for name, kinds in OF_ANSWERS.items()})
    found.update(watching.events())
    found["fence refusal"] = sum(text.count("lease lost, nothing written") for text in logs.values())
    found["refresh quarantined"] = RefreshAttempt.objects.filter(outcome="unknown").count()
    found["spool replayed"] = reader.replayed
    found["found by reconciliation alone"] = Run.objects.aggregate(n=Sum("recovered"))["n"] or 0
    found["disk full"] = 0 if services.no_rooms else services.log.read_text("utf-8", "replace").count(NO_ROOM)
    found["told 503"] = courier.did["status 503"]
    found[OFF_TIME] = sum(done_off_time(logs[lane]) for lane in LANES if lane in logs)
    return found


def done_off_time(log: str) -> int:
    """Rows that a worker did while its clock, which its log tells, was in another hour than ours."""
    now = datetime.now(UTC)
    times = (datetime.fromisoformat(f"{told}+00:00") for told in DONE.findall(log))
    return sum(abs(at - now) > ANOTHER_HOUR for at in times)


def missing(found: Counter[str], *, seconds: float, without: str, rooms: bool = True) -> list[str]:
    wanted = [*ALWAYS, *(IN_LONG_RUNS if seconds >= LONG else ())]
    unmet = ONLY_WITH[without] | (set() if rooms else {*OF_DISKS})
    return [name for name in wanted if not found[name] and name not in unmet]


def told(found: Counter[str]) -> str:
    return ", ".join(f"{found[name]}× {name}" for name in (*ALWAYS, *IN_LONG_RUNS))
