"""manage.py writes: stop what is written to Mercado Libre, see what is stopped, go on."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sellers.brakes import stops
from sellers.connection import accounts
from sellers.models import SellerAccount, WriteStop
from ui.stored import told


class Command(BaseCommand):
    help = "Stop all writes to Mercado Libre (or those of one seller), show what is stopped, go on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["stop", "go-on", "show"])
        parser.add_argument("--reason", default="", help="why; needed to stop, and shown on every page")
        parser.add_argument("--seller", help="nickname; all sellers unless given")

    def handle(self, *args: Any, **options: Any) -> None:
        what, reason, seller = options["what"], options["reason"], options["seller"]
        if what == "stop" and not reason:
            raise CommandError("Say why with --reason.")
        account = self.account(seller) if seller else None
        if what == "stop":
            self.stop(account, reason)
        elif what == "go-on":
            self.go_on(account)
        self.show()

    def account(self, nickname: str) -> SellerAccount:
        found = SellerAccount.objects.filter(nickname=nickname).first()
        if found is None:
            raise CommandError(f"No seller is called {nickname}.")
        return found

    def stop(self, account: SellerAccount | None, reason: str) -> None:
        if account is not None:
            accounts.pause(account, by="command", reason=reason)
        elif not stops.stop(reason=reason):
            raise CommandError("Writing is stopped already.")

    def go_on(self, account: SellerAccount | None) -> None:
        if account is not None:
            accounts.resume(account)
            return
        for stop in stops.active().filter(cause=WriteStop.Cause.STAFF):
            stops.go_on(stop.pk)

    def show(self) -> None:
        for stop in stops.active():
            by = stop.started_by or "the installation" if stop.is_own_finding else stop.started_by or "command"
            self.stdout.write(f"stopped since {stop.started_at:%Y-%m-%d %H:%M} UTC by {by}: {told(stop.reason)}")
        for account in SellerAccount.objects.filter(pushes_paused=True):
            self.stdout.write(f"paused: {account.nickname} {told(account.status_reason)}".rstrip())
