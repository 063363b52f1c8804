"""Mercado Libre's error codes and phrases in plain English: one table, read by `errors.explain`."""

from collections.abc import Iterable
from dataclasses import dataclass

from mercadolibre.marking import gettext_noop


@dataclass(frozen=True)
class Explanation:
    """What an error means and what staff can do about it. Whole English sentences, translated where they are shown."""

    meaning: str
    todo: str


NO_STOCK_FROM_HERE = gettext_noop("Mercado Libre does not let the stock of this listing be changed in this way.")

# The first phrase found in ML's code, its causes' codes or its message wins; compared in lower case.
BY_PHRASE: tuple[tuple[str, Explanation], ...] = (
    (
        "invalid_operator_user_id",
        Explanation(
            gettext_noop("A collaborator of the seller authorised us; only the main user of the account may."),
            gettext_noop("Ask the seller to connect again, logged in as the account's main user."),
        ),
    ),
    (
        "unauthorized_scopes",
        Explanation(
            gettext_noop("Mercado Libre has blocked our application."),
            gettext_noop(
                "Stop and write to Mercado Libre's developer support; no seller can be served until they lift it."
            ),
        ),
    ),
    (
        "pa_unauthorized_result_from_policies",
        Explanation(
            gettext_noop(
                "The application lacks the permission for this area, or the seller authorised it before it had it."
            ),
            gettext_noop(
                "Check the application's functional permissions in DevCenter, then let the seller connect again."
            ),
        ),
    ),
    (
        "invalid scopes",
        Explanation(
            gettext_noop("The seller's authorisation does not cover this call."),
            gettext_noop("Check the application's permissions in DevCenter, then let the seller connect again."),
        ),
    ),
    (
        "local_rate_limited",
        Explanation(
            gettext_noop("Mercado Libre limits how often tokens are renewed; the token was not used up."),
            gettext_noop("Nothing: it is tried again by itself."),
        ),
    ),
    (
        "item.price.not_modifiable",
        Explanation(
            gettext_noop(
                "Mercado Libre sets this listing's price itself: a price automation or a promotion is running."
            ),
            gettext_noop(
                "End the automation or promotion in Mercado Libre's panel, or take the price rule off the listing."
            ),
        ),
    ),
    (
        "item.price.invalid",
        Explanation(
            gettext_noop("Mercado Libre does not accept this price for the listing."),
            gettext_noop(
                "Correct the price: above zero, below 9,999,999,999, without decimals where the currency has none."
            ),
        ),
    ),
    (
        "available_quantity.not_updatable",
        Explanation(
            gettext_noop("The seller keeps stock by warehouse; Mercado Libre refuses one total for the listing."),
            gettext_noop("Import the seller again so that their stock is sent by warehouse."),
        ),
    ),
    (
        "available_quantity is not updatable",
        Explanation(
            gettext_noop("The seller keeps stock by warehouse; Mercado Libre refuses one total for the listing."),
            gettext_noop("Import the seller again so that their stock is sent by warehouse."),
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
        "invalid.scroll.id",
        Explanation(
            gettext_noop("The mark that says where the listing scan had got to has expired (after five minutes)."),
            gettext_noop("Nothing: the scan starts again from the beginning."),
        ),
    ),
    (
        "not_owned_order",
        Explanation(
            gettext_noop("The order belongs to another seller."),
            gettext_noop("Nothing, if the notification came from elsewhere; otherwise let the seller connect again."),
        ),
    ),
    (
        "caller is not the item's owner",
        Explanation(
            gettext_noop("The listing belongs to another seller."),
            gettext_noop("Check that the listing is assigned to the right account."),
        ),
    ),
    (
        "item.attributes.missing_required",
        Explanation(
            gettext_noop("The listing lacks an attribute its category requires."),
            gettext_noop("Complete the listing's attributes in Mercado Libre's panel."),
        ),
    ),
    (
        "not_modifiable",
        Explanation(
            gettext_noop("Mercado Libre does not let this part of the listing be changed now."),
            gettext_noop(
                "Look at the listing in Mercado Libre's panel: catalog, promotion, review and Full all lock fields."
            ),
        ),
    ),
    (
        "field_not_updatable",
        Explanation(
            gettext_noop("Mercado Libre does not let this part of the listing be changed now."),
            gettext_noop(
                "Look at the listing in Mercado Libre's panel: catalog, promotion, review and Full all lock fields."
            ),
        ),
    ),
)


def find(words: Iterable[str]) -> Explanation | None:
    """The explanation of the first known phrase in ML's words, or None."""
    haystack = "\n".join(words).lower()
    return next((explanation for phrase, explanation in BY_PHRASE if phrase in haystack), None)
