"""Import catalogs now, in the foreground."""

import os
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.imports import importing
from sellers.models import Job, SellerAccount
from sellers.queue import work

PAUSE = 0.5
WIDTH = 30
OVER = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)


class Command(BaseCommand):
    help = "Import the catalog of all connected sellers, or of one, with a progress bar."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seller", metavar="NICKNAME")

    def handle(self, *args: Any, seller: str | None, **options: Any) -> None:
        failed = [account.nickname for account in self.accounts(seller) if not self.sync(account)]
        if failed:
            raise CommandError(f"Not finished: {', '.join(failed)}.")

    def accounts(self, nickname: str | None) -> list[SellerAccount]:
        connected = SellerAccount.objects.connected()
        found = list(connected.filter(nickname=nickname) if nickname else connected)
        if not found:
            known = ", ".join(connected.values_list("nickname", flat=True)) or "none"
            raise CommandError(f"No connected seller {nickname or ''}. Connected: {known}.".replace("  ", " "))
        return found

    def sync(self, account: SellerAccount) -> bool:
        """Run a seller's import to its end, by this process or by a worker that was faster."""
        job = importing.start(account=account)
        while job.state not in OVER:
            if not work.drain(work.lane_of("job"), who=f"sync_catalog-{os.getpid()}", seconds=1, batch=1):
                self.wait(account)
            job.refresh_from_db()
            self.show(account, job)
        self.stdout.write("")
        if job.state != Job.State.DONE:
            self.stderr.write(f"{account.nickname}: {job.message or job.get_state_display()}")
            return False
        found = job.result
        words = "{new} new, {changed} changed, {linked} linked, {missing} missing".format(**found)
        self.stdout.write(f"{account.nickname}: {job.done} listings: {words}, {job.errors} with errors.")
        for problem in found["problems"]:
            self.stderr.write(f"  {problem['item_id']}: {problem['reason']}")
        return True

    def wait(self, account: SellerAccount) -> None:
        """Somebody else has the row, or it is not due: look again soon, while there is hope."""
        account.refresh_from_db()
        if account.status != SellerAccount.Status.CONNECTED:
            raise CommandError(f"{account.nickname} {account.get_status_display().lower()}: {account.status_reason}")
        time.sleep(PAUSE)

    def show(self, account: SellerAccount, job: Job) -> None:
        filled = WIDTH * job.done // job.total if job.total else 0
        bar = "#" * filled + "." * (WIDTH - filled)
        self.stdout.write(f"\r{account.nickname} [{bar}] {job.done}/{job.total or '?'}", ending="")
        self.stdout.flush()
