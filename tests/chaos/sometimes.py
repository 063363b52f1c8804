"""What has to have happened at least once: a run in which it did not has proved nothing about it.

A run of less than 40 s (one in `make test`) meets each strike of the plan once, and whether a worker was in the middle
of a row or somebody was just asking for it then is chance: of it are asked only the kinds of answers, a lease that
ended and was taken over, the breaker and a token whose fate was not known. From 40 s on the whole list is asked. With
a safety net off, what only the net could have met is left out.
"""

from __future__ import annotations

from collections import Counter

from django.db.models import Sum

from orders.models import Run
from sellers.models import RefreshAttempt
from tests.bench import market
from tests.chaos import watching
from tests.chaos.children import Children

LONG = 40  # seconds
OF_ANSWERS = {
    "409": ("CONFLICT_409",),
    "429": ("RATE_LIMITED",),
    "5xx": ("SERVER_ERROR", "HTML_502"),
    "applied, then timed out": ("APPLIED_THEN_TIMEOUT",),
    "malformed body": ("TRUNCATED_JSON",),
}
ALWAYS = (*OF_ANSWERS, "lease expired", "lease taken over", "breaker open", "breaker closed", "refresh quarantined")
IN_LONG_RUNS = ("fence refusal", "dirty re-run", "settle round", "spool replayed", "found by reconciliation alone")
ONLY_WITH = {  # net -> what nobody meets without it
    "polls": {"found by reconciliation alone", "settle round"},
    "webhooks": {"spool replayed", "dirty re-run"},
    "sweeps": set(),
    "": set(),
}


def counted(made: market.Market, children: Children, reader: watching.Reader) -> Counter[str]:
    """How often each was seen: by Mercado Libre, in the database, in the logs."""
    seen = made.look("state")["faults_seen"]
    found = Counter({name: sum(seen.get(kind, 0) for kind in kinds) for name, kinds in OF_ANSWERS.items()})
    found.update(watching.events())
    found["fence refusal"] = sum(text.count("lease lost, nothing written") for text in children.logs().values())
    found["refresh quarantined"] = RefreshAttempt.objects.filter(outcome="unknown").count()
    found["spool replayed"] = reader.replayed
    found["found by reconciliation alone"] = Run.objects.aggregate(n=Sum("recovered"))["n"] or 0
    return found


def missing(found: Counter[str], *, seconds: float, without: str) -> list[str]:
    wanted = [*ALWAYS, *(IN_LONG_RUNS if seconds >= LONG else ())]
    return [name for name in wanted if not found[name] and name not in ONLY_WITH[without]]


def told(found: Counter[str]) -> str:
    return ", ".join(f"{found[name]}× {name}" for name in (*ALWAYS, *IN_LONG_RUNS))
