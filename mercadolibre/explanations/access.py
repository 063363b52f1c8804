"""Who may do what: permissions, whose resource it is, how often we may ask."""

from mercadolibre.explanations.explanation import Explanation, Table
from mercadolibre.marking import gettext_noop

LACKS_PERMISSION = Explanation(
    gettext_noop("The application lacks the permission for this area, or the seller authorised it before it had it."),
    gettext_noop("Check the application's functional permissions in DevCenter, then let the seller connect again."),
)
NOBODY = Explanation(
    gettext_noop("Mercado Libre could not tell which seller the call was for."),
    gettext_noop("Let the seller connect again; if it comes back, report it."),
)
TOO_OFTEN = Explanation(
    gettext_noop("We asked Mercado Libre too often in a short time."),
    gettext_noop("Nothing: calls for this seller slow down and go on by themselves."),
)
CLOSED_TO_US = Explanation(
    gettext_noop("Mercado Libre does not show or change this for the seller that asked."),
    gettext_noop(
        "Check that it belongs to this seller and that neither the seller nor the application is blocked; "
        "if all is well, let the seller connect again."
    ),
)

TABLE: Table = (
    ("pa_unauthorized_result_from_policies", LACKS_PERMISSION),
    ("at least one policy returned unauthorized", LACKS_PERMISSION),
    (
        "invalid scopes",
        Explanation(
            gettext_noop("The seller's authorisation does not cover this call."),
            gettext_noop("Check the application's permissions in DevCenter, then let the seller connect again."),
        ),
    ),
    ("rate limit exceeded", TOO_OFTEN),
    ("too_many_request", TOO_OFTEN),
    ("can not identify the user", NOBODY),
    ("caller.id", NOBODY),
    (
        "caller is not the item's owner",
        Explanation(
            gettext_noop("The listing belongs to another seller."),
            gettext_noop("Check that the listing is assigned to the right account."),
        ),
    ),
    (
        "searching another user items is restricted",
        Explanation(
            gettext_noop("The listings that were asked for belong to another seller."),
            gettext_noop("Check that the account is the one that was connected; if not, let the seller connect again."),
        ),
    ),
)

# Said of so much that every other phrase is looked for first.
GENERAL: Table = (
    ("access_denied", CLOSED_TO_US),
    ("access to the requested resource is forbidden", CLOSED_TO_US),
)
