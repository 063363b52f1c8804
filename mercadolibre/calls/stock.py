"""Stock of user products by place, the seller's warehouses, and listings published with stock in them."""

from typing import Any

from mercadolibre import keys
from mercadolibre.calls.caller import Caller, only, same
from mercadolibre.fields import Malformed, integer, many, mapping, sequence
from mercadolibre.protocol import Response
from mercadolibre.publishing import NewListing
from mercadolibre.resources.publishing import PublishedListing
from mercadolibre.resources.stock import (
    SELLER_WAREHOUSE,
    SELLING_ADDRESS,
    Store,
    UserProductStock,
)
from mercadolibre.resources.writes import WriteResult
from mercadolibre.variations import checked_quantity
from mercadolibre.warehouses import WarehouseSet

STORES_PAGE = 50
STORES_PAGES = 20


class StockCalls(Caller):
    def user_product_stock(self, user_product_id: str) -> UserProductStock:
        """GET /user-products/{id}/stock, at most 100 a minute. NotFound when no stock was ever set."""
        path = f"/user-products/{keys.user_product(user_product_id)}/stock"
        found = self._get(path, _versioned)
        same(user_product_id, found.user_product_id, path)
        return found

    def set_seller_warehouse_stock(self, places: WarehouseSet) -> WriteResult:
        """Set the units in the seller's warehouses, all of them. Raises VersionMismatch when the stock changed since
        the set was read: read and compute again; StoreProblem.
        """
        return self._put_stock(places.user_product_id, SELLER_WAREHOUSE, places.version, places.body())

    def set_selling_address_stock(self, user_product_id: str, version: int | None, quantity: int) -> WriteResult:
        """Set the units at the seller's address of a product that is also in Full (MLA, MLC). Applied later (204).

        Raises VersionMismatch and StockNotModifiable.
        """
        return self._put_stock(user_product_id, SELLING_ADDRESS, version, {"quantity": checked_quantity(quantity)})

    def publish(self, listing: NewListing) -> PublishedListing:
        """POST /items/multiwarehouse: a new listing with stock in the seller's warehouses.

        Each call makes a listing: one whose error says `outcome_unknown` is looked for before it is sent again.
        Raises StoreProblem, StockNotModifiable, Rejected with ML's causes, WritesDisabled.
        """
        return self._create("/items/multiwarehouse", listing.body(), PublishedListing.from_json)

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

    def _put_stock(self, user_product_id: str, kind: str, version: int | None, body: Any) -> WriteResult:
        path = f"/user-products/{keys.user_product(user_product_id)}/stock/type/{kind}"
        return self._write(path, body, headers={} if version is None else {"x-version": str(int(version))})


def _versioned(content: Any, response: Response) -> UserProductStock:
    return UserProductStock.from_json(content, version=integer(response.headers.get("x-version")))


def _stores(data: Any) -> tuple[tuple[Store, ...], int]:
    results = mapping(data).get("results")
    if not isinstance(results, list):
        raise Malformed("results: missing")
    total = integer(mapping(mapping(data).get("paging")).get("total"))
    return many(Store.from_json)(sequence(results)), total or 0
