"""Items (listings) with their variations, and pages of item ids."""

# ruff: noqa: RUF009 - wire() describes a field, as dataclasses.field() does
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from mercadolibre.fields import (
    Malformed,
    build,
    flag,
    integer,
    many,
    mapping,
    moment,
    money,
    required_integer,
    required_text,
    sequence,
    text,
    texts,
    wire,
    word,
)
from mercadolibre.resources.attributes import combinations_of, gtins_of, seller_sku_of
from mercadolibre.resources.marketplaces import MarketplaceItem, is_global, net_proceeds_of, parent_of


@dataclass(frozen=True)
class Variation:
    """One of an item's `variations`. `seller_sku` and `gtins` need `include_attributes=all`, which we always send."""

    id: int = wire(required_integer)
    price: Decimal | None = wire(money)
    available_quantity: int | None = wire(integer)
    sold_quantity: int | None = wire(integer)
    seller_sku: str | None = wire(seller_sku_of, "attributes")
    seller_custom_field: str | None = wire(text)
    gtins: tuple[str, ...] = wire(gtins_of, "attributes")
    user_product_id: str | None = wire(text)
    inventory_id: str | None = wire(text)
    catalog_product_id: str | None = wire(text)
    combinations: tuple[tuple[str, str], ...] = wire(combinations_of, "attribute_combinations")  # (name, value)
    picture_ids: tuple[str, ...] = wire(texts)

    @classmethod
    def from_json(cls, data: Any) -> "Variation":
        return build(cls, data)


@dataclass(frozen=True)
class ItemRelation:
    """Another listing of the same thing. `stock_relation` 1: both share their stock."""

    id: str = wire(required_text)
    variation_id: int | None = wire(integer)
    stock_relation: int | None = wire(integer)

    @classmethod
    def from_json(cls, data: Any) -> "ItemRelation":
        return build(cls, data)


_variations: Callable[[Any], tuple[Variation, ...]] = many(Variation.from_json)


@dataclass(frozen=True)
class Item:
    """GET /items/{id}?include_attributes=all, as its owner sees it; of Global Selling, a parent or one of its listings.
    Quantities are units.

    `variations` is the complete set as read, and only to be trusted for writing while `is_complete`. `user_product_id`
    and `inventory_id` are None on an item with variations: each variation has its own. `missing` names what ML left
    out of a 206 answer. `read_at` is this process's monotonic clock in seconds, None for an item not read from ML.
    `net_proceeds` and `marketplace_items` are Global Selling's: what the seller receives, and a parent's listings.
    """

    id: str = wire(required_text)
    site_id: str = wire(word)
    title: str = wire(word)
    status: str = wire(word)
    sub_status: tuple[str, ...] = wire(texts)
    price: Decimal | None = wire(money)
    base_price: Decimal | None = wire(money)
    original_price: Decimal | None = wire(money)
    currency_id: str | None = wire(text)
    available_quantity: int | None = wire(integer)
    sold_quantity: int | None = wire(integer)
    condition: str | None = wire(text)
    listing_type_id: str | None = wire(text)
    category_id: str | None = wire(text)
    catalog_product_id: str | None = wire(text)
    catalog_listing: bool = wire(flag)
    user_product_id: str | None = wire(text)
    family_id: int | None = wire(integer)
    family_name: str | None = wire(text)
    inventory_id: str | None = wire(text)
    logistic_type: str | None = wire(text, "shipping.logistic_type")
    shipping_mode: str | None = wire(text, "shipping.mode")
    shipping_tags: tuple[str, ...] = wire(texts, "shipping.tags")
    seller_id: int | None = wire(integer)
    seller_sku: str | None = wire(seller_sku_of, "attributes")
    seller_custom_field: str | None = wire(text)
    gtins: tuple[str, ...] = wire(gtins_of, "attributes")
    permalink: str | None = wire(text)
    thumbnail: str | None = wire(text, ("secure_thumbnail", "thumbnail"))
    tags: tuple[str, ...] = wire(texts)
    variations: tuple[Variation, ...] = wire(_variations)
    date_created: datetime | None = wire(moment)
    last_updated: datetime | None = wire(moment)
    item_relations: tuple[ItemRelation, ...] = wire(many(ItemRelation.from_json))
    channels: tuple[str, ...] = wire(texts)
    net_proceeds: Decimal | None = wire(net_proceeds_of)
    marketplace_items: tuple[MarketplaceItem, ...] = wire(
        many(MarketplaceItem.from_json), ("marketplace_items", "site_items")
    )
    raw: dict[str, Any] = wire(mapping, "")
    missing: tuple[str, ...] = ()
    read_at: float | None = field(default=None, compare=False)

    @classmethod
    def from_json(cls, data: Any, *, missing: tuple[str, ...] = (), read_at: float | None = None) -> "Item":
        return build(cls, data, missing=missing, read_at=read_at)

    @property
    def is_complete(self) -> bool:
        """Whether the answer surely held every variation, or surely said that there are none."""
        left_out = any(name.split(".")[0] == "variations" for name in self.missing)
        ids = [variation.id for variation in self.variations]
        return isinstance(self.raw.get("variations"), list) and not left_out and len(ids) == len(set(ids))

    @property
    def is_full(self) -> bool:
        """Served from ML's own warehouse: its stock is not ours to write."""
        return self.logistic_type == "fulfillment"

    @property
    def is_global(self) -> bool:
        """A parent of Global Selling: its stock is the stock of its listings on all sites."""
        return is_global(self.id)

    @property
    def parent_item_id(self) -> str | None:
        """The Global Selling item this is a listing of."""
        return parent_of(self.raw)


def item_ids(value: Any) -> tuple[str, ...]:
    """The ids of a search answer. Raises Malformed when one is not text: none may be passed over."""
    return tuple(required_text(one) for one in sequence(value))


@dataclass(frozen=True)
class ItemPage:
    """GET /users/{id}/items/search: a page of item ids. `total` counts all that match."""

    ids: tuple[str, ...] = wire(item_ids, "results")
    total: int | None = wire(integer, "paging.total")
    offset: int | None = wire(integer, "paging.offset")
    limit: int | None = wire(integer, "paging.limit")

    @classmethod
    def from_json(cls, data: Any) -> "ItemPage":
        return build(cls, _with_results(data))


@dataclass(frozen=True)
class ScanPage:
    """GET /users/{id}/items/search?search_type=scan. `scroll_id` is new on every page and None when finished."""

    ids: tuple[str, ...] = wire(item_ids, "results")
    scroll_id: str | None = wire(text)
    total: int | None = wire(integer, "paging.total")

    @classmethod
    def from_json(cls, data: Any) -> "ScanPage":
        page = build(cls, _with_results(data))
        return page if page.ids else cls(ids=(), scroll_id=None, total=page.total)


def _with_results(data: Any) -> Any:
    """The answer, if it has a list of results: an answer without one must not look like the end."""
    if not isinstance(data, dict) or not isinstance(data.get("results"), list):
        raise Malformed("results: missing")
    return data
