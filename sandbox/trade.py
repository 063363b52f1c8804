"""What was bought: orders, payments, packs, shipments. Plain data, like the rest of the state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sandbox.answers import Json
from sandbox.state import Versioned


@dataclass
class Payment:
    """One attempt to pay. Only approved ones are money."""

    id: int
    status: str
    amount: Decimal
    shipping_cost: Decimal
    method: str
    type: str
    created_at: datetime
    refunded: Decimal = Decimal(0)


@dataclass
class Buyer:
    """Who bought. Invented."""

    id: int
    nickname: str
    first_name: str
    last_name: str
    billing_info_id: str


@dataclass
class Order(Versioned):
    """One item or variation, in some quantity, bought by somebody."""

    id: int
    seller_id: int
    site_id: str
    item_id: str
    variation_id: int | None
    user_product_id: str
    title: str
    category_id: str
    listing_type_id: str
    seller_sku: str | None
    seller_custom_field: str | None
    variation_attributes: list[Json]
    quantity: int
    unit_price: Decimal
    full_unit_price: Decimal
    currency_id: str
    sale_fee: Decimal
    buyer: Buyer
    created_at: datetime
    closed_at: datetime
    updated_at: datetime
    indexed_at: datetime  # date_last_updated of the search: moves with the shipment too
    status: str = "paid"
    tags: list[str] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    shipping_cost: Decimal = Decimal(0)
    pack_id: int | None = None
    shipment_id: int | None = None
    cancel_detail: Json | None = None
    stock: Json | None = None
    taken_from: tuple[str, str | None] = ("selling_address", None)
    stock_as_list: bool = False
    bundle: Json | None = None
    catalog: bool = False

    @property
    def total(self) -> Decimal:
        return self.unit_price * self.quantity

    @property
    def paid(self) -> Decimal:
        approved = [payment for payment in self.payments if payment.status in ("approved", "refunded")]
        return sum((payment.amount + payment.shipping_cost for payment in approved), Decimal(0))


@dataclass
class Pack:
    """A cart: several orders, one shipment."""

    id: int
    order_ids: list[int]
    shipment_id: int | None
    buyer_id: int
    seller_id: int
    created_at: datetime
    updated_at: datetime
    status: str = "released"
    status_detail: str | None = None


@dataclass
class Shipment(Versioned):
    """How the units of one or more orders leave."""

    id: int
    seller_id: int
    site_id: str
    order_ids: list[int]
    logistic_type: str
    buyer: Buyer
    created_at: datetime
    updated_at: datetime
    mode: str = "me2"
    status: str = "ready_to_ship"
    substatus: str | None = "ready_to_print"
    history: list[tuple[str, str | None, datetime]] = field(default_factory=list)
    sibling: Json = field(default_factory=lambda: {"reason": None, "sibling_id": None, "description": None})
    cost: Decimal = Decimal(0)
    node_id: str | None = None
    logistic_known: bool = True
