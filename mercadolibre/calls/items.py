"""Items: finding, reading and writing them."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from mercadolibre import keys
from mercadolibre.calls.caller import Caller, only, same
from mercadolibre.errors import RateLimited, ServerError, StaleRead, WrongResource
from mercadolibre.fields import Malformed, integer, mapping, text
from mercadolibre.protocol import Query, Response
from mercadolibre.resources.items import Item, ItemPage, ScanPage
from mercadolibre.resources.writes import WriteResult
from mercadolibre.sites import PRICE_LIMIT, round_price, to_wire
from mercadolibre.variations import Quantities, VariationSet, check_item_body, checked_quantity

BULK_LIMIT = 20
SEARCH_CEILING = 1000
FRESH_FOR = 10.0  # seconds between reading an item and writing it
WRITABLE_STATUSES = frozenset({"active", "paused", "closed"})

ALL_ATTRIBUTES = ("include_attributes", "all")


class ItemCalls(Caller):
    def search_items(
        self,
        user_id: int,
        status: str | None = None,
        offset: int = 0,
        limit: int = 50,
        seller_sku: str | None = None,
        user_product_id: str | Sequence[str] | None = None,
    ) -> ItemPage:
        """GET /users/{id}/items/search: item ids, at most the first 1000; beyond that use `scan_items`.

        Raises ValueError for a limit above 100 or a page beyond the thousandth.
        """
        if not 1 <= limit <= 100 or not 0 <= offset <= SEARCH_CEILING - limit:
            raise ValueError("a page holds 1 to 100 ids and ends at the thousandth")
        query = [("offset", str(offset)), ("limit", str(limit)), *_filters(status, seller_sku, user_product_id)]
        return self._get(_search_path(user_id), only(ItemPage.from_json), query=tuple(query))

    def scan_items(
        self, user_id: int, scroll_id: str | None = None, limit: int = 100, status: str | None = None
    ) -> ScanPage:
        """The next page of all of a seller's item ids. Give the `scroll_id` of the page before: it changes every time.

        It lives five minutes, then InvalidScroll. Ids may repeat or be skipped while listings change.
        """
        if not 1 <= limit <= 100:
            raise ValueError("a page holds 1 to 100 ids")
        query = [("search_type", "scan"), ("limit", str(limit)), *_filters(status, None, None)]
        if scroll_id:
            query.append(("scroll_id", scroll_id))
        return self._get(_search_path(user_id), only(ScanPage.from_json), query=tuple(query))

    def items(self, item_ids: Iterable[str]) -> dict[str, Item | None]:
        """GET /items/bulk: up to 20 items, each id once, in the order asked; None for one ML does not give us.

        Raises ValueError above 20 ids, ServerError or RateLimited if ML had such trouble with any of them.
        """
        asked = tuple(dict.fromkeys(keys.item(one) for one in item_ids))
        if len(asked) > BULK_LIMIT:
            raise ValueError(f"at most {BULK_LIMIT} items at once")
        if not asked:
            return {}
        query: Query = (("ids", ",".join(asked)), ALL_ATTRIBUTES)
        found = self._get("/items/bulk", self._bulk, query=query)
        if not found.keys() <= set(asked):
            raise WrongResource("an item that was not asked for", request="GET /items/bulk")
        return {one: found.get(one) for one in asked}

    def item(self, item_id: str) -> Item:
        """GET /items/{id} with all attributes, its variations' SKUs among them. Raises NotFound, WrongResource."""
        path = self._read_path(item_id)
        item = self._get(path, self._item, query=(ALL_ATTRIBUTES,))
        same(item_id, item.id, path)
        return item

    def set_quantity(self, item: Item, quantities: Quantities) -> WriteResult:
        """Set how many units are for sale. `quantities`: units, or for an item with variations a VariationSet of it.

        2xx is no proof: sellers by warehouse are answered 200 without effect, so read back. Raises StaleRead,
        IncompleteVariations and WritesDisabled before anything is sent, StockNotModifiable and Conflict after.
        """
        return self._put_item(item, quantity_body(item, quantities))

    def set_price(self, item: Item, price: Decimal) -> WriteResult:
        """Set the price, rounded by the item's currency; all variations get the same.

        A warning `item.price.not_modifiable` means that it did not take. Raises as `set_quantity`, and
        PriceNotModifiable; ValueError for a price that is not above zero and below 9,999,999,999.
        """
        return self._put_item(item, price_body(item, price, item.currency_id or ""))

    def set_status(self, item: Item, status: str) -> WriteResult:
        """Set active, paused or closed. Closed is final. Raises ValueError for any other word."""
        if status not in WRITABLE_STATUSES:
            raise ValueError("not a status that can be set")
        return self._put_item(item, {"status": status})

    def _read_path(self, item_id: str) -> str:
        return _item_path(item_id)

    def _write_path(self, item: Item) -> str:
        return _item_path(item.id)

    def _check_body(self, item: Item, body: Mapping[str, Any]) -> None:
        check_item_body(item, body)

    def _put_item(self, item: Item, body: Mapping[str, Any]) -> WriteResult:
        """The one place that writes items, and the guard in front of it."""
        path = self._write_path(item)
        self._check_body(item, body)
        if item.read_at is None or not 0 <= self._clock() - item.read_at < FRESH_FOR:
            raise StaleRead(f"{item.id} was not read in the last {FRESH_FOR:.0f} seconds", request=f"PUT {path}")
        return self._write(path, body)

    def _item(self, content: Any, response: Response) -> Item:
        return Item.from_json(content, missing=response.missing, read_at=self._clock())

    def _bulk(self, content: Any, response: Response) -> dict[str, Item]:
        if not isinstance(content, list) or not content:
            raise Malformed("bulk: no elements")
        items: dict[str, Item] = {}
        for element in content:
            body = _body_of(mapping(element))
            if body is not None:
                item = self._item(body, response)
                items[item.id] = item
        return items


def quantity_body(item: Item, quantities: Quantities) -> dict[str, Any]:
    """The body that sets how many units are for sale."""
    if not isinstance(quantities, VariationSet):
        return {"available_quantity": checked_quantity(quantities)}
    if quantities.item_id != item.id or not quantities.quantities:
        raise ValueError("the quantities are of another item, or none is set")
    return {"variations": quantities.stock_body()}


def price_body(item: Item, price: Decimal, currency_id: str) -> dict[str, Any]:
    """The body that sets the price, of every variation where there are any."""
    rounded = checked_price(price, currency_id)
    if item.variations:
        return {"variations": VariationSet.from_item(item).price_body(rounded)}
    return {"price": to_wire(rounded)}


def checked_price(price: Decimal, currency_id: str) -> Decimal:
    """The price as its currency has it. Raises ValueError for one that is not above zero and below 9,999,999,999."""
    rounded = round_price(price, currency_id)
    if not 0 < rounded < PRICE_LIMIT:
        raise ValueError("the price is out of range")
    return rounded


def _body_of(element: Mapping[str, Any]) -> Any:
    """The item in an element of a bulk answer, told by its body and never by position; None for a missing one."""
    code = integer(element.get("status_code")) or integer(element.get("code")) or 200
    if code == 429:
        raise RateLimited("one of the items", status=code, request="GET /items/bulk")
    if code >= 500:
        raise ServerError("one of the items", status=code, request="GET /items/bulk")
    body = element.get("body")
    if code >= 400 or not body:
        return None
    envelope_id = text(element.get("id"))
    if envelope_id is not None and envelope_id != mapping(body).get("id"):
        raise Malformed("bulk: an element's id is not its body's")
    return body


def _item_path(item_id: str) -> str:
    return f"/items/{keys.item(item_id)}"


def _search_path(user_id: int) -> str:
    return f"/users/{keys.number(user_id)}/items/search"


def _filters(
    status: str | None, seller_sku: str | None, user_product_id: str | Sequence[str] | None
) -> Iterable[tuple[str, str]]:
    if status is not None:
        yield "status", status
    if seller_sku is not None:
        yield "seller_sku", seller_sku
    if user_product_id is not None:
        ids = [user_product_id] if isinstance(user_product_id, str) else user_product_id
        yield "user_product_id", ",".join(keys.user_product(one) for one in ids)
