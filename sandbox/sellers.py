"""Sellers, their stores, and the application they may consent to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox import listing
from sandbox.answers import Json
from sandbox.sites import SITES, Site
from sandbox.state import Item

if TYPE_CHECKING:
    from sandbox.world import World

CLIENT_ID = "4815162342108015"
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105 - protects nothing: the simulated application's, known to all


@dataclass
class App:
    """The one application registered. Its owner, the first seller unless set, may read what was missed."""

    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET
    owner_id: int | None = None
    active: bool = True
    offline_access: bool = True
    max_requests_per_hour: int = 18000


@dataclass
class Store:
    """A seller's warehouse, made in the seller's panel. Ids are strings on the wire."""

    id: str
    user_id: int
    description: str
    network_node_id: str
    city: str
    is_stock_location: bool = True
    status: str = "active"


@dataclass
class Seller:
    """A Mercado Libre account that sells. `tags` decide which stock writes it accepts."""

    world: World = field(repr=False)
    user_id: int
    nickname: str
    site: Site
    tags: list[str]
    registered_at: datetime
    stores: list[Store] = field(default_factory=list)
    # An account that a Global Selling account has in one marketplace: nobody logs in to it.
    parent_id: int | None = None
    marketplace_logistic: str = ""

    @property
    def site_id(self) -> str:
        return self.site.site_id

    @property
    def has_warehouses(self) -> bool:
        return "warehouse_management" in self.tags

    @property
    def has_user_products(self) -> bool:
        return "user_product_seller" in self.tags

    def add_store(self, description: str, *, city: str = "", is_stock_location: bool = True) -> Store:
        """Open a warehouse; only for sellers with `warehouse_management` does it hold stock."""
        ids = self.world.ids
        node = f"{self.site.country_id}P{ids.number('node')}"
        store = Store(str(ids.number("store")), self.user_id, description, node, city, is_stock_location)
        self.stores.append(store)
        return store

    def add_item(
        self,
        *,
        title: str = "Taza de cerámica 350 ml",
        price: Decimal | int | float | str = 1000,
        available_quantity: int = 10,
        seller_sku: str | None = None,
        variations: Sequence[Mapping[str, Any]] = (),
        item_id: str | None = None,
        stores: Mapping[str, int] | None = None,
        full_quantity: int | None = None,
        flex_quantity: int | None = None,
        user_product_id: str | None = None,
        stock_initialised: bool = True,
        **details: Any,
    ) -> Item:
        """Publish a listing.

        A variation is a mapping with `combination` (attribute id -> value), `available_quantity`, `seller_sku` and,
        if wanted, `id`, `seller_custom_field`, `gtin`, `user_product_id`. `user_product_id` of an existing product
        makes this another listing of it, with its stock. `stores` is store id -> quantity; `full_quantity` puts units
        into Full, `flex_quantity` beside them at the selling address. `details` are further fields of `Item`
        (`status`, `condition`, `listing_type_id`, `logistic_type`, `tags`, `gtin`, `seller_custom_field` …).
        """
        stock = listing.Stock(available_quantity, stores, full_quantity, flex_quantity, stock_initialised)
        with self.world.lock:
            return listing.publish(
                self,
                title=title,
                price=Decimal(str(price)),
                seller_sku=seller_sku,
                variations=variations,
                item_id=item_id,
                stock=stock,
                user_product_id=user_product_id,
                details=details,
            )


def public_json(seller: Seller) -> Json:
    """What anybody sees of a user."""
    return {
        "id": seller.user_id,
        "nickname": seller.nickname,
        "country_id": seller.site.country_id,
        "address": {"city": "Centro", "state": f"{seller.site.country_id}-C"},
        "user_type": "normal",
        "site_id": seller.site_id,
        "permalink": f"http://perfil.{seller.site.domain}/{seller.nickname}",
        "seller_reputation": {
            "level_id": "5_green",
            "power_seller_status": "platinum",
            "transactions": {"period": "historic", "total": 18422},
        },
        "status": {"site_status": "active"},
    }


def private_json(seller: Seller) -> Json:
    """What an account's own token sees: the tags, above all."""
    allowed = {"allow": True, "codes": [], "immediate_payment": {"required": False, "reasons": []}}
    public = public_json(seller)
    return public | {
        "registration_date": seller.registered_at.strftime("%Y-%m-%dT%H:%M:%S.000-04:00"),
        "first_name": seller.nickname.split("_")[0].title(),
        "last_name": "S.A.",
        "email": f"{seller.nickname.lower()}@example.com",
        "identification": {"type": "DNI", "number": "30111222"},
        "address": {**public["address"], "address": "Calle Falsa 123", "zip_code": "1414"},
        "phone": {"area_code": "11", "number": "5555-0100", "extension": "", "verified": True},
        "tags": list(seller.tags),
        "logo": None,
        "points": 100,
        "seller_experience": "ADVANCED",
        "seller_reputation": _reputation(public["seller_reputation"]),
        "status": {
            "site_status": "active",
            "list": allowed,
            "buy": allowed,
            "sell": allowed,
            "billing": {"allow": True, "codes": []},
            "mercadoenvios": "accepted",
            "required_action": "",
        },
        "credit": {"consumed": 0, "credit_level_id": f"{seller.site_id}5"},
    }


def _reputation(public: Json) -> Json:
    transactions = {
        "period": "historic",
        "total": 18422,
        "completed": 18011,
        "canceled": 411,
        "ratings": {"positive": 0.98, "negative": 0.01, "neutral": 0.01},
    }
    metrics = {
        "sales": {"period": "60 days", "completed": 1893},
        "claims": {"period": "60 days", "rate": 0.004, "value": 8},
        "delayed_handling_time": {"period": "60 days", "rate": 0.021, "value": 39},
        "cancellations": {"period": "60 days", "rate": 0.006, "value": 12},
    }
    return {**public, "transactions": transactions, "metrics": metrics}


def site_of(site_id: str) -> Site:
    """Raises ValueError for a site that is not simulated."""
    if site_id not in SITES:
        raise ValueError(f"unknown site {site_id}: one of {', '.join(SITES)}")
    return SITES[site_id]
