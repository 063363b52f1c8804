"""Seal all stored tokens with the first of FIELD_ENCRYPTION_KEYS."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from sellers.connection import rotation


class Command(BaseCommand):
    help = (
        "Re-encrypt stored tokens with the first of FIELD_ENCRYPTION_KEYS. Safe while everything runs, and to run"
        " again; then take the old key out of the setting."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = rotation.rotate()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{done.resealed} rows re-encrypted, {done.current} were already under the first key.")
        if done.lost:
            raise CommandError(
                f"{done.lost} rows open with none of FIELD_ENCRYPTION_KEYS. Put the missing key back and run this"
                " again, or let those sellers connect again."
            )
