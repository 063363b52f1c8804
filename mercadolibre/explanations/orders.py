"""Orders, packs, shipments and what belongs to them."""

from mercadolibre.explanations.explanation import Explanation, Table
from mercadolibre.marking import gettext_noop

OTHER_SELLERS_ORDER = Explanation(
    gettext_noop("The order belongs to another seller."),
    gettext_noop("Nothing, if the notification came from elsewhere; otherwise let the seller connect again."),
)
NO_ORDER = Explanation(
    gettext_noop("Mercado Libre has no order of this number, or does not show it yet: a new one can take minutes."),
    gettext_noop("Press Retry in a few minutes. If it is still not there, look for the sale in Mercado Libre's panel."),
)
NO_DISCOUNT = Explanation(
    gettext_noop("The order has no discount."),
    gettext_noop("Nothing: that is no fault."),
)

TABLE: Table = (
    ("not_owned_order", OTHER_SELLERS_ORDER),
    ("the user has not access to the order", OTHER_SELLERS_ORDER),
    ("order_not_found", NO_ORDER),
    ("order not found", NO_ORDER),
    ("order does not exist", NO_ORDER),
    ("order do not exists", NO_ORDER),
    ("discount_not_found", NO_DISCOUNT),
    ("discount not found", NO_DISCOUNT),
    (
        "unavailable.for.legal.reasons",
        Explanation(
            gettext_noop("Mercado Libre may not show this user's data, for legal reasons."),
            gettext_noop("Nothing can be done from here; ask Mercado Libre about the sale."),
        ),
    ),
    (
        "bad_request_error",
        Explanation(
            gettext_noop("Mercado Libre's billing did not understand what was asked."),
            gettext_noop("Try again; if it comes back, read the charges in Mercado Libre's panel and report it."),
        ),
    ),
)
