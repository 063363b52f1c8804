"""manage.py status: how the connection to Mercado Libre stands."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from dashboard import numbers, status
from dashboard.status_text import as_text
from sellers import clock


class Command(BaseCommand):
    help = "Print sellers, work and processes: the numbers of /readyz and Today."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = numbers.read(clock.now())
        except OperationalError as error:
            raise CommandError(f"The database does not answer: {error}") from error
        self.stdout.write(json.dumps(status.as_report(found), indent=2) if options["as_json"] else as_text(found))
