"""Orders, packs (carts) and pages of changed orders."""

# ruff: noqa: RUF009 - wire() describes a field, as dataclasses.field() does
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from mercadolibre.fields import (
    Malformed,
    build,
    dig,
    integer,
    many,
    mapping,
    moment,
    money,
    optional,
    required_integer,
    required_text,
    sequence,
    text,
    texts,
    wire,
    word,
)
from mercadolibre.resources.marketplaces import parent_of


def _place(key: str) -> Any:
    """A reader of the line's `stock`: an object or null on the wire, an array in the documentation."""
    names = {"node_id": ("node_id", "network_node_id"), "store_id": ("store_id",)}[key]

    def read(value: Any) -> str | None:
        entry = next((one for one in sequence(value) if isinstance(one, dict)), mapping(value))
        return next((found for found in (text(entry.get(name)) for name in names) if found), None)

    return read


@dataclass(frozen=True)
class OrderLine:
    """One of `order_items`. `sale_fee` and `unit_price` are per unit, in the line's currency.

    `variation_id` is None for items of the User Products model, even when they differ by colour; `seller_sku` may
    be None too. Of Global Selling `item_id` is the listing the buyer saw and `parent_item_id` the item whose stock it
    is; amounts are in USD and `base_exchange_rate` is what a dollar cost in the site's currency.
    """

    item_id: str = wire(required_text, "item.id")
    parent_item_id: str | None = wire(lambda item: parent_of(mapping(item)), "item")
    variation_id: int | None = wire(integer, "item.variation_id")
    user_product_id: str | None = wire(text, "item.user_product_id")
    title: str = wire(word, "item.title")
    seller_sku: str | None = wire(text, "item.seller_sku")
    seller_custom_field: str | None = wire(text, "item.seller_custom_field")
    quantity: int = wire(required_integer)
    unit_price: Decimal | None = wire(money)
    full_unit_price: Decimal | None = wire(money)
    gross_price: Decimal | None = wire(money)
    sale_fee: Decimal | None = wire(money)
    currency_id: str | None = wire(text)
    base_currency_id: str | None = wire(text)
    base_exchange_rate: Decimal | None = wire(money)
    listing_type_id: str | None = wire(text)
    node_id: str | None = wire(_place("node_id"), "stock")
    store_id: str | None = wire(_place("store_id"), "stock")

    @classmethod
    def from_json(cls, data: Any) -> "OrderLine":
        return build(cls, data)

    @property
    def stock_item_id(self) -> str:
        """The item whose stock was sold: the parent in Global Selling, else the item itself."""
        return self.parent_item_id or self.item_id


@dataclass(frozen=True)
class Payment:
    """One of an order's payments, refused attempts among them. `total_paid_amount` includes shipping the buyer paid."""

    id: int = wire(required_integer)
    status: str = wire(word)
    status_detail: str | None = wire(text)
    currency_id: str | None = wire(text)
    transaction_amount: Decimal | None = wire(money)
    transaction_amount_refunded: Decimal | None = wire(money)
    total_paid_amount: Decimal | None = wire(money)
    shipping_cost: Decimal | None = wire(money)
    payment_method_id: str | None = wire(text)
    payment_type: str | None = wire(text)
    date_created: datetime | None = wire(moment)
    date_approved: datetime | None = wire(moment)
    date_last_modified: datetime | None = wire(moment)

    @classmethod
    def from_json(cls, data: Any) -> "Payment":
        return build(cls, data)

    @property
    def amount(self) -> Decimal:
        """What the buyer pays with it; the transaction alone where ML gives no total."""
        known = self.transaction_amount if self.total_paid_amount is None else self.total_paid_amount
        return known or Decimal(0)


@dataclass(frozen=True)
class CancelDetail:
    """Why an order was cancelled. Code "pack_splitted" is no lost sale: new orders take its place."""

    group: str | None = wire(text)
    code: str | None = wire(text)
    description: str | None = wire(text)
    requested_by: str | None = wire(text)
    date: datetime | None = wire(moment)

    @classmethod
    def from_json(cls, data: Any) -> "CancelDetail":
        return build(cls, data)


def _reason(value: Any) -> str | None:
    """`status_detail`: a text today, an object with a code in older orders."""
    return text(value) or text(dig(value, "code"))


def _ids(value: Any) -> tuple[int, ...]:
    """The ids of a list of objects, or of bare ids."""
    found = (integer(one.get("id") if isinstance(one, dict) else one) for one in sequence(value))
    return tuple(one for one in found if one is not None)


_lines = many(OrderLine.from_json)


def _required_lines(value: Any) -> tuple[OrderLine, ...]:
    lines = _lines(value)
    if not lines:
        raise Malformed("no lines")
    return lines


@dataclass(frozen=True)
class Order:
    """GET /orders/{id}. `paid_amount` includes the shipping the buyer paid, `total_amount` does not."""

    id: int = wire(required_integer)
    pack_id: int | None = wire(integer)
    status: str = wire(word)
    status_detail: str | None = wire(_reason)
    tags: tuple[str, ...] = wire(texts)
    date_created: datetime | None = wire(moment)
    date_closed: datetime | None = wire(moment)
    last_updated: datetime | None = wire(moment)
    total_amount: Decimal | None = wire(money)
    paid_amount: Decimal | None = wire(money)
    currency_id: str | None = wire(text)
    site_id: str | None = wire(text, "context.site")
    buyer_id: int | None = wire(integer, "buyer.id")
    buyer_nickname: str | None = wire(text, "buyer.nickname")
    seller_id: int | None = wire(integer, "seller.id")
    shipping_id: int | None = wire(integer, "shipping.id")
    lines: tuple[OrderLine, ...] = wire(_required_lines, "order_items")
    payments: tuple[Payment, ...] = wire(many(Payment.from_json))
    cancel_detail: CancelDetail | None = wire(optional(CancelDetail.from_json))
    mediations: tuple[int, ...] = wire(_ids)
    raw: dict[str, Any] = wire(mapping, "")
    missing: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Any, *, missing: tuple[str, ...] = ()) -> "Order":
        return build(cls, data, missing=missing)

    @property
    def approved_total(self) -> Decimal:
        """The sum of the approved payments; there may be several, and the first may be a refused attempt."""
        return sum((one.amount for one in self.payments if one.status == "approved"), Decimal(0))

    @property
    def is_test(self) -> bool:
        return "test_order" in self.tags


@dataclass(frozen=True)
class OrderRef:
    """One hit of an order search. Its filter works on `date_last_updated`, which the order itself does not have."""

    order_id: int = wire(required_integer, "id")
    date_last_updated: datetime | None = wire(moment)

    @classmethod
    def from_json(cls, data: Any) -> "OrderRef":
        return build(cls, data)


def _refs(value: Any) -> tuple[OrderRef, ...]:
    """The hits; Global Selling groups them by cart, and there the ids that count are the inner ones.

    An order without a date of its own has its cart's.
    """
    refs: list[OrderRef] = []
    for hit in sequence(value):
        grouped = hit.get("orders") if isinstance(hit, dict) else None
        if not isinstance(grouped, list):
            refs.append(OrderRef.from_json(hit))
            continue
        date = {"date_last_updated": hit.get("date_last_updated")}
        refs += [OrderRef.from_json({**date, **one} if isinstance(one, dict) else one) for one in grouped]
    return tuple(refs)


def _hits(value: Any) -> tuple[int, ...]:
    """The id of each hit; a cart without one has its first order's."""
    return tuple(_hit_id(hit) for hit in sequence(value))


def _hit_id(hit: Any) -> int:
    inner = sequence(dig(hit, "orders"))
    return required_integer(dig(hit, "id") or (dig(inner[0], "id") if inner else None))


@dataclass(frozen=True)
class OrderPage:
    """GET /orders/search: which orders changed. Read each order itself for the truth. `hits` are the ids that `total`
    counts and pages hold: orders, or carts in Global Selling.
    """

    orders: tuple[OrderRef, ...] = wire(_refs, "results")
    hits: tuple[int, ...] = wire(_hits, "results")
    total: int | None = wire(integer, "paging.total")
    offset: int | None = wire(integer, "paging.offset")
    limit: int | None = wire(integer, "paging.limit")

    @classmethod
    def from_json(cls, data: Any) -> "OrderPage":
        if not isinstance(data, dict) or not isinstance(data.get("results"), list):
            raise Malformed("results: missing")
        return build(cls, data)

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(ref.order_id for ref in self.orders)


@dataclass(frozen=True)
class Pack:
    """GET /packs/{id}: a cart. Holds only orders of sellers connected to us."""

    id: int = wire(required_integer)
    status: str = wire(word)
    status_detail: str | None = wire(_reason)
    order_ids: tuple[int, ...] = wire(_ids, "orders")
    shipment_id: int | None = wire(integer, "shipment.id")
    buyer_id: int | None = wire(integer, "buyer.id")
    date_created: datetime | None = wire(moment)
    last_updated: datetime | None = wire(moment)
    raw: dict[str, Any] = wire(mapping, "")

    @classmethod
    def from_json(cls, data: Any) -> "Pack":
        return build(cls, data)
