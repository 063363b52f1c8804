"""Read the notifications that Mercado Libre could not deliver, now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from mercadolibre.errors import Forbidden, PolicyDenied
from orders.imports import foreground
from orders.models import Run
from orders.runs import missed, runs
from sellers import clock
from sellers.connection.clients import client_for
from sellers.models import SellerAccount

NOT_THE_OWNER = (
    "Mercado Libre shows missed notifications only to the owner of the application. "
    "Connect the owner's account, or run reconcile_orders instead."
)


class Command(BaseCommand):
    help = "Recover what Mercado Libre announced in the last two days and nobody took. Repeating is harmless."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seller", metavar="NICKNAME", help="read with this seller's access; any otherwise")

    def handle(self, *args: Any, seller: str | None, **options: Any) -> None:
        readers = foreground.sellers_named(seller)
        waiting = [self.recover(account) for account in readers]
        if readers and all(left is None for left in waiting):
            raise CommandError(NOT_THE_OWNER)
        if left := sum(filter(None, waiting)):
            raise CommandError(f"{left} could not be read yet; the workers go on trying.")

    def recover(self, account: SellerAccount) -> int | None:
        """How much is left to do; None for a seller who may not read."""
        run = runs.begin(account, kind=Run.Kind.MISSED, key=Run.Reason.COMMAND, since=None, until=clock.now())
        try:
            with foreground.explained(account), runs.told(run, kind=missed.MISSED, fails=None):
                found = missed.read(client_for(account))
        except CommandError as refusal:
            if not isinstance(refusal.__cause__, Forbidden) or isinstance(refusal.__cause__, PolicyDenied):
                raise
            missed.refused(run)
            self.stdout.write(f"{account}: does not own the application, passed over")
            return None
        with transaction.atomic():
            wanted = missed.take_in(run, found)
        self.stdout.write(
            f"{account}: {len(found.notifications)} missed notifications, {len(wanted)} to be looked into"
        )
        left = foreground.work_off(wanted, self.stdout)
        foreground.tell(run, self.stdout)
        return left
