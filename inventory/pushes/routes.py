"""How a unit's quantities are read at Mercado Libre and written there: through an item, or place by place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from catalog.imports import storing
from inventory.pushes.attempts import Change
from inventory.targets import lamps
from inventory.targets.intents import Intent, Unit, unit_of
from inventory.targets.stock_targets import Dialect
from mercadolibre import errors
from mercadolibre.client import Client, VariationSet
from mercadolibre.resources.items import Item
from mercadolibre.resources.stock import SELLER_WAREHOUSE, SELLING_ADDRESS, UserProductStock
from mercadolibre.resources.writes import WriteResult
from mercadolibre.warehouses import WarehouseSet
from sellers import clock

FIRST_VERSION = 1  # of a user product whose stock was never set
WRITERS = 3  # listings of one user product that are tried when one after the other turns out to be frozen


@dataclass(frozen=True)
class Reading:
    """What ML shows of a unit, what differs from what is wanted, and the call that would make it equal."""

    unit: Unit
    written: tuple[Intent, ...] = ()  # the sellable units this call writes
    shown: dict[int, int] = field(default_factory=dict)  # our variation id -> quantity
    places: dict[tuple[int, str], int] = field(default_factory=dict)  # the same by store, "" where there are none
    changes: tuple[Change, ...] = ()
    write: Callable[[], WriteResult] = lambda: _nothing_to_write()
    version: int | None = None

    @property
    def item_id(self) -> str:
        return self.written[0].variation.listing.item_id if self.written else ""


class Route(Protocol):
    def read(self) -> Reading: ...


def route_of(unit: Unit, client: Client) -> Route:
    """By the dialect of the unit's first written member; all of a unit share one."""
    return ItemRoute(unit, client) if is_through_item(unit) else PlaceRoute(unit, client)


def is_through_item(unit: Unit) -> bool:
    return unit.written[0].choice.dialect.through_item


def quantities_of(item: Item) -> dict[int, int]:
    """Quantities by ML's variation id; 0 is the item itself."""
    if item.variations:
        return {one.id: one.available_quantity for one in item.variations if one.available_quantity is not None}
    return {} if item.available_quantity is None else {0: item.available_quantity}


@dataclass
class ItemRoute:
    """PUT /items/{id}. Of the listings that share a user product one is written, ML copies to the others."""

    unit: Unit
    client: Client
    item_id: str = ""  # the listing chosen: read back what was written

    def read(self) -> Reading:
        for _ in range(WRITERS):
            item_id = writer_of(self.unit, chosen=self.item_id)
            if item_id is None:
                break
            item = self.client.item(item_id)
            saved = storing.save_item(self.unit.account, item, clock.now())
            if saved.shape:
                lamps.gone([saved.listing.pk])
            saved.check_shape()
            self.unit = unit_of(self.unit.account, self.unit.key)
            reading = reading_of(self.unit, item, self.client)
            if reading.written:
                self.item_id = item.id
                return reading
        return Reading(self.unit)


def writer_of(unit: Unit, *, chosen: str = "") -> str | None:
    """The listing to write by: the one chosen before, or one that shows something else than wanted."""

    def order(one: Intent) -> tuple[bool, bool, str]:
        item_id = one.variation.listing.item_id
        return item_id != chosen, one.variation.available_quantity == one.quantity, item_id

    writer = min(unit.written, key=order, default=None)
    return None if writer is None else writer.variation.listing.item_id


def reading_of(unit: Unit, item: Item, client: Client) -> Reading:
    """What an item that was just read shows of a unit; nothing is `written` where it cannot be written by it."""
    written = tuple(one for one in unit.written if one.variation.listing.item_id == item.id)
    by_id = quantities_of(item)
    shown = {
        one.variation.pk: by_id[one.variation.variation_id] for one in written if one.variation.variation_id in by_id
    }
    changes = tuple(
        Change(one.variation.pk, one.variation.variation_id, shown[one.variation.pk], one.quantity, item.id)
        for one in written
        if one.quantity is not None and shown.get(one.variation.pk, one.quantity) != one.quantity
    )
    places = {(pk, ""): quantity for pk, quantity in shown.items()}
    return Reading(unit, written, shown, places, changes, lambda: _write_item(client, item, changes))


def _write_item(client: Client, item: Item, changes: Sequence[Change]) -> WriteResult:
    if not item.variations:
        return client.set_quantity(item, changes[0].new)
    quantities = VariationSet.from_item(item)
    for change in changes:
        quantities = quantities.with_quantity(change.variation_id, change.new)
    return client.set_quantity(item, quantities)


@dataclass
class PlaceRoute:
    """PUT /user-products/{id}/stock/type/…, against the version that was read."""

    unit: Unit
    client: Client

    def read(self) -> Reading:
        stock = self._stock()
        self.unit = unit_of(self.unit.account, self.unit.key)
        written = tuple(one for one in self.unit.written if not one.choice.dialect.through_item)
        if not written:
            return Reading(self.unit)
        intent = written[0]
        if intent.choice.dialect == Dialect.SELLING_ADDRESS:
            return self._reading(stock, written, SELLING_ADDRESS, {"": intent.quantity or 0})
        return self._reading(stock, written, SELLER_WAREHOUSE, intent.stores)

    def _stock(self) -> UserProductStock:
        try:
            return self.client.user_product_stock(self.unit.key)
        except errors.NotFound:
            return UserProductStock(self.unit.key, None, (), None, FIRST_VERSION)

    def _reading(
        self, stock: UserProductStock, written: tuple[Intent, ...], kind: str, wanted: dict[str, int]
    ) -> Reading:
        there = {place.store_id or "": place.quantity for place in stock.locations if place.type == kind}
        total = sum(there.get(store_id, 0) for store_id in wanted)
        first = written[0].variation
        changes = tuple(
            Change(first.pk, first.variation_id, there.get(store_id, 0), new, first.listing.item_id, store_id)
            for store_id, new in wanted.items()
            if there.get(store_id, 0) != new
        )
        return Reading(
            self.unit,
            written,
            shown={one.variation.pk: total for one in written},
            places={(first.pk, store_id): there.get(store_id, 0) for store_id in wanted},
            changes=changes,
            write=lambda: self._write(stock, kind, wanted),
            version=stock.version,
        )

    def _write(self, stock: UserProductStock, kind: str, wanted: dict[str, int]) -> WriteResult:
        if kind == SELLING_ADDRESS:
            return self.client.set_selling_address_stock(self.unit.key, stock.version, wanted[""])
        return self.client.set_seller_warehouse_stock(self._warehouses(stock, wanted))

    def _warehouses(self, stock: UserProductStock, wanted: dict[str, int]) -> WarehouseSet:
        """All linked stores, and those that are not linked as they are: a PUT may mean all places."""
        nodes = {place.store_id: place.network_node_id or None for place in self.unit.written[0].places}
        places = WarehouseSet.from_stock(stock, {store_id: nodes.get(store_id) for store_id in wanted})
        for store_id, quantity in wanted.items():
            places = places.with_quantity(store_id, quantity)
        return places


def _nothing_to_write() -> WriteResult:
    raise ValueError("there is nothing to write")
