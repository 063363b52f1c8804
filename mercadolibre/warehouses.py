"""What a write says about a user product's warehouses: all of them, for ML does not say what becomes of the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mercadolibre.resources.stock import SELLER_WAREHOUSE, StockLocation, UserProductStock
from mercadolibre.variations import checked_quantity

FIRST_VERSION = 1  # of a user product whose stock was never set


@dataclass(frozen=True)
class WarehouseSet:
    """Every warehouse that ML showed for a user product, every one that is managed, and the units each is to have.

    Made by `from_stock` alone. A warehouse nothing is said of keeps what it had, none where ML showed none.

    >>> WarehouseSet.from_stock(stock, managed).with_quantity("9876543", 8)
    """

    user_product_id: str
    version: int
    places: tuple[StockLocation, ...]

    @classmethod
    def from_stock(cls, stock: UserProductStock, managed: Mapping[str, str | None]) -> "WarehouseSet":
        """The set of stock as read and of the managed stores: store id to network node, None where it is not known.

        Raises ValueError for a warehouse that ML showed without a store, or twice, and where there is none at all.
        """
        shown = [place for place in stock.locations if place.type == SELLER_WAREHOUSE]
        by_store = {place.store_id: place for place in shown if place.store_id}
        if len(by_store) < len(shown):
            raise ValueError(f"{stock.user_product_id}: its warehouses cannot be told apart")
        places = tuple(_places(by_store, managed))
        if not places:
            raise ValueError(f"{stock.user_product_id} has no warehouse")
        return cls(stock.user_product_id, FIRST_VERSION if stock.version is None else stock.version, places)

    def with_quantity(self, store_id: str, quantity: int) -> "WarehouseSet":
        """A new set in which one warehouse is to have so many units. Raises ValueError for a store not in the set."""
        if store_id not in self.quantities:
            raise ValueError(f"{self.user_product_id} has no warehouse {store_id}")
        checked_quantity(quantity)
        places = (replace(one, quantity=quantity) if one.store_id == store_id else one for one in self.places)
        return replace(self, places=tuple(places))

    @property
    def quantities(self) -> dict[str, int]:
        """Units by store."""
        return {place.store_id: place.quantity for place in self.places if place.store_id}

    def body(self) -> dict[str, Any]:
        return {"locations": [location_body(place) for place in self.places]}


def location_body(place: StockLocation) -> dict[str, Any]:
    """A warehouse and its units as ML wants them; the network node is left out where it is not known."""
    node = {} if place.network_node_id is None else {"network_node_id": place.network_node_id}
    return {"store_id": place.store_id, **node, "quantity": checked_quantity(place.quantity)}


def _places(shown: Mapping[str, StockLocation], managed: Mapping[str, str | None]) -> Iterable[StockLocation]:
    for store_id, place in shown.items():
        yield replace(place, network_node_id=managed.get(store_id) or place.network_node_id)
    for store_id, node in managed.items():
        if store_id not in shown:
            yield StockLocation(SELLER_WAREHOUSE, 0, store_id, node)
