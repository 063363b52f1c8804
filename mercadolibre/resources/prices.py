"""Prices: what is set, what the buyer pays, what would win the catalog page, and what a sale costs."""

# ruff: noqa: RUF009 - wire() describes a field, as dataclasses.field() does
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from mercadolibre.fields import (
    build,
    flag,
    integer,
    many,
    mapping,
    moment,
    money,
    required_text,
    sequence,
    text,
    texts,
    wire,
    word,
)


@dataclass(frozen=True)
class Price:
    """One of an item's prices. Old ones of other channels stay in the list: look at `contexts`."""

    id: str | None = wire(text)
    type: str = wire(word)  # standard, promotion
    amount: Decimal | None = wire(money)
    regular_amount: Decimal | None = wire(money)
    currency_id: str | None = wire(text)
    last_updated: datetime | None = wire(moment)
    contexts: tuple[str, ...] = wire(texts, "conditions.context_restrictions")  # empty: everywhere
    start_time: datetime | None = wire(moment, "conditions.start_time")
    end_time: datetime | None = wire(moment, "conditions.end_time")

    @classmethod
    def from_json(cls, data: Any) -> "Price":
        return build(cls, data)


@dataclass(frozen=True)
class ItemPrices:
    """GET /items/{id}/prices."""

    item_id: str = wire(required_text, "id")
    prices: tuple[Price, ...] = wire(many(Price.from_json))

    @classmethod
    def from_json(cls, data: Any) -> "ItemPrices":
        return build(cls, data)


@dataclass(frozen=True)
class SalePrice:
    """GET /items/{id}/sale_price: what the buyer pays; `regular_amount` is the price struck through, if any."""

    price_id: str | None = wire(text)
    amount: Decimal | None = wire(money)
    regular_amount: Decimal | None = wire(money)
    currency_id: str | None = wire(text)
    promotion_id: str | None = wire(text, "metadata.promotion_id")
    promotion_type: str | None = wire(text, "metadata.promotion_type")
    campaign_id: str | None = wire(text, "metadata.campaign_id")

    @classmethod
    def from_json(cls, data: Any) -> "SalePrice":
        return build(cls, data)


@dataclass(frozen=True)
class Boost:
    """Something that helps to win. `status` is boosted, not_boosted, opportunity or not_apply."""

    id: str = wire(word)
    status: str = wire(word)
    description: str | None = wire(text)

    @classmethod
    def from_json(cls, data: Any) -> "Boost":
        return build(cls, data)


@dataclass(frozen=True)
class PriceToWin:
    """GET /items/{id}/price_to_win?version=v2, for items in the catalog of MLA, MLB and MLM.

    `status` is winning, competing, sharing_first_place, listed or not_listed (then all amounts are None).
    """

    item_id: str = wire(required_text)
    status: str = wire(word)
    current_price: Decimal | None = wire(money)
    price_to_win: Decimal | None = wire(money)
    currency_id: str | None = wire(text)
    consistent: bool = wire(flag)
    visit_share: str | None = wire(text)
    competitors_sharing_first_place: int | None = wire(integer)
    reasons: tuple[str, ...] = wire(texts, "reason")
    boosts: tuple[Boost, ...] = wire(many(Boost.from_json))
    catalog_product_id: str | None = wire(text)
    winner_item_id: str | None = wire(text, "winner.item_id")
    winner_price: Decimal | None = wire(money, "winner.price")
    raw: dict[str, Any] = wire(mapping, "")

    @classmethod
    def from_json(cls, data: Any) -> "PriceToWin":
        return build(cls, data)


@dataclass(frozen=True)
class ListingPrice:
    """One entry of GET /sites/{site}/listing_prices: what ML takes for a sale at the price asked about."""

    listing_type_id: str = wire(word)
    currency_id: str | None = wire(text)
    sale_fee_amount: Decimal | None = wire(money)
    percentage_fee: Decimal | None = wire(money, "sale_fee_details.percentage_fee")
    fixed_fee: Decimal | None = wire(money, "sale_fee_details.fixed_fee")
    listing_fee_amount: Decimal | None = wire(money)

    @classmethod
    def from_json(cls, data: Any) -> "ListingPrice":
        return build(cls, data)


def listing_prices(data: Any) -> tuple[ListingPrice, ...]:
    """The entries of the answer: one object when a listing type was asked for, else a list."""
    return tuple(ListingPrice.from_json(one) for one in (sequence(data) or [data]))
