"""A new listing of a seller who keeps stock by warehouse, before it is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from mercadolibre.resources.stock import StockLocation
from mercadolibre.sites import PRICE_LIMIT, round_price, to_wire
from mercadolibre.warehouses import location_body


@dataclass(frozen=True)
class NewListing:
    """What POST /items/multiwarehouse needs. There is no total quantity: ML refuses one.

    `locations` are the stores that hold it. A seller of the User Products model gives `family_name`, others `title`.
    `attributes` and `sale_terms` are ML's ids with the name of the value; `pictures` are addresses. Raises ValueError
    for a price out of range, both names or none, and stores that are missing or stand twice.
    """

    category_id: str
    price: Decimal
    currency_id: str
    listing_type_id: str
    locations: Sequence[StockLocation]
    title: str = ""
    family_name: str = ""
    condition: str = "new"
    buying_mode: str = "buy_it_now"
    channels: Sequence[str] = ("marketplace",)
    pictures: Sequence[str] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    sale_terms: Mapping[str, str] = field(default_factory=dict)
    catalog_product_id: str | None = None

    def __post_init__(self) -> None:
        stores = [place.store_id for place in self.locations]
        if not stores or not all(stores) or len(set(stores)) < len(stores):
            raise ValueError("each location needs a store of its own")
        if bool(self.title) == bool(self.family_name):
            raise ValueError("a listing has a title, or the name of its family")
        if not 0 < round_price(self.price, self.currency_id) < PRICE_LIMIT:
            raise ValueError("the price is out of range")

    def body(self) -> dict[str, Any]:
        name = {"title": self.title} if self.title else {"family_name": self.family_name}
        product = {"catalog_product_id": self.catalog_product_id, "catalog_listing": True}
        return {
            **name,
            "category_id": self.category_id,
            "price": to_wire(round_price(self.price, self.currency_id)),
            "currency_id": self.currency_id,
            "listing_type_id": self.listing_type_id,
            "condition": self.condition,
            "buying_mode": self.buying_mode,
            "channels": list(self.channels),
            "pictures": [{"source": address} for address in self.pictures],
            "attributes": _named(self.attributes),
            "sale_terms": _named(self.sale_terms),
            **(product if self.catalog_product_id else {}),
            "stock_locations": [location_body(place) for place in self.locations],
        }


def _named(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"id": key, "value_name": name} for key, name in values.items()]
