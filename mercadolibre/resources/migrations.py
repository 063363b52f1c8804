"""An old listing with variations, and the listings that took its place in the User Products model."""

# ruff: noqa: RUF009 - wire() describes a field, as dataclasses.field() does
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mercadolibre.fields import build, integer, many, moment, required_text, text, wire, word


@dataclass(frozen=True)
class Successor:
    """The listing that takes the place of a variation: pending until its `status` is created."""

    variation_id: int | None = wire(integer)
    item_id: str | None = wire(text, "new_item_id")
    status: str = wire(word, "migration_status")

    @classmethod
    def from_json(cls, data: Any) -> "Successor":
        return build(cls, data)


@dataclass(frozen=True)
class Migration:
    """GET /items/{id}/migration_live_listing. Old orders keep the old item's id: find their product by `successors`.

    `migrated_at` is when all successors were made, `activated_at` when they replaced the old one; None until then.
    """

    item_id: str = wire(required_text)
    successors: tuple[Successor, ...] = wire(many(Successor.from_json), "new_items")
    migrated_at: datetime | None = wire(moment, "migration_completed")
    activated_at: datetime | None = wire(moment, "activation_completed")

    @classmethod
    def from_json(cls, data: Any) -> "Migration":
        return build(cls, data)
