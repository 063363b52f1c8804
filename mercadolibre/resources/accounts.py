"""Users and applications."""

# ruff: noqa: RUF009 - wire() describes a field, as dataclasses.field() does
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mercadolibre.fields import build, flag, integer, mapping, moment, required_integer, text, texts, wire, word


@dataclass(frozen=True)
class User:
    """GET /users/me, GET /users/{id}. Of other people's accounts only a public part is shown."""

    id: int = wire(required_integer)
    nickname: str = wire(word)
    site_id: str = wire(word)
    country_id: str | None = wire(text)
    user_type: str | None = wire(text)
    tags: tuple[str, ...] = wire(texts)
    permalink: str | None = wire(text)
    registration_date: datetime | None = wire(moment)
    site_status: str | None = wire(text, "status.site_status")
    reputation_level: str | None = wire(text, "seller_reputation.level_id")
    power_seller_status: str | None = wire(text, "seller_reputation.power_seller_status")
    raw: dict[str, Any] = wire(mapping, "")

    @classmethod
    def from_json(cls, data: Any) -> "User":
        return build(cls, data)

    @property
    def is_test_user(self) -> bool:
        return "test_user" in self.tags

    @property
    def uses_user_products(self) -> bool:
        """New listings follow the User Products model: no title, no variations."""
        return "user_product_seller" in self.tags

    @property
    def keeps_stock_by_warehouse(self) -> bool:
        """Stock lives in `seller_warehouse` locations; `available_quantity` is refused or ignored."""
        return "warehouse_management" in self.tags

    @property
    def may_have_several_warehouses(self) -> bool:
        return self.keeps_stock_by_warehouse and "multiwarehouse" in self.tags


@dataclass(frozen=True)
class Application:
    """GET /applications/{id}. The whole answer is not kept: it may hold the application's secret."""

    id: int = wire(required_integer)
    site_id: str | None = wire(text)
    name: str | None = wire(text)
    active: bool = wire(flag)
    max_requests_per_hour: int | None = wire(integer)
    certification_status: str | None = wire(text)

    @classmethod
    def from_json(cls, data: Any) -> "Application":
        return build(cls, data)
