from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inventory import ledger
from inventory.models import StockLevel, StockMovement

WORDS = {
    "sum": "the movements do not add up to the level",
    "chain": "{count} movements are not numbered without gaps",
    "after": "{count} movements carry a wrong level after them",
}


class Command(BaseCommand):
    help = "Add up every movement of the ledger and compare with the levels. Fails where anything differs."

    def handle(self, *args: Any, **options: Any) -> None:
        mismatches = ledger.verify()
        for one in mismatches:
            self.stderr.write(f"{one.sku} in {one.warehouse}: {WORDS[one.problem].format(count=one.count)}")
        if mismatches:
            raise CommandError(f"{len(mismatches)} mismatches: somebody wrote to the database around the ledger.")
        levels, movements = StockLevel.objects.count(), StockMovement.objects.count()
        self.stdout.write(f"The ledger adds up: {movements} movements, {levels} levels.")
