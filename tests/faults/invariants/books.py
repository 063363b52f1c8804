"""Books and documents."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Sum

from inventory import ledger
from inventory.models import Receipt, StockCount, StockLevel, StockMovement, TransferLine
from tests.faults.invariants.look import Look


def books_add_up(look: Look) -> Iterator[str]:
    yield from (str(mismatch) for mismatch in ledger.verify())
    sums = StockMovement.objects.values("level").annotate(on_hand=Sum("on_hand_delta"), reserved=Sum("reserved_delta"))
    moved = {row["level"]: (row["on_hand"], row["reserved"]) for row in sums}
    for level in StockLevel.objects.all():
        if moved.get(level.pk, (0, 0)) != (level.on_hand, level.reserved):
            yield f"level {level.pk} is {level.on_hand}/{level.reserved}, its movements make {moved.get(level.pk)}"


def documents_are_booked(look: Look) -> Iterator[str]:
    """Receipts, transfers and counts: what they say is in the ledger, once."""
    for receipt in Receipt.objects.all():
        booked = StockMovement.objects.filter(operation=f"receipt:{receipt.pk}").aggregate(n=Sum("on_hand_delta"))["n"]
        if (booked or 0) != receipt.units:
            yield f"receipt {receipt.pk} of {receipt.units} units booked {booked}"
    on_the_way = TransferLine.objects.aggregate(n=Sum(F("sent") - F("received") - F("missing")))["n"] or 0
    in_transit = StockLevel.objects.filter(warehouse__kind="transit").aggregate(n=Sum("on_hand"))["n"] or 0
    if on_the_way != in_transit:
        yield f"{on_the_way} units are on their way, the warehouse of the way holds {in_transit}"
    for count in StockCount.objects.all():
        booked = StockMovement.objects.filter(operation=f"count:{count.pk}").exists()
        if booked != (count.state == "approved"):
            yield f"count {count.pk} is {count.state}, booked: {booked}"
