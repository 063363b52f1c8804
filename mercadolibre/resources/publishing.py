"""What ML says of a listing it has just made."""

# ruff: noqa: RUF009 - wire() describes a field, as dataclasses.field() does
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mercadolibre.envelopes import read_causes
from mercadolibre.errors import Cause
from mercadolibre.fields import build, many, mapping, money, required_text, text, wire, word
from mercadolibre.resources.stock import StockLocation


@dataclass(frozen=True)
class PublishedListing:
    """POST /items/multiwarehouse. Keep `user_product_id`: the stock is read and written by it, and later answers
    about the item do not name `locations` any more.
    """

    item_id: str = wire(required_text, "id")
    user_product_id: str | None = wire(text)
    site_id: str = wire(word)
    title: str = wire(word)
    status: str = wire(word)
    price: Decimal | None = wire(money)
    permalink: str | None = wire(text)
    locations: tuple[StockLocation, ...] = wire(many(StockLocation.from_json), "stock_locations")
    warnings: tuple[Cause, ...] = wire(read_causes)
    raw: dict[str, Any] = wire(mapping, "")

    @classmethod
    def from_json(cls, data: Any) -> "PublishedListing":
        return build(cls, data)
