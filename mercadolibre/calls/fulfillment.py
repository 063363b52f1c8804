"""Units in Full: what is there, and what happened to them."""

from collections.abc import Sequence
from datetime import date

from mercadolibre import keys
from mercadolibre.calls.caller import Caller, only, same
from mercadolibre.resources.fulfillment import FulfillmentOperation, FulfillmentOperationPage, FulfillmentStock

OPERATIONS_PAGE = 100


class FulfillmentCalls(Caller):
    FULL_OPERATIONS = "/stock/fulfillment/operations"

    def fulfillment_stock(self, inventory_id: str) -> FulfillmentStock:
        """GET /inventories/{id}/stock/fulfillment: units in ML's own warehouse. Raises NotFound."""
        path = f"/inventories/{keys.inventory(inventory_id)}/stock/fulfillment"
        found = self._get(path, only(FulfillmentStock.from_json))
        same(inventory_id, found.inventory_id, path)
        return found

    def fulfillment_operations(
        self, seller_id: int, inventory_ids: Sequence[str], first: date, last: date, scroll: str | None = None
    ) -> FulfillmentOperationPage:
        """GET /stock/fulfillment/operations/search: what happened to a seller's units on some days, both included.

        Give the `scroll` of the page before for the next. Raises ValueError without an inventory id, or for days that
        are not in order.
        """
        if not inventory_ids or last < first:
            raise ValueError("some inventory ids, and the first day before the last")
        query = [
            ("seller_id", keys.number(seller_id)),
            ("inventory_id", ",".join(keys.inventory(one) for one in inventory_ids)),
            ("date_from", first.isoformat()),
            ("date_to", last.isoformat()),
            ("limit", str(OPERATIONS_PAGE)),
        ]
        if scroll is not None:
            query.append(("scroll", scroll))
        path = f"{self.FULL_OPERATIONS}/search"
        return self._get(path, only(FulfillmentOperationPage.from_json), query=tuple(query))

    def fulfillment_operation(self, operation_id: int | str) -> FulfillmentOperation:
        """GET /stock/fulfillment/operations/{id}: what a notification of Full is about."""
        path = f"{self.FULL_OPERATIONS}/{keys.number(operation_id)}"
        found = self._get(path, only(FulfillmentOperation.from_json))
        same(operation_id, found.id, path)
        return found
