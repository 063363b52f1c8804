"""Global Selling: the same calls as for a seller of one country, by the paths that its items and orders have."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from mercadolibre import keys
from mercadolibre.calls.accounts import AccountCalls
from mercadolibre.calls.caller import only
from mercadolibre.calls.fulfillment import FulfillmentCalls
from mercadolibre.calls.items import BULK_LIMIT, ItemCalls, checked_price, price_body, quantity_body
from mercadolibre.calls.orders import OrderCalls
from mercadolibre.checks.package import Package, attributes_of_package
from mercadolibre.errors import NotFound
from mercadolibre.resources.items import Item
from mercadolibre.resources.marketplaces import Marketplace, MarketplaceAccount, is_global, marketplace_accounts
from mercadolibre.resources.writes import WriteResult
from mercadolibre.sites import to_wire
from mercadolibre.variations import NewVariation, Quantities, VariationSet, check_item_body, check_marketplace_body

CURRENCY = "USD"
PARENT_STATUSES = frozenset({"active", "paused"})
DELETABLE = frozenset({"paused", "closed"})


class GlobalAccountCalls(AccountCalls):
    def marketplaces(self, user_id: int) -> tuple[MarketplaceAccount, ...]:
        """GET /marketplace/users/{id}: where a global seller sells, and their number there. Orders name that number."""
        return self._get(f"/marketplace/users/{keys.number(user_id)}", only(marketplace_accounts))


class GlobalOrderCalls(OrderCalls):
    """Orders, carts and shipments of all marketplaces. The seller of each is the seller's number on that site."""

    ORDERS = "/marketplace/orders"
    PACKS = "/marketplace/orders/pack"
    SHIPMENTS = "/marketplace/shipments"


class GlobalFulfillmentCalls(FulfillmentCalls):
    FULL_OPERATIONS = "/marketplace/stock/fulfillment/operations"


class GlobalItemCalls(ItemCalls):
    """Parents ("CBT…") with their stock and prices, and their listings on the marketplaces ("MLM…").

    Every PUT is answered with `{}`: it says that ML took the request, not what became of it. Read back.
    """

    def items(self, item_ids: Iterable[str]) -> dict[str, Item | None]:
        """Up to 20 items, one call each: no call for many is known. Raises as `ItemCalls.items`."""
        asked = tuple(dict.fromkeys(keys.item(one) for one in item_ids))
        if len(asked) > BULK_LIMIT:
            raise ValueError(f"at most {BULK_LIMIT} items at once")
        return {one: self._item_or_none(one) for one in asked}

    def set_quantity(self, item: Item, quantities: Quantities) -> WriteResult:
        """Set how many units a parent has for sale: one number for its listings on all sites. Raises as
        `ItemCalls.set_quantity`, and ValueError for a listing, whose stock is its parent's.
        """
        if not item.is_global:
            raise ValueError("stock is set on the parent item")
        return self._put_item(item, quantity_body(item, quantities))

    def set_price(self, item: Item, price: Decimal, *, on: Marketplace | None = None) -> WriteResult:
        """Set a price in USD. A parent's holds on every marketplace that has none of its own; with `on`, or on a
        listing, only there, for all variations at once. Raises as `ItemCalls.set_price`.
        """
        if item.is_global and on is None:
            return self._put_item(item, price_body(item, price, CURRENCY))
        return self._put_item(item, {**_target(item, on), "price": to_wire(checked_price(price, CURRENCY))})

    def set_net_proceeds(self, item: Item, amount: Decimal) -> WriteResult:
        """Set what the seller is to receive for a listing, in USD; ML makes the price from it. Raises ValueError for
        a parent, or an amount out of range.
        """
        if item.is_global:
            raise ValueError("net proceeds are of a marketplace's listing")
        return self._put_item(item, {"net_proceeds": to_wire(checked_price(amount, CURRENCY))})

    def set_status(self, item: Item, status: str, *, on: Marketplace | None = None) -> WriteResult:
        """Set active or paused: of a parent everywhere; with `on`, or of a listing, only there. A listing that is
        paused or closed may be set deleted, which is final. Raises ValueError for any other word.
        """
        deletes = status == "deleted" and not item.is_global and item.status in DELETABLE
        if status not in PARENT_STATUSES and not deletes:
            raise ValueError("not a status that can be set")
        return self._put_item(item, {**_target(item, on), "status": status})

    def set_title(self, item: Item, title: str) -> WriteResult:
        """Set the title: of a parent in English, of a listing in the language of its country. Not after a sale."""
        return self._put_item(item, {"title": title})

    def set_package(self, item: Item, package: Package) -> WriteResult:
        """Set the measures of a parent's package, all four. Raises ValueError for a listing, or if one is missing."""
        if not item.is_global:
            raise ValueError("the package is the parent item's")
        return self._put_item(item, {"attributes": attributes_of_package(package)})

    def set_pictures(self, item: Item, kept: Sequence[str], addresses: Sequence[str]) -> WriteResult:
        """Set the pictures: those kept, by ML's ids, and then those that ML is to fetch. All others go. Raises
        ValueError for none at all.
        """
        if not kept and not addresses:
            raise ValueError("a listing has a picture")
        pictures = [*({"id": one} for one in kept), *({"source": one} for one in addresses)]
        return self._put_item(item, {"pictures": pictures})

    def add_variation(self, item: Item, new: NewVariation) -> WriteResult:
        """Give a parent that has variations one more; those it has stay as they are. Raises IncompleteVariations, and
        ValueError for a listing, whose variations are its parent's.
        """
        if not item.is_global:
            raise ValueError("variations are added to the parent item")
        return self._put_item(item, {"variations": VariationSet.from_item(item).with_new(new)})

    def _read_path(self, item_id: str) -> str:
        kind = "global" if is_global(item_id) else "marketplace"
        return f"/{kind}/items/{keys.item(item_id)}"

    def _write_path(self, item: Item) -> str:
        return f"/global/items/{keys.item(item.id)}"

    def _check_body(self, item: Item, body: Mapping[str, Any]) -> None:
        if item.is_global and "site_id" not in body:
            check_item_body(item, body)
        else:
            check_marketplace_body(body)

    def _item_or_none(self, item_id: str) -> Item | None:
        try:
            return self.item(item_id)
        except NotFound:
            return None


def _target(item: Item, on: Marketplace | None) -> dict[str, str]:
    """What names the listing meant: nothing for the item itself."""
    if on is None:
        return {}
    if not item.is_global:
        raise ValueError("a marketplace is named on the parent item")
    return on.body()
