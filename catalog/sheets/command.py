"""What the commands that import a spreadsheet share: read, check wholly, write or refuse."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.kits import KitRefused
from catalog.mapping.sku_mapping import MappingRefused
from catalog.prices.price_changes import PriceRefused
from catalog.sheets.sheets import Kind, Plan
from ui.importing import Row, UnreadableFile, read_rows

SHOWN = 20


class SheetCommand(BaseCommand):
    """Set the columns, `plan` and `apply`. Bad input: the rows are named, nothing is written, the exit code is 1."""

    columns: Sequence[str] = ()
    optional: Sequence[str] = ()
    what = "rows"
    plan: Callable[[Sequence[Row]], Plan]
    apply: Callable[..., int]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV or XLSX with a heading")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        planned = type(self).plan(self.read(file))
        if not planned.is_clean:
            raise CommandError(problems_of(planned, file))
        try:
            written = type(self).apply(planned, by=None)
        except (KitRefused, MappingRefused, PriceRefused) as refusal:
            raise CommandError(f"{file}: nothing was written. {refusal}") from refusal
        new, changed, same = (len(planned.of(kind)) for kind in (Kind.NEW, Kind.CHANGED, Kind.SAME))
        words = f"{file.name}: {written} {self.what} written ({new} new, {changed} changed, {same} as they were)."
        self.stdout.write(self.style.SUCCESS(words))

    def read(self, file: Path) -> list[Row]:
        try:
            with file.open("rb") as content:
                return read_rows(content, self.columns, optional=self.optional)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}.") from error
        except UnreadableFile as problem:
            raise CommandError(f"{file}: {problem}") from problem


def problems_of(plan: Plan, file: Path) -> str:
    found = plan.problems
    shown = [f"  {problem}" for problem in found[:SHOWN]]
    more = [f"  … and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return "\n".join([f"{file}: nothing was written, {len(found)} row(s) cannot be taken:", *shown, *more])
