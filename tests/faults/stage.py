"""What a flow needs: the merchant's shop at both ends, and what people and Mercado Libre do to it."""

from __future__ import annotations

import io
import json
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from catalog.imports.storing import save_item
from catalog.models import Listing, Product, SkuMapping, Variation
from config import intake
from inventory import ledger
from inventory.models import StockLevel, StockTarget, Warehouse
from inventory.places import links, stores
from inventory.pushes import wants
from sandbox.state import Item
from sandbox.world import World
from sellers.connection.clients import client_for
from sellers.models import SellerAccount
from sellers.notifications import inbox
from sellers.queue import work
from tests.bench.market import Market
from tests.flows.conftest import Shop

BY_PLACE = ("normal", "user_product_seller", "warehouse_management", "multiwarehouse")


@dataclass
class Depots:
    """A seller who keeps stock by warehouse: two stores, of which each is one of our warehouses."""

    account: SellerAccount
    seller: Any
    cup: Product
    north: Warehouse
    south: Warehouse


@dataclass
class Stage:
    """`answered` is a file, so that it outlives a process: one line for each notification that was told 200."""

    world: World
    market: Market
    shop: Shop
    connect: Any
    owner: Any
    folder: Path
    told: list[dict[str, Any]] = field(default_factory=list)

    # --- Mercado Libre

    def hear(self) -> None:
        """Take what Mercado Libre would send now."""
        self.told += self.world.drain_notifications()

    def send(self) -> None:
        """Mercado Libre sends what was not told 200 so far."""
        for body in self.told[self.answered :]:
            if post(body) == 200:
                with (self.folder / "answered").open("a") as file:
                    file.write("200\n")

    @property
    def answered(self) -> int:
        file = self.folder / "answered"
        return len(file.read_text().splitlines()) if file.exists() else 0

    def deliver(self, only: str = "") -> None:
        """Everything that is told, or of one topic, arrives and is stored; the rest is lost."""
        if waiting := [body for body in self.world.drain_notifications() if only in ("", body["topic"])]:
            with connection.cursor() as cursor:
                inbox.store(cursor, [inbox.read(json.dumps(body).encode()) for body in waiting])

    # --- workers

    def drain(self, *lanes: str) -> None:
        for lane in lanes:
            work.drain(settings.LANES[lane], who="one that dies")

    # --- staff

    def publish(self, account: SellerAccount, seller: Any, **details: Any) -> Item:
        """A listing put up at Mercado Libre and imported."""
        item: Item = seller.add_item(**details)
        save_item(account, client_for(account).item(item.id), self.world.now())
        self.world.drain_notifications()
        return item

    def publish_and_link(self, account: SellerAccount, seller: Any, product: Product, **details: Any) -> Item:
        """The same, and linked."""
        item = self.publish(account, seller, **details)
        self.link(product, item.id)
        return item

    def link(self, product: Product, *item_ids: str) -> None:
        """Listings that are known become a product's, with every variation, and their pushes are asked for."""
        units = list(Variation.objects.filter(listing__item_id__in=item_ids))
        for variation in units:
            SkuMapping.objects.update_or_create(
                variation=variation, defaults={"product": product, "units": 1, "source": SkuMapping.Source.TYPED}
            )
        wants.want_variations([one.pk for one in units])

    def seller_of(self, account: SellerAccount) -> Any:
        """The same seller at Mercado Libre."""
        return self.world.sellers[account.ml_user_id]

    def receive(self, product: Product, units: int, *, warehouse: Warehouse | None = None) -> None:
        """Units come in, or are found broken where they are below zero."""
        place, operation = warehouse or self.main, str(uuid.uuid4())
        if units > 0:
            ledger.receive(product=product, warehouse=place, quantity=units, operation=operation)
        else:
            ledger.adjust(product=product, warehouse=place, delta=units, operation=operation, reason="broken")

    def depots(self) -> Depots:
        seller = self.world.add_seller("DOS_DEPOSITOS", tags=BY_PLACE)
        account = self.connect(seller, mode="live")
        cup = Product.objects.create(sku="COPA", name="Copa")
        made = []
        for name, units in (("Norte", 5), ("Sur", 3)):
            store = seller.add_store(name)
            link, _new = stores.make_warehouse(account, links.store_named(account, store.id))
            ledger.receive(product=cup, warehouse=link.warehouse, quantity=units, operation=f"in-{name}")
            made.append(link.warehouse)
        return Depots(account, seller, cup, *made)

    def was_equal_for_an_hour(self) -> None:
        """What was accepted and seen is old: what differs from now on is no copy that is on its way."""
        then = self.world.now() - timedelta(hours=1)
        StockTarget.objects.update(accepted_at=then, observed_at=then)
        Listing.objects.update(seen_at=then)

    @property
    def main(self) -> Warehouse:
        return Warehouse.objects.get(code="MAIN")

    def level(self, product: Product | None = None, warehouse: Warehouse | None = None) -> tuple[int, int]:
        """(on hand, reserved), of the mug in the main warehouse unless said."""
        found = StockLevel.objects.get(product=product or self.shop.mug, warehouse=warehouse or self.main)
        return found.on_hand, found.reserved

    def shown(self) -> tuple[int, int, int]:
        """What Mercado Libre shows of the mug, on its three listings."""
        items, shop = self.world.items, self.shop
        blue = next(one for one in items[shop.mug_set_at_casa].variations if one.id == shop.blue)
        plain, abroad = items[shop.mug_at_casa], items[shop.mug_at_aurora]
        return plain.available_quantity, blue.available_quantity, abroad.available_quantity

    def unit(self, item_id: str, variation_id: int = 0) -> Variation:
        return Variation.objects.select_related("listing").get(listing__item_id=item_id, variation_id=variation_id)


def post(body: dict[str, Any]) -> int:
    """One request to the notification URL. Returns the status."""
    answers: list[int] = []
    request = {
        "PATH_INFO": intake.PATH,
        "REQUEST_METHOD": "POST",
        "wsgi.input": io.BytesIO(json.dumps(body).encode()),
        "REMOTE_ADDR": "127.0.0.1",
    }
    intake.application(request, lambda status, headers: answers.append(int(status.split()[0])))
    return answers[0]
