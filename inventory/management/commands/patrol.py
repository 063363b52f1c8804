from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inventory.management.seller_argument import seller_named
from inventory.patrol import patrol, patrol_choice
from mercadolibre import errors
from sellers import clock
from sellers.models import SellerAccount
from sellers.queue.outcomes import TryLater

ROUNDS_OF_WAITING = 20


class Command(BaseCommand):
    help = "Read quantities and prices back from Mercado Libre now, all listings of one seller or of every one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seller", metavar="NICKNAME")

    def handle(self, *args: Any, **options: Any) -> None:
        named = options["seller"]
        accounts = [seller_named(named)] if named else list(SellerAccount.objects.connected())
        for account in accounts:
            if account.status != SellerAccount.Status.CONNECTED:
                raise CommandError(f"{account.nickname} is not connected: let the seller connect again.")
        for account in accounts:
            self.walk(account)

    def walk(self, account: SellerAccount) -> None:
        seen = waited = 0
        total, began = patrol_choice.how_many(account), clock.now()
        while seen < total:
            try:
                looked = patrol.look_at_next(account, began=began)
            except TryLater as later:
                waited += 1
                if waited > ROUNDS_OF_WAITING:
                    raise CommandError(f"{account.nickname}: {later}") from later
                time.sleep(later.delay.total_seconds())
                continue
            except errors.MeliError as error:
                told = errors.explain(error)
                raise CommandError(f"{account.nickname}: {told.meaning} {told.todo}") from error
            if not looked:
                break
            seen += looked
            self.bar(account, seen, total)
        self.stdout.write(f"{account.nickname}: {seen} listings read back.")

    def bar(self, account: SellerAccount, seen: int, total: int) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"\r{account.nickname}: {seen}/{total}", ending="\r")
            self.stdout.flush()
