"""The client: one method per call that we use, and no way to send anything else."""

from mercadolibre.calls.accounts import AccountCalls
from mercadolibre.calls.fulfillment import FulfillmentCalls
from mercadolibre.calls.global_selling import (
    GlobalAccountCalls,
    GlobalFulfillmentCalls,
    GlobalItemCalls,
    GlobalOrderCalls,
)
from mercadolibre.calls.items import ItemCalls
from mercadolibre.calls.orders import OrderCalls
from mercadolibre.calls.prices import PriceCalls
from mercadolibre.calls.publishing import PublishingCalls
from mercadolibre.calls.stock import StockCalls
from mercadolibre.calls.user_products import UserProductCalls
from mercadolibre.sites import SITES
from mercadolibre.variations import Quantities, VariationSet
from mercadolibre.warehouses import WarehouseSet

__all__ = ["Client", "GlobalClient", "Quantities", "VariationSet", "WarehouseSet", "client_class"]


class Client(
    AccountCalls, ItemCalls, OrderCalls, UserProductCalls, StockCalls, FulfillmentCalls, PriceCalls, PublishingCalls
):
    """A seller's access to Mercado Libre: `Client(transport, base_url, access_token, may_write=…)`.

    Every call raises errors of the tree in `errors`, and ValueError before any I/O for a key of the wrong shape.
    Writes raise WritesDisabled before any I/O while `may_write`, a bool or a function asked each time, is false.
    """


class GlobalClient(GlobalAccountCalls, GlobalItemCalls, GlobalOrderCalls, GlobalFulfillmentCalls, Client):
    """The same for a seller of Global Selling (site CBT): items, orders, carts, shipments and operations in Full by
    its own paths.

    It answers with the same types, so whoever has a Client need not know which of the two it is. What it has besides:
    `marketplaces`, changes `on` one marketplace, and `set_net_proceeds`, `set_title`, `set_package`, `set_pictures`,
    `add_variation`.
    """


def client_class(site_id: str) -> type[Client]:
    """The client for a seller's site, chosen here and nowhere else: `client_class(site_id)(transport, base_url, …)`."""
    site = SITES.get(site_id)
    return GlobalClient if site is not None and site.family == "global" else Client
