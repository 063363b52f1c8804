"""Full: what lies in Mercado Libre's own warehouse, and what it locks."""

from mercadolibre.explanations.explanation import Explanation, Table
from mercadolibre.marking import gettext_noop

OTHER_SELLERS_STOCK = Explanation(
    gettext_noop("This stock in Full belongs to another seller."),
    gettext_noop("Check that the listing is assigned to the right account."),
)
NOT_IN_FULL = Explanation(
    gettext_noop("Mercado Libre has no stock of this number in Full."),
    gettext_noop("Import the listing again: it may have left Full."),
)

TABLE: Table = (
    (
        "you are trying to modify has inventory",
        Explanation(
            gettext_noop("The listing or one of its variations has units in Full or on their way there."),
            gettext_noop(
                "Take the units out of Full first: until then no variation can be added, changed or removed, "
                "and the listing cannot be closed."
            ),
        ),
    ),
    ("cannot access to seller_product", OTHER_SELLERS_STOCK),
    ("seller_product_not_found", NOT_IN_FULL),
    ("inventory not found", NOT_IN_FULL),
)
