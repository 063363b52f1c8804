from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inventory.management.seller_argument import seller_named
from inventory.pushes import go_live
from sellers.models import SellerAccount


class Command(BaseCommand):
    help = "Begin to write to Mercado Libre for a seller. --dry-run prints what would be sent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("nickname")
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        account = seller_named(options["nickname"])
        if account.status != SellerAccount.Status.CONNECTED:
            raise CommandError(f"{account.nickname} is not connected: let the seller connect again.")
        if options["dry_run"]:
            self.show(go_live.preview_of(account))
        elif go_live.go_live(account=account):
            self.stdout.write(f"{account.nickname} is live: what differs is being sent.")
        else:
            self.stdout.write(f"{account.nickname} was live already.")

    def show(self, preview: go_live.Preview) -> None:
        for one in preview.changes:
            sku = one.variation.mapping.product.sku
            self.stdout.write(f"{one.variation} {sku}: {one.variation.available_quantity} -> {one.quantity}")
        for price in preview.prices:
            self.stdout.write(f"{price.listing.item_id} price: {price.old} -> {price.new} {price.listing.currency_id}")
        self.stdout.write(
            f"{preview.will_change} quantities would change ({preview.to_zero} to zero), {preview.equal} are equal, "
            f"{len(preview.prices)} prices would change, {preview.not_written} are not written, "
            f"{preview.unlinked} are not linked."
        )
