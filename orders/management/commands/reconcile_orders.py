"""Read every order that changed from Mercado Libre, now."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from orders.imports import foreground
from orders.models import Run
from orders.runs import reconciliation, runs
from sellers import clock
from sellers.models import SellerAccount


class Command(BaseCommand):
    help = "Ask Mercado Libre for every order that changed, and make orders and stock follow. Repeating is harmless."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seller", metavar="NICKNAME", help="only this seller; all connected ones otherwise")
        parser.add_argument("--since", metavar="ISO", help="changes since this time; since the last pass otherwise")

    def handle(self, *args: Any, seller: str | None, since: str | None, **options: Any) -> None:
        start = foreground.moment(since) if since else None
        waiting = sum(self.reconcile(account, start) for account in foreground.sellers_named(seller))
        if waiting:
            raise CommandError(f"{waiting} orders could not be read yet; the workers go on trying.")

    def reconcile(self, account: SellerAccount, since: datetime | None) -> int:
        begun = clock.now()
        start = since or reconciliation.start_of(account)
        self.stdout.write(f"{account}: changes since {start:%Y-%m-%d %H:%M} UTC")
        run = runs.begin(account, kind=Run.Kind.ORDERS, key=Run.Reason.COMMAND, since=start, until=begun)
        with foreground.explained(account), runs.told(run, kind="order_poll", fails=None):
            found = reconciliation.read(account, start, begun, between=self.progress)
        with transaction.atomic():
            wanted = reconciliation.take_in(run, found, start=start, begun=begun)
        self.stdout.write(f"{account}: {len(found.orders)} orders changed, {len(wanted)} to be read")
        left = foreground.work_off([(account.pk, "order", str(order_id)) for order_id in wanted], self.stdout)
        foreground.tell(run, self.stdout)
        return left

    def progress(self, seen: int) -> None:
        self.stdout.write(f"  {seen} orders found")
