"""Orders, packs and shipments."""

from datetime import UTC, datetime, timedelta

from mercadolibre import keys
from mercadolibre.calls.caller import Caller, only, same
from mercadolibre.resources.orders import Order, OrderPage, Pack
from mercadolibre.resources.shipments import (
    Shipment,
    ShipmentLink,
    ShipmentOrder,
    shipment_links,
    shipment_orders,
)
from mercadolibre.times import wire_time

PAGE_LIMIT = 50
OFFSET_LIMIT = 10_000
HOUR = timedelta(hours=1)


class OrderCalls(Caller):
    ORDERS = "/orders"
    PACKS = "/packs"
    SHIPMENTS = "/shipments"

    def order(self, order_id: int | str) -> Order:
        """GET /orders/{id}. NotFound also just after a sale: ML shows it some seconds later."""
        path = f"{self.ORDERS}/{keys.number(order_id)}"
        order = self._get(path, lambda content, response: Order.from_json(content, missing=response.missing))
        same(order_id, order.id, path)
        return order

    def search_orders(
        self,
        seller_id: int,
        date_last_updated_from: datetime,
        to: datetime | None = None,
        offset: int = 0,
        limit: int = PAGE_LIMIT,
    ) -> OrderPage:
        """GET /orders/search: ids of orders changed in a window, both moments aware.

        ML ignores minutes, so the window is widened to whole hours. It sorts by another date than it filters by:
        page through closed windows that overlap, and forget doubles. Raises ValueError above 50 a page or beyond
        the 10,000th, where the window has to be cut.
        """
        if not 1 <= limit <= PAGE_LIMIT or not 0 <= offset <= OFFSET_LIMIT:
            raise ValueError("a page holds 1 to 50 orders and begins at the 10,000th at most")
        query = [
            ("seller", keys.number(seller_id)),
            ("order.date_last_updated.from", wire_time(_hour(date_last_updated_from))),
            ("sort", "date_asc"),
            ("offset", str(offset)),
            ("limit", str(limit)),
        ]
        if to is not None:
            query.append(("order.date_last_updated.to", wire_time(_next_hour(to))))
        return self._get(f"{self.ORDERS}/search", only(OrderPage.from_json), query=tuple(query))

    def pack(self, pack_id: int | str) -> Pack:
        """GET /packs/{id}: the cart an order belongs to."""
        path = f"{self.PACKS}/{keys.number(pack_id)}"
        pack = self._get(path, only(Pack.from_json))
        same(pack_id, pack.id, path)
        return pack

    def shipment(self, shipment_id: int | str) -> Shipment:
        """GET /shipments/{id}, asked for in the new format and read in either."""
        path = f"{self.SHIPMENTS}/{keys.number(shipment_id)}"
        shipment = self._get(path, only(Shipment.from_json), headers={"x-format-new": "true"})
        same(shipment_id, shipment.id, path)
        return shipment

    def order_shipments(self, order_id: int | str) -> tuple[ShipmentLink, ...] | None:
        """GET /orders/{id}/shipments; None while ML has none to show yet (204)."""
        path = f"/orders/{keys.number(order_id)}/shipments"
        return self._get(path, only(shipment_links), headers={"X-New-Domain": "true"})

    def shipment_orders(self, shipment_id: int | str) -> tuple[ShipmentOrder, ...]:
        """GET /shipments/{id}/orders: the orders a shipment holds, which its new format does not name."""
        path = f"{self.SHIPMENTS}/{keys.number(shipment_id)}/orders"
        return self._get(path, only(shipment_orders), headers={"X-New-Domain": "true"})


def _hour(moment: datetime) -> datetime:
    """The whole hour a moment lies in, in UTC. Raises ValueError for a moment without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a zone")
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _next_hour(moment: datetime) -> datetime:
    whole = _hour(moment)
    return whole if whole == moment else whole + HOUR
