"""Counted quantities from a spreadsheet, through the ledger: all of them or none."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inventory.documents import counting
from ui.importing import UnreadableFile, read_rows

SHOWN = 20


class Command(BaseCommand):
    help = "Set on hand to the counted quantities of a CSV or XLSX file with the columns sku and on_hand."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--warehouse", required=True, metavar="CODE")

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
        changed = counting.apply(counted, reason=path.name)
        self.stdout.write(f"{len(counted.counts)} counted in {counted.warehouse.code}, {changed} of them differed.")
