from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from inventory.models import Warehouse


class Command(BaseCommand):
    help = "Add a warehouse. Its code is what files and other commands call it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code")
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        warehouse = Warehouse(code=options["code"].strip().upper(), name=options["name"].strip())
        try:
            warehouse.full_clean()
        except ValidationError as error:
            told = " ".join(f"{name}: {' '.join(words)}" for name, words in error.message_dict.items())
            raise CommandError(told) from error
        warehouse.save()
        self.stdout.write(f"Warehouse {warehouse.code} added.")
