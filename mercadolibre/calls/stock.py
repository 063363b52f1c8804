"""Stock of user products by place, the seller's warehouses, Full stock."""

from collections.abc import Sequence
from typing import Any

from mercadolibre import keys
from mercadolibre.calls.caller import Caller, only, same
from mercadolibre.fields import Malformed, integer, many, mapping, sequence
from mercadolibre.protocol import Response
from mercadolibre.resources.stock import (
    SELLER_WAREHOUSE,
    SELLING_ADDRESS,
    FulfillmentStock,
    StockLocation,
    Store,
    UserProduct,
    UserProductFamily,
    UserProductStock,
)
from mercadolibre.resources.writes import WriteResult
from mercadolibre.variations import checked_quantity

STORES_PAGE = 50
STORES_PAGES = 20


class StockCalls(Caller):
    def user_product(self, user_product_id: str) -> UserProduct:
        """GET /user-products/{id}."""
        path = f"/user-products/{keys.user_product(user_product_id)}"
        found = self._get(path, only(UserProduct.from_json))
        same(user_product_id, found.id, path)
        return found

    def user_product_family(self, site_id: str, family_id: int | str) -> UserProductFamily:
        """GET /sites/{site}/user-products-families/{id}."""
        path = f"/sites/{keys.site(site_id)}/user-products-families/{keys.number(family_id)}"
        found = self._get(path, only(UserProductFamily.from_json))
        same(family_id, found.family_id, path)
        return found

    def user_product_stock(self, user_product_id: str) -> UserProductStock:
        """GET /user-products/{id}/stock, at most 100 a minute. NotFound when no stock was ever set."""
        path = f"/user-products/{keys.user_product(user_product_id)}/stock"
        found = self._get(path, _versioned)
        same(user_product_id, found.user_product_id, path)
        return found

    def set_seller_warehouse_stock(
        self, user_product_id: str, version: int, locations: Sequence[StockLocation]
    ) -> WriteResult:
        """Set the units in the seller's warehouses. Give all that are managed: what ML does with others is not said.

        Raises VersionMismatch when the stock changed since `version` was read: read and compute again; StoreProblem;
        ValueError for a place that is not a warehouse, or twice the same.
        """
        stores = [location.store_id for location in locations]
        if not stores or None in stores or len(set(stores)) < len(stores):
            raise ValueError("each location needs a store of its own")
        if any(location.type not in ("", SELLER_WAREHOUSE) for location in locations):
            raise ValueError("only the seller's warehouses can be set")
        body = {"locations": [_location(location) for location in locations]}
        return self._put_stock(user_product_id, SELLER_WAREHOUSE, version, body)

    def set_selling_address_stock(self, user_product_id: str, version: int | None, quantity: int) -> WriteResult:
        """Set the units at the seller's address of a product that is also in Full (MLA, MLC). Applied later (204).

        Raises VersionMismatch and StockNotModifiable.
        """
        return self._put_stock(user_product_id, SELLING_ADDRESS, version, {"quantity": checked_quantity(quantity)})

    def stores(self, user_id: int) -> tuple[Store, ...]:
        """GET /users/{id}/stores/search: all of the seller's warehouses that hold stock."""
        path = f"/users/{keys.number(user_id)}/stores/search"
        found: list[Store] = []
        for page in range(STORES_PAGES):
            query = (("tags", "stock_location"), ("limit", str(STORES_PAGE)), ("offset", str(page * STORES_PAGE)))
            stores, total = self._get(path, only(_stores), query=query)
            new = [store for store in stores if store not in found]
            found += new
            if not new or len(found) >= total:
                break
        return tuple(found)

    def fulfillment_stock(self, inventory_id: str) -> FulfillmentStock:
        """GET /inventories/{id}/stock/fulfillment: units in ML's own warehouse."""
        path = f"/inventories/{keys.inventory(inventory_id)}/stock/fulfillment"
        found = self._get(path, only(FulfillmentStock.from_json))
        same(inventory_id, found.inventory_id, path)
        return found

    def _put_stock(self, user_product_id: str, kind: str, version: int | None, body: Any) -> WriteResult:
        path = f"/user-products/{keys.user_product(user_product_id)}/stock/type/{kind}"
        return self._write(path, body, headers={} if version is None else {"x-version": str(int(version))})


def _versioned(content: Any, response: Response) -> UserProductStock:
    return UserProductStock.from_json(content, version=integer(response.headers.get("x-version")))


def _location(location: StockLocation) -> dict[str, Any]:
    node = {} if location.network_node_id is None else {"network_node_id": location.network_node_id}
    return {"store_id": location.store_id, **node, "quantity": checked_quantity(location.quantity)}


def _stores(data: Any) -> tuple[tuple[Store, ...], int]:
    results = mapping(data).get("results")
    if not isinstance(results, list):
        raise Malformed("results: missing")
    total = integer(mapping(mapping(data).get("paging")).get("total"))
    return many(Store.from_json)(sequence(results)), total or 0
