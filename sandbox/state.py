"""What is for sale and where its units are. Plain data: things hold ids, never each other."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from sandbox.answers import Json

T = TypeVar("T", bound="Versioned")

# The tag of listings that are moving to user products just now.
MIGRATING = "variations_migration_pending"


@dataclass
class Versioned:
    """Keeps the state before its last change, which a stale read answers with."""

    before: Versioned | None = field(default=None, init=False, repr=False)

    def remember(self) -> None:
        """Call before a change."""
        self.before = None
        self.before = copy.deepcopy(self)


def seen(thing: T, stale: bool) -> T:
    """The thing as a read shows it: a stale one shows the state before the last change."""
    return thing.before if stale and isinstance(thing.before, type(thing)) else thing


@dataclass
class Holding:
    """What holds a quantity for sale: an item without variations, or one variation."""

    user_product_id: str
    available_quantity: int
    sold_quantity: int = 0
    seller_sku: str | None = None
    seller_custom_field: str | None = None
    gtin: str | None = None
    inventory_id: str | None = None


@dataclass
class Variation(Holding):
    """One variation of an item. `combination` is attribute id -> value name, such as COLOR -> Rojo."""

    id: int = 0
    combination: dict[str, str] = field(default_factory=dict)
    picture_ids: list[str] = field(default_factory=list)


@dataclass
class Promotion:
    """A running promotion: the standard price cannot be changed meanwhile."""

    id: str
    regular_amount: Decimal
    started_at: datetime
    finishes_at: datetime
    type: str = "custom"


@dataclass
class Item(Versioned):
    """One listing. Without variations, `own` is its holding; with variations, each of them is one."""

    id: str
    site_id: str
    seller_id: int
    title: str
    price: Decimal
    currency_id: str
    own: Holding
    created_at: datetime
    updated_at: datetime
    stop_time: datetime
    variations: list[Variation] = field(default_factory=list)
    initial_quantity: int = 0
    category_id: str = ""
    domain_id: str | None = None
    listing_type_id: str = "gold_special"
    condition: str = "new"
    status: str = "active"
    sub_status: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    logistic_type: str = "cross_docking"
    attributes: list[Json] = field(default_factory=list)
    sale_terms: list[Json] = field(default_factory=list)
    family_name: str | None = None
    family_id: int | None = None
    catalog_product_id: str | None = None
    catalog_listing: bool = False
    item_relations: list[Json] = field(default_factory=list)
    parent_item_id: str | None = None
    # Of a marketplace listing of Global Selling: its parent, and whether it has a price of its own.
    cbt_item_id: str | None = None
    own_price: bool = False
    net_proceeds: Decimal | None = None
    promotion: Promotion | None = None
    picture: str = ""
    more_pictures: list[str] = field(default_factory=list)
    description: str = ""
    described_at: datetime | None = None
    price_version: int = 1

    @property
    def number(self) -> int:
        return int(self.id[3:])

    @property
    def holdings(self) -> list[Holding]:
        return list(self.variations) if self.variations else [self.own]

    @property
    def available_quantity(self) -> int:
        return sum(holding.available_quantity for holding in self.holdings)

    @property
    def sold_quantity(self) -> int:
        return sum(holding.sold_quantity for holding in self.holdings)

    def variation(self, variation_id: int | None) -> Variation | None:
        return next((variation for variation in self.variations if variation.id == variation_id), None)

    def holding(self, variation_id: int | None) -> Holding:
        """Raises KeyError if the variation is not there, or one is needed and none is named."""
        if not self.variations and variation_id is None:
            return self.own
        found = self.variation(variation_id)
        if found is None:
            raise KeyError(f"{self.id} has no variation {variation_id}")
        return found


@dataclass
class Location:
    """Units at one place: `selling_address`, `seller_warehouse` (with a store) or `meli_facility` (Full)."""

    type: str
    quantity: int
    store_id: str | None = None
    network_node_id: str | None = None


@dataclass(frozen=True)
class Component:
    """So many of a user product in one kit."""

    user_product_id: str
    quantity: int


@dataclass
class UserProduct(Versioned):
    """The product behind one or more listings of a seller. Its locations are the truth about stock."""

    id: str
    seller_id: int
    site_id: str
    name: str
    created_at: datetime
    updated_at: datetime
    locations: list[Location] = field(default_factory=list)
    initialised: bool = True
    version: int = 1
    family_name: str | None = None
    family_id: int | None = None
    domain_id: str | None = None
    catalog_product_id: str | None = None
    item_ids: set[str] = field(default_factory=set)
    not_available: dict[str, int] = field(default_factory=dict)
    components: list[Component] = field(default_factory=list)

    @property
    def bundle(self) -> Json | None:
        """What a kit is made of, as ML prints it; None for anything else."""
        parts = [
            {"type": "user_product", "user_product_id": part.user_product_id, "quantity": part.quantity}
            for part in self.components
        ]
        return {"type": "kit", "components": parts} if parts else None

    @property
    def total(self) -> int:
        return sum(location.quantity for location in self.locations)

    def at(self, type_: str, store_id: str | None = None) -> Location | None:
        """The location of a type; of one store, if named."""
        return next(
            (place for place in self.locations if place.type == type_ and store_id in (None, place.store_id)), None
        )
