from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inventory.documents import counting
from inventory.management.seller_argument import seller_named
from inventory.places import links
from mercadolibre import errors
from sellers.queue.outcomes import TryLater


class Command(BaseCommand):
    help = "Link one of our warehouses to a seller's store at Mercado Libre."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="our warehouse")
        parser.add_argument("--seller", required=True, metavar="NICKNAME")
        parser.add_argument("--store", required=True, metavar="STORE_ID")
        parser.add_argument("--priority", type=int, default=50, help="the lowest is used first")

    def handle(self, *args: Any, **options: Any) -> None:
        account = seller_named(options["seller"])
        if not 0 <= options["priority"] <= 999:
            raise CommandError("The priority is a number from 0 to 999.")
        try:
            warehouse = counting.warehouse_named(options["code"])
            store = links.store_named(account, options["store"])
            links.link(account=account, warehouse=warehouse, priority=options["priority"], store=store)
        except counting.UnknownWarehouse as error:
            raise CommandError(str(error)) from error
        except links.UnknownStore as error:
            raise CommandError(f"{account.nickname} has no store {options['store']} that holds stock.") from error
        except links.StoreTaken as error:
            raise CommandError(f"Store {options['store']} is linked to another warehouse already.") from error
        except links.OneStoreOnly as error:
            raise CommandError("The seller may keep stock in one warehouse, and another store is linked.") from error
        except errors.MeliError as error:
            told = errors.explain(error)
            raise CommandError(f"{told.meaning} {told.todo}") from error
        except TryLater as later:
            raise CommandError(str(later)) from later
        self.stdout.write(f"{warehouse.code} is store {store.id} ({store.description}) of {account.nickname}.")
