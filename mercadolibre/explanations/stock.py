"""Stock by warehouse and at the seller's address, and publishing with stock by warehouse."""

from mercadolibre.explanations.explanation import Explanation, Table
from mercadolibre.marking import gettext_noop

NO_STOCK_FROM_HERE = gettext_noop("Mercado Libre does not let the stock of this listing be changed in this way.")
NO_TOTAL = Explanation(
    gettext_noop("The seller keeps stock by warehouse; Mercado Libre refuses one total for the listing."),
    gettext_noop("Import the seller again so that their stock is sent by warehouse."),
)

TABLE: Table = (
    ("available_quantity.not_updatable", NO_TOTAL),
    ("available_quantity is not updatable", NO_TOTAL),
    ("the fields [available_quantity] are invalid", NO_TOTAL),
    (
        "the fields [stock_locations] are required",
        Explanation(
            gettext_noop(
                "The seller keeps stock by warehouse, and the new listing says of no warehouse how many it has."
            ),
            gettext_noop("Link one of our warehouses to one of this seller's, then publish again."),
        ),
    ),
    (
        "the fields [stock_locations] are invalid",
        Explanation(
            gettext_noop("The seller keeps no stock by warehouse, and the new listing names warehouses."),
            gettext_noop("Import the seller again; until they have warehouses, publish in Mercado Libre's panel."),
        ),
    ),
    (
        "available_quantity is not modifiable",
        Explanation(
            NO_STOCK_FROM_HERE,
            gettext_noop(
                "Look whether the listing is in Full, under review or closed; its stock cannot be set while it is."
            ),
        ),
    ),
    (
        "do a full inbound first",
        Explanation(
            NO_STOCK_FROM_HERE,
            gettext_noop("The product needs a first delivery to Full before its own stock can be set."),
        ),
    ),
    (
        "fulfillment only",
        Explanation(
            NO_STOCK_FROM_HERE,
            gettext_noop("All listings of this product are served from Full: send units there to raise the stock."),
        ),
    ),
    (
        "in items without inventory id",
        Explanation(
            NO_STOCK_FROM_HERE,
            gettext_noop("The product is not in Full, so its stock is set on the listing: import the listing again."),
        ),
    ),
    (
        "blocked for modifications to the selling address",
        Explanation(
            gettext_noop("In this country the stock at the seller's address cannot be set apart from Full."),
            gettext_noop("Change the stock in Mercado Libre's panel."),
        ),
    ),
    (
        "cannot update selling address stock",
        Explanation(
            gettext_noop("The seller keeps stock by warehouse, so there is no stock at a selling address."),
            gettext_noop("Import the seller again so that their stock is sent by warehouse."),
        ),
    ),
    (
        "store not found",
        Explanation(
            gettext_noop("Mercado Libre does not know this warehouse any more."),
            gettext_noop("Read the seller's warehouses again and link ours to one that exists."),
        ),
    ),
    (
        "store does not belong to seller",
        Explanation(
            gettext_noop("The warehouse belongs to another seller at Mercado Libre."),
            gettext_noop("Link our warehouse to one of this seller's own."),
        ),
    ),
    (
        "not configured to be a stock location",
        Explanation(
            gettext_noop("The seller has not switched this warehouse on for stock at Mercado Libre."),
            gettext_noop("Ask the seller to switch it on: Sales, Sales preferences, My warehouses."),
        ),
    ),
    (
        "store cannot be null or empty",
        Explanation(
            gettext_noop("The stock was sent without saying which warehouse it is in."),
            gettext_noop("Link our warehouse to one of the seller's at Mercado Libre."),
        ),
    ),
    (
        "seller with a single warehouse",
        Explanation(
            gettext_noop("The seller has one warehouse at Mercado Libre and stock was sent for several."),
            gettext_noop("Link only one of our warehouses to this seller."),
        ),
    ),
    (
        "missing x-version header",
        Explanation(
            gettext_noop("The stock was sent without the version that was read before."),
            gettext_noop("Try again; if it comes back, report it."),
        ),
    ),
    (
        "version mismatch",
        Explanation(
            gettext_noop("The stock changed at Mercado Libre since it was read, for example by a sale."),
            gettext_noop("Nothing: it is read again, computed again and sent again."),
        ),
    ),
    (
        "stock-locations not found",
        Explanation(
            gettext_noop("Mercado Libre has never been told any stock of this product."),
            gettext_noop("Nothing: the first stock that is sent creates it."),
        ),
    ),
)
