"""The client: one method per call that we use, and no way to send anything else."""

from mercadolibre.calls.accounts import AccountCalls
from mercadolibre.calls.items import ItemCalls
from mercadolibre.calls.orders import OrderCalls
from mercadolibre.calls.prices import PriceCalls
from mercadolibre.calls.stock import StockCalls
from mercadolibre.variations import Quantities, VariationSet

__all__ = ["Client", "Quantities", "VariationSet"]


class Client(AccountCalls, ItemCalls, OrderCalls, StockCalls, PriceCalls):
    """A seller's access to Mercado Libre: `Client(transport, base_url, access_token, may_write=…)`.

    Every call raises errors of the tree in `errors`, and ValueError before any I/O for a key of the wrong shape.
    Writes raise WritesDisabled before any I/O while `may_write`, a bool or a function asked each time, is false.
    """
