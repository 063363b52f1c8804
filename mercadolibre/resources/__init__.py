"""What Mercado Libre's resources look like to us: frozen dataclasses, each built by its `from_json`.

Names are ML's own. Unknown keys pass, words that may grow stay text, missing optional values are None, moments are
aware and in UTC, amounts are Decimal. `from_json` raises `fields.Malformed` where something indispensable is missing.
"""

from mercadolibre.notifications import Notification
from mercadolibre.oauth import Token
from mercadolibre.resources.accounts import Application, User
from mercadolibre.resources.attributes import Attribute
from mercadolibre.resources.fulfillment import FulfillmentOperation, FulfillmentOperationPage, FulfillmentStock
from mercadolibre.resources.items import Item, ItemPage, ItemRelation, ScanPage, Variation
from mercadolibre.resources.marketplaces import Marketplace, MarketplaceAccount, MarketplaceItem
from mercadolibre.resources.migrations import Migration, Successor
from mercadolibre.resources.orders import CancelDetail, Order, OrderLine, OrderPage, OrderRef, Pack, Payment
from mercadolibre.resources.prices import Boost, ItemPrices, ListingPrice, Price, PriceToWin, SalePrice
from mercadolibre.resources.publishing import PublishedListing
from mercadolibre.resources.shipments import Shipment, ShipmentLink, ShipmentOrder
from mercadolibre.resources.stock import (
    StockLocation,
    Store,
    UserProduct,
    UserProductFamily,
    UserProductStock,
)
from mercadolibre.resources.writes import WriteResult

__all__ = [
    "Application",
    "Attribute",
    "Boost",
    "CancelDetail",
    "FulfillmentOperation",
    "FulfillmentOperationPage",
    "FulfillmentStock",
    "Item",
    "ItemPage",
    "ItemPrices",
    "ItemRelation",
    "ListingPrice",
    "Marketplace",
    "MarketplaceAccount",
    "MarketplaceItem",
    "Migration",
    "Notification",
    "Order",
    "OrderLine",
    "OrderPage",
    "OrderRef",
    "Pack",
    "Payment",
    "Price",
    "PriceToWin",
    "PublishedListing",
    "SalePrice",
    "ScanPage",
    "Shipment",
    "ShipmentLink",
    "ShipmentOrder",
    "StockLocation",
    "Store",
    "Successor",
    "Token",
    "User",
    "UserProduct",
    "UserProductFamily",
    "UserProductStock",
    "Variation",
    "WriteResult",
]
