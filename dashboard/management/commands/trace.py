"""manage.py trace: the path of one sale, or of one piece of work."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from dashboard import trace
from dashboard.wording import length


class Command(BaseCommand):
    help = "Print what happened to a sale, or to a piece of work, with times (UTC) and the ids that log lines carry."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", type=int, metavar="ORDER_ID|WORK_ID", help="an order, a pack or a work row")

    def handle(self, *args: Any, number: int, **options: Any) -> None:
        try:
            steps = trace.path_of(number)
        except trace.Unknown as unknown:
            raise CommandError(
                _("There is no order, pack or piece of work with the number %(number)s.") % {"number": number}
            ) from unknown
        for step in steps:
            lag = "" if step.after is None else f"+{length(step.after)}"
            self.stdout.write(f"{step.at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3] + f"  {lag:>9}  {step.what}")
