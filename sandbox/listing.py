"""Publishing: from a few words to a complete item with its user products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox import full
from sandbox.state import Holding, Item, Location, UserProduct, Variation

if TYPE_CHECKING:
    from sandbox.sellers import Seller

LISTING_LIFE = timedelta(days=20 * 365)
HOLDING_DETAILS = ("gtin", "seller_custom_field")
ITEM_DETAILS = {field.name for field in fields(Item) if field.init}


@dataclass(frozen=True)
class Stock:
    """Where the units of a new listing are, in units."""

    quantity: int
    stores: Mapping[str, int] | None = None
    full: int | None = None
    flex: int | None = None
    initialised: bool = True

    def locations(self, seller: Seller) -> list[Location]:
        if self.full is not None:
            return [*self._beside_full(seller), Location("meli_facility", self.full)]
        if seller.has_warehouses:
            return _warehouses(seller, self)
        return [Location("selling_address", self.quantity)]

    def _beside_full(self, seller: Seller) -> list[Location]:
        """Units that the seller keeps: in warehouses, or `flex` at the selling address."""
        if seller.has_warehouses:
            return _warehouses(seller, self) if self.stores is not None else []
        return [Location("selling_address", self.flex)] if self.flex is not None else []


def _warehouses(seller: Seller, stock: Stock) -> list[Location]:
    """One location per store; without a split everything is in the first."""
    usable = [store for store in seller.stores if store.is_stock_location]
    split = stock.stores or ({usable[0].id: stock.quantity} if usable else {})
    return [
        Location("seller_warehouse", split.get(store.id, 0), store.id, store.network_node_id)
        for store in usable
        if store.id in split or stock.stores is None
    ]


def publish(
    seller: Seller,
    *,
    title: str,
    price: Decimal,
    seller_sku: str | None,
    variations: Sequence[Mapping[str, Any]],
    item_id: str | None,
    stock: Stock,
    user_product_id: str | None,
    details: dict[str, Any],
) -> Item:
    """Add an item to the world. Raises ValueError for an id in use, TypeError for a detail that is not there."""
    world, now = seller.world, seller.world.now()
    item = Item(
        id=item_id or world.ids.item(seller.site_id),
        site_id=seller.site_id,
        seller_id=seller.user_id,
        title=title,
        price=price,
        currency_id=seller.site.currency_id,
        own=Holding("", 0, 0, seller_sku, **{name: details.pop(name, None) for name in HOLDING_DETAILS}),
        created_at=now,
        updated_at=now,
        stop_time=_stop_time(now, world.ids.between(0, 400)),
    )
    if item.id in world.items:
        raise ValueError(f"{item.id} is already there")
    _apply_details(item, details, stock)
    world.add(item)
    _attach_stock(seller, item, variations, stock, user_product_id)
    item.initial_quantity = item.available_quantity
    _start_status(item, details)
    return item


def _stop_time(now: datetime, days: int) -> datetime:
    return (now + LISTING_LIFE - timedelta(days=days)).replace(hour=4, minute=0, second=0, microsecond=0)


def _apply_details(item: Item, details: Mapping[str, Any], stock: Stock) -> None:
    unknown = set(details) - ITEM_DETAILS
    if unknown:
        raise TypeError(f"a listing has no {', '.join(sorted(unknown))}")
    item.category_id = f"{item.site_id}1574"
    item.domain_id = f"{item.site_id}-HOME"
    item.picture = f"{item.number % 900000 + 100000}-{item.site_id}{item.number}_102026"
    item.logistic_type = "fulfillment" if stock.full is not None else "cross_docking"
    for name, value in details.items():
        setattr(item, name, list(value) if isinstance(value, tuple) else value)


def _start_status(item: Item, details: Mapping[str, Any]) -> None:
    """A listing put up without units is paused from the start."""
    if "status" not in details and item.available_quantity == 0:
        item.status, item.sub_status = "paused", ["out_of_stock"]


def _attach_stock(
    seller: Seller, item: Item, variations: Sequence[Mapping[str, Any]], stock: Stock, user_product_id: str | None
) -> None:
    for spec in variations:
        item.variations.append(make_variation(seller, item, spec, stock.full is not None))
    if not variations:
        _hold(seller, item, item.own, stock, user_product_id)


def make_variation(seller: Seller, item: Item, spec: Mapping[str, Any], in_full: bool = False) -> Variation:
    """A variation with a user product of its own, or another listing of the one named."""
    variation = Variation(
        "",
        0,
        int(spec.get("sold_quantity", 0)),
        spec.get("seller_sku"),
        spec.get("seller_custom_field"),
        spec.get("gtin"),
        id=int(spec.get("id") or seller.world.ids.number("variation")),
        combination=dict(spec.get("combination") or {}),
        picture_ids=[item.picture],
    )
    units = int(spec.get("available_quantity", 0))
    stock = Stock(0, full=units) if in_full else Stock(units, spec.get("stores"))
    _hold(seller, item, variation, stock, spec.get("user_product_id"))
    return variation


def _hold(seller: Seller, item: Item, holding: Holding, stock: Stock, user_product_id: str | None) -> None:
    world = seller.world
    product = world.user_products.get(user_product_id or "")
    if product is None:
        product = _new_product(seller, item, holding, stock, user_product_id)
        world.user_products[product.id] = product
        if stock.full:
            full.record(world, product, full.INBOUND, stock.full)
    product.item_ids.add(item.id)
    holding.user_product_id = product.id
    holding.available_quantity = product.total
    if product.at("meli_facility"):
        holding.inventory_id = world.ids.inventory()
        world.inventories[holding.inventory_id] = product.id


def _new_product(
    seller: Seller, item: Item, holding: Holding, stock: Stock, user_product_id: str | None
) -> UserProduct:
    words = holding.combination.values() if isinstance(holding, Variation) else ()
    return UserProduct(
        id=user_product_id or seller.world.ids.user_product(seller.site_id),
        seller_id=seller.user_id,
        site_id=seller.site_id,
        name=" ".join([item.title, *words]),
        created_at=item.created_at,
        updated_at=item.updated_at,
        locations=stock.locations(seller),
        initialised=stock.initialised,
        family_name=item.family_name,
        family_id=item.family_id,
        domain_id=item.domain_id,
        catalog_product_id=item.catalog_product_id,
    )
