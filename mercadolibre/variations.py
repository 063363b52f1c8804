"""What a write says about an item's variations. ML deletes those a PUT leaves out, so here none can be left out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeAlias

from mercadolibre.errors import IncompleteVariations
from mercadolibre.resources.items import Item
from mercadolibre.sites import to_wire


@dataclass(frozen=True)
class VariationSet:
    """Every variation of an item as read, and the quantities wanted for some. Made by `from_item` alone.

    >>> VariationSet.from_item(item).with_quantity(175550253195, 8)
    """

    item_id: str
    ids: tuple[int, ...]
    quantities: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def from_item(cls, item: Item) -> "VariationSet":
        """The set of an item's variations. Raises IncompleteVariations if the item was not read whole or has none."""
        if not item.is_complete or not item.variations:
            raise IncompleteVariations(f"{item.id}: its variations are not all known")
        return cls(item.id, tuple(variation.id for variation in item.variations))

    def with_quantity(self, variation_id: int, quantity: int) -> "VariationSet":
        """A new set in which one variation is to have so many units. Raises ValueError for an id not in the set."""
        if variation_id not in self.ids:
            raise ValueError(f"{self.item_id} has no variation {variation_id}")
        wanted = {**self.quantities, variation_id: checked_quantity(quantity)}
        return VariationSet(self.item_id, self.ids, MappingProxyType(wanted))

    def stock_body(self) -> list[dict[str, Any]]:
        """Every id; those whose quantity stays are sent with their id alone."""
        return [
            {"id": one, "available_quantity": self.quantities[one]} if one in self.quantities else {"id": one}
            for one in self.ids
        ]

    def with_new(self, new: "NewVariation") -> list[dict[str, Any]]:
        """Every id, each left as it is, and one that is new."""
        return [*({"id": one} for one in self.ids), new.body()]

    def price_body(self, price: Decimal) -> list[dict[str, Any]]:
        """Every id with the same price: ML refuses prices that differ."""
        return [{"id": one, "price": to_wire(price)} for one in self.ids]


@dataclass(frozen=True)
class NewVariation:
    """A variation that an item is to get. `combination` is ML's ids of what variations differ by, with the values.

    Raises ValueError without a combination, or for a quantity that is none.
    """

    combination: Mapping[str, str]
    quantity: int
    seller_sku: str = ""

    def __post_init__(self) -> None:
        checked_quantity(self.quantity)
        if not self.combination or not all(self.combination.values()):
            raise ValueError("a variation differs from the others by something")

    def body(self) -> dict[str, Any]:
        sku = {"attributes": [{"id": "SELLER_SKU", "value_name": self.seller_sku}]} if self.seller_sku else {}
        return {
            "attribute_combinations": [{"id": key, "value_name": name} for key, name in self.combination.items()],
            "available_quantity": self.quantity,
            **sku,
        }


Quantities: TypeAlias = int | VariationSet
"""Units for an item: a number when it has no variations, else a set made from the item."""


def checked_quantity(quantity: int) -> int:
    """The quantity. Raises ValueError unless it is a whole number of units, zero or more."""
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not 0 <= quantity < 2**31:
        raise ValueError("a quantity is a whole number, zero or more")
    return quantity


def check_item_body(item: Item, body: Mapping[str, Any]) -> None:
    """The last look before an item is written. Raises IncompleteVariations unless exactly the ids read are in it; one
    without an id is new, and says what it differs by.

    Raises as `check_one_subject`.
    """
    check_one_subject(body)
    entries: list[Mapping[str, Any]] = body.get("variations", [])
    written = {key for part in (body, *entries) for key in part}
    concerns_variations = bool(written & {"available_quantity", "price", "variations"})
    if not concerns_variations:
        return
    expected = Counter(variation.id for variation in item.variations)
    present = [entry for entry in entries if "id" in entry or not entry.get("attribute_combinations")]
    if not item.is_complete or Counter(entry.get("id") for entry in present) != expected:
        raise IncompleteVariations(f"{item.id}: not exactly the variations that were read")
    if expected and written & {"available_quantity", "price"} & set(body):
        raise IncompleteVariations(f"{item.id} has variations: its stock and price are theirs")


def check_marketplace_body(body: Mapping[str, Any]) -> None:
    """The same before a marketplace's listing is written: it names no variations, so none can be left out.

    Raises IncompleteVariations, and as `check_one_subject`.
    """
    check_one_subject(body)
    if {"variations", "available_quantity"} & body.keys():
        raise IncompleteVariations("variations and stock are written on the parent item")


def check_one_subject(body: Mapping[str, Any]) -> None:
    """Raises ValueError when stock and price are in one body: a refused price would take the stock with it unseen. So
    it does for a price together with the net proceeds it follows from.
    """
    written = {key for part in (body, *body.get("variations", [])) for key in part}
    if len({"available_quantity", "price", "net_proceeds"} & written) > 1:
        raise ValueError("stock and price never go into the same body")
