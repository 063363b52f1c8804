"""Listings and their prices. What Mercado Libre says of any field stands last."""

from mercadolibre.explanations.explanation import Explanation, Table
from mercadolibre.marking import gettext_noop

PRICE_IS_MLS = Explanation(
    gettext_noop("Mercado Libre sets this listing's price itself: a price automation or a promotion is running."),
    gettext_noop("End the automation or promotion in Mercado Libre's panel, or take the price rule off the listing."),
)
LOCKED = Explanation(
    gettext_noop("Mercado Libre does not let this part of the listing be changed now."),
    gettext_noop("Look at the listing in Mercado Libre's panel: catalog, promotion, review and Full all lock fields."),
)
OFFER_LOCKED = Explanation(
    gettext_noop("Mercado Libre is changing the offer itself at the moment."),
    gettext_noop("Wait some minutes, then try again."),
)

TABLE: Table = (
    ("item.price.not_modifiable", PRICE_IS_MLS),
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
        "automation_already_created",
        Explanation(
            gettext_noop("The listing already has a price automation."),
            gettext_noop("Change or end the one it has, in Mercado Libre's panel."),
        ),
    ),
    (
        "error_credibility_discounted_price",
        Explanation(
            gettext_noop(
                "Mercado Libre does not believe the discount: the earlier price was not in force long enough."
            ),
            gettext_noop("Give a smaller discount, or keep the higher price for some weeks first."),
        ),
    ),
    ("lockedentityexception", OFFER_LOCKED),
    ("offer locked", OFFER_LOCKED),
    (
        "item optimistic locking error",
        Explanation(
            gettext_noop("Something else changed the listing at the same moment."),
            gettext_noop("Nothing: it is read again, computed again and sent again."),
        ),
    ),
    (
        "item with id",
        Explanation(
            gettext_noop("Mercado Libre has no listing of this number, or not in this account."),
            gettext_noop("Check that the listing is assigned to the right account; if it was deleted, nothing."),
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
        "has no prices associated",
        Explanation(
            gettext_noop("Mercado Libre has no price of this listing: it does not exist, or it never had one."),
            gettext_noop("Import the listing again; if it is still for sale, set its price in Mercado Libre's panel."),
        ),
    ),
    (
        "entity not calculated",
        Explanation(
            gettext_noop("Mercado Libre does not work this out for such a listing, for example one in the catalog."),
            gettext_noop("Nothing: it is shown without it."),
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
        "item.attribute.business_conditional",
        Explanation(
            gettext_noop("An attribute of the listing does not fit its category or its other attributes."),
            gettext_noop("Correct the listing's attributes in Mercado Libre's panel."),
        ),
    ),
    ("not_modifiable", LOCKED),
    ("field_not_updatable", LOCKED),
)
