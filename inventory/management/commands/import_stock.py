"""Counted quantities from a spreadsheet, through the ledger: all of them, none, or a count that waits."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from inventory.documents import counting
from inventory.documents.direct_counts import NeedsPerson
from inventory.models import StockCount
from ui.importing import UnreadableFile, read_rows

SHOWN = 20
TOO_MUCH = (
    "Nothing was written: more than a fifth of the units differ. Say who counted with --by USERNAME; it then waits for"
    " somebody's approval on the page Stock counts."
)
WAITS = "by more than a fifth of the units: count %s waits for approval, and stock stays as it is until then."


class Command(BaseCommand):
    help = "Set on hand to the counted quantities of a CSV or XLSX file with the columns sku and on_hand."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--warehouse", required=True, metavar="CODE")
        parser.add_argument(
            "--by", metavar="USERNAME", help="who counted: where much differs, somebody else approves it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            with path.open("rb") as file:
                rows = read_rows(file, ["sku", "on_hand"])
            counted = counting.read(rows, warehouse_code=options["warehouse"])
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror or error}.") from error
        except (UnreadableFile, counting.UnknownWarehouse) as error:
            raise CommandError(str(error)) from error
        except counting.WrongRows as wrong:
            more = f"\n… and {len(wrong.problems) - SHOWN} more" if len(wrong.problems) > SHOWN else ""
            told = "\n".join(wrong.problems[:SHOWN])
            raise CommandError(f"Nothing was written, these rows are wrong:\n{told}{more}") from wrong
        try:
            done = counting.apply(counted, reason=path.name, by=person_named(options["by"]))
        except NeedsPerson as refused:
            raise CommandError(TOO_MUCH) from refused
        self.stdout.write(summary(counted, done))


def summary(counted: counting.Counted, done: StockCount | int) -> str:
    read = f"{len(counted.counts)} counted in {counted.warehouse.code}"
    if isinstance(done, StockCount):
        return f"{read}. {done.lines.count()} of them differ, {WAITS % done.pk}"
    return f"{read}, {done} of them differed."


def person_named(username: str | None) -> Any:
    if not username:
        return None
    found = get_user_model()._default_manager.filter(username=username, is_active=True).first()
    if found is None:
        raise CommandError(f"There is nobody called {username}.")
    return found
