from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.models import Product
from inventory.documents import adopting
from inventory.management.seller_argument import seller_named


class Command(BaseCommand):
    help = "Take over the stock that Mercado Libre shows, of products nobody ever counted; each of them once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("nickname")
        parser.add_argument("--dry-run", action="store_true", help="print what would be taken over")

    def handle(self, *args: Any, **options: Any) -> None:
        account = seller_named(options["nickname"])
        try:
            done = adopting.found(account) if options["dry_run"] else adopting.adopt(account)
        except ValueError as problem:
            raise CommandError(f"{problem}: link one on the page Warehouses.") from problem
        skus = Product.objects.in_bulk([*(one.product_id for one in done.plain), *done.differ])
        for one in done.plain:
            self.stdout.write(f"{skus[one.product_id].sku}: {one.units}")
        for pk in done.differ:
            self.stdout.write(f"{skus[pk].sku}: its listings show different quantities, count it")
        what = "would be taken over" if options["dry_run"] else "taken over"
        self.stdout.write(f"{len(done.plain)} products {what}, {len(done.differ)} to be counted.")
