"""Put a seller back into observe mode."""

from typing import Any

import pghistory
from django.core.management.base import BaseCommand, CommandError, CommandParser

from sellers.connection import accounts
from sellers.models import SellerAccount


class Command(BaseCommand):
    help = "Enter observe mode: the seller is read and computed as before, nothing is sent to Mercado Libre."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("nickname", metavar="NICKNAME")

    def handle(self, *args: Any, nickname: str, **options: Any) -> None:
        account = SellerAccount.objects.filter(nickname=nickname).first()
        if account is None:
            known = ", ".join(SellerAccount.objects.values_list("nickname", flat=True)) or "none"
            raise CommandError(f"No seller is called {nickname!r}. Known: {known}.")
        if account.mode == SellerAccount.Mode.OBSERVE:
            self.stdout.write(f"{account} observes already.")
            return
        with pghistory.context(command="observe"):
            accounts.observe(account)
        self.stdout.write(f"{account} observes: nothing is sent to Mercado Libre.")
