"""manage.py status: how the connection to Mercado Libre stands."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from django.utils import timezone

from dashboard import status


class Command(BaseCommand):
    help = "Print sellers, work and processes: the numbers of /readyz and Today."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = status.report(timezone.now())
        except OperationalError as error:
            raise CommandError(f"The database does not answer: {error}") from error
        self.stdout.write(json.dumps(report, indent=2) if options["as_json"] else "\n".join(as_text(report)))


def as_text(report: dict[str, list[dict[str, Any]]]) -> list[str]:
    lines = []
    for name, rows in report.items():
        lines += [name.upper(), *(table(rows) or ["  none"]), ""]
    return lines[:-1]


def table(rows: list[dict[str, Any]]) -> list[str]:
    """Columns as wide as their widest value."""
    if not rows:
        return []
    cells = [list(rows[0]), *([shown(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    ]


def shown(value: Any) -> str:
    return "-" if value is None else str(value)
