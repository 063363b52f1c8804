"""Global Selling: parents, marketplaces and parcels that cross borders."""

from mercadolibre.explanations.explanation import Explanation, Table
from mercadolibre.marking import gettext_noop

TABLE: Table = (
    (
        "the body sent is not valid",
        Explanation(
            gettext_noop("Mercado Libre does not accept a field or a value of the change."),
            gettext_noop("Check what was to be changed: a status can be active or paused, nothing else."),
        ),
    ),
    (
        "cannot update item price because it is an invalid value",
        Explanation(
            gettext_noop("Mercado Libre does not accept this price for the listing."),
            gettext_noop("Correct the price: it has to be above zero, in US dollars."),
        ),
    ),
    (
        "invalid property type: [available_quantity]",
        Explanation(
            gettext_noop("Mercado Libre does not accept this quantity for the listing."),
            gettext_noop("Correct the quantity: a whole number, zero or more."),
        ),
    ),
    (
        "user not found by site",
        Explanation(
            gettext_noop("The seller does not sell on this marketplace of Global Selling, or it does not exist."),
            gettext_noop("Choose Brazil, Chile, Mexico or Colombia, and one that the seller has opened."),
        ),
    ),
    (
        "cannot modify cbt item from this resource",
        Explanation(
            gettext_noop("This is an item of Global Selling, and it was changed like a listing of one country."),
            gettext_noop("Import the seller again: a seller of Global Selling has calls of its own."),
        ),
    ),
    (
        "error processing dimensions for item",
        Explanation(
            gettext_noop("The measures of the package are not complete, or one of them is not accepted."),
            gettext_noop(
                "Fill in width, height, length and weight of the package: each side at least 3 cm, at least 50 g."
            ),
        ),
    ),
    (
        "shipping configuration is not valid for item",
        Explanation(
            gettext_noop("Mercado Libre cannot ship this product."),
            gettext_noop(
                "Check the listing: flammable goods, digital products and packages beyond the carrier's limits cannot "
                "be shipped, and the seller needs Mercado Envíos."
            ),
        ),
    ),
    (
        "the submitted dimensions and/or weights do not correspond",
        Explanation(
            gettext_noop("The measures of the package are not those of the real one, Mercado Libre says."),
            gettext_noop("Measure and weigh the package as it is sent, and correct the listing."),
        ),
    ),
)
