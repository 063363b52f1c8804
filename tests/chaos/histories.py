"""What the whole way has to look like, not only its end: leases, chains of tokens, what orders became."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from orders.models import OrderLine
from sandbox.buyers import FIRST_NAMES, LAST_NAMES
from sellers.models import Grant, RefreshAttempt
from tests.chaos import watching
from tests.faults.invariants import Look

if TYPE_CHECKING:
    from tests.chaos.invariants import Run

TO_THE_SECOND = len("2026-11-22T10:30:00")
# Who bought: whole names, and what Mercado Libre calls their parts.
PERSONAL = rf"({'|'.join(FIRST_NAMES)}) ({'|'.join(LAST_NAMES)})|\"(first|last|receiver)_name\""


def leases_are_exclusive(run: Run, look: Look) -> Iterator[str]:
    """No row was given to a second worker while one held it, and none was completed by who held none."""
    seen = watching.events()
    yield from (f"{seen[what]}× {what}" for what in ("lease given twice", "done without a lease") if seen[what])


def chains_have_no_gaps(run: Run, look: Look) -> Iterator[str]:
    """Generations are 0, 1, 2 … and every pair that was issued is one of them, but those whose answer was lost: for
    each there is an attempt whose fate we did not know."""
    chains: dict[tuple[int, int], list[int]] = defaultdict(list)
    kept: Counter[int] = Counter()
    for seller, account, chain, generation in Grant.objects.values_list(
        "account__ml_user_id", "account", "chain", "generation"
    ):
        chains[account, chain].append(generation)
        kept[seller] += 1
    for name, numbers in chains.items():
        if sorted(numbers) != list(range(len(numbers))):
            yield f"chain {name} has the generations {sorted(numbers)}"
    issued = Counter(event["user_id"] for event in run.made.look("tokens")["history"] if event["issued"])
    unknown = Counter(RefreshAttempt.objects.filter(outcome="unknown").values_list("account__ml_user_id", flat=True))
    for seller, count in issued.items():
        if not 0 <= count - kept[seller] <= unknown[seller]:
            yield f"seller {seller}: {count} pairs were issued, {kept[seller]} kept, {unknown[seller]} fates unknown"


def orders_say_the_same(run: Run, look: Look) -> Iterator[str]:
    """When they last changed, to the second, and what was bought."""
    for line in OrderLine.objects.select_related("order"):
        there = look.orders.get(line.order_id)
        if there is None:
            continue
        ours = line.item_id, line.variation_id, line.order.ml_last_updated.isoformat()[:TO_THE_SECOND]
        theirs = there["item_id"], there["variation_id"] or 0, there["last_updated"][:TO_THE_SECOND]
        if ours != theirs:
            yield f"order {line.order_id} is {ours}, there {theirs}"
