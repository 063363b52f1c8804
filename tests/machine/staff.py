"""What staff does."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from catalog.mapping import sku_mapping
from catalog.models import Listing, SkuMapping
from catalog.prices import price_changes
from inventory import ledger
from inventory.documents import receipts
from inventory.models import StockLevel
from inventory.rules import rule_changes
from tests.machine.state import FLOOR, State

EVERYTHING = 1000


class Staff(State):
    """Of the mugs in the main warehouse, if nothing else is said."""

    def receive(self, units: int) -> None:
        """Sent twice: the second changes nothing."""
        operation = uuid.uuid4()
        for _ in range(2):
            receipts.receive(warehouse=self.main, units={self.mug: units}, operation=operation, by=self.stage.owner)
        self.booked += units

    def adjust(self, delta: int) -> None:
        operation = str(uuid.uuid4())
        for _ in range(2):
            ledger.adjust(product=self.mug, warehouse=self.main, delta=delta, operation=operation, reason="broken")
        self.booked += delta

    def count(self, counted: int) -> None:
        """Whole parcels that were not told of yet may be in it or not: what differs is what staff changes."""
        before = StockLevel.objects.get(product=self.mug, warehouse=self.main).on_hand
        ledger.count(product=self.mug, warehouse=self.main, counted=counted, operation=str(uuid.uuid4()))
        self.booked += counted - before

    def link_red(self, *, to_mug: bool) -> None:
        unit = self.stage.unit(self.stage.shop.mug_set_at_casa, 12)
        product = self.mug if to_mug else self.begin.red
        sku_mapping.link(variation_ids=[unit.pk], product=product, units=1, source=SkuMapping.Source.TYPED, by=None)

    def unlink_red(self) -> None:
        sku_mapping.unlink(variation_ids=[self.stage.unit(self.stage.shop.mug_set_at_casa, 12).pk], by=None)

    def buffer(self, whose: str, units: int | None) -> None:
        listing = Listing.objects.get(item_id=self.stage.shop.mug_at_casa)
        change: Any = {
            "seller": lambda: rule_changes.OfSeller(self.accounts[0], units or 0, None),
            "product": lambda: rule_changes.OfProduct(self.mug, units, None, None),
            "listing": lambda: rule_changes.OfListing(listing, units),
        }[whose]()
        rule_changes.apply(change, seen_to_zero=EVERYTHING)

    def set_price(self, amount: int) -> None:
        price_changes.set_product_price(
            product=self.mug, currency_id="ARS", price=Decimal(amount), floor=FLOOR, by=self.stage.owner
        )
