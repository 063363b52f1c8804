"""User products, their stock by place, the seller's warehouses, and Full stock. Quantities are units."""

# ruff: noqa: RUF009 - wire() describes a field, as dataclasses.field() does
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mercadolibre.fields import (
    build,
    integer,
    many,
    mapping,
    moment,
    required_integer,
    required_text,
    text,
    texts,
    wire,
    word,
)
from mercadolibre.resources.attributes import seller_sku_of

SELLER_WAREHOUSE = "seller_warehouse"
SELLING_ADDRESS = "selling_address"
MELI_FACILITY = "meli_facility"


@dataclass(frozen=True)
class StockLocation:
    """How many are where. `type` is seller_warehouse (then with a store), selling_address or meli_facility (Full)."""

    type: str = wire(word)
    quantity: int = wire(required_integer)
    store_id: str | None = wire(text)
    network_node_id: str | None = wire(text)

    @classmethod
    def from_json(cls, data: Any) -> "StockLocation":
        return build(cls, data)


@dataclass(frozen=True)
class UserProductStock:
    """GET /user-products/{id}/stock. `version` is the header x-version, sent back on PUT; None if ML left it out."""

    user_product_id: str = wire(required_text, "id")
    user_id: int | None = wire(integer)
    locations: tuple[StockLocation, ...] = wire(many(StockLocation.from_json))  # empty when none was ever created
    last_updated: datetime | None = wire(moment)
    version: int | None = None

    @classmethod
    def from_json(cls, data: Any, *, version: int | None = None) -> "UserProductStock":
        return build(cls, data, version=version)


@dataclass(frozen=True)
class Store:
    """GET /users/{id}/stores/search: one of the seller's warehouses. `services` are logistics it can serve."""

    id: str = wire(required_text)
    user_id: int | None = wire(integer)
    description: str = wire(word)
    status: str = wire(word)
    network_node_id: str | None = wire(text)
    tags: tuple[str, ...] = wire(texts)
    services: tuple[str, ...] = wire(texts, "services.stock_location")
    address_line: str | None = wire(text, "location.address_line")
    city: str | None = wire(text, "location.city")
    state: str | None = wire(text, "location.state")

    @classmethod
    def from_json(cls, data: Any) -> "Store":
        return build(cls, data)


@dataclass(frozen=True)
class UserProduct:
    """GET /user-products/{id}: what several items (selling conditions) are listings of."""

    id: str = wire(required_text)
    name: str = wire(word)
    family_id: int | None = wire(integer)
    family_name: str | None = wire(text)
    site_id: str | None = wire(text)
    user_id: int | None = wire(integer)
    domain_id: str | None = wire(text)
    catalog_product_id: str | None = wire(text)
    seller_sku: str | None = wire(seller_sku_of, "attributes")
    thumbnail: str | None = wire(text, "thumbnail.secure_url")
    tags: tuple[str, ...] = wire(texts)
    date_created: datetime | None = wire(moment)
    last_updated: datetime | None = wire(moment)
    raw: dict[str, Any] = wire(mapping, "")

    @classmethod
    def from_json(cls, data: Any) -> "UserProduct":
        return build(cls, data)


@dataclass(frozen=True)
class UserProductFamily:
    """GET /sites/{site}/user-products-families/{id}: the variants of one thing."""

    family_id: int = wire(required_integer)
    site_id: str | None = wire(text)
    user_id: int | None = wire(integer)
    user_product_ids: tuple[str, ...] = wire(texts, "user_products_ids")

    @classmethod
    def from_json(cls, data: Any) -> "UserProductFamily":
        return build(cls, data)
