"""Who may do what: authorisation, permissions, whose resource it is, how often we may ask."""

from mercadolibre.explanations.explanation import Explanation, Table
from mercadolibre.marking import gettext_noop

LACKS_PERMISSION = Explanation(
    gettext_noop("The application lacks the permission for this area, or the seller authorised it before it had it."),
    gettext_noop("Check the application's functional permissions in DevCenter, then let the seller connect again."),
)
OTHER_SELLERS_ORDER = Explanation(
    gettext_noop("The order belongs to another seller."),
    gettext_noop("Nothing, if the notification came from elsewhere; otherwise let the seller connect again."),
)
NOBODY = Explanation(
    gettext_noop("Mercado Libre could not tell which seller the call was for."),
    gettext_noop("Let the seller connect again; if it comes back, report it."),
)
TOO_OFTEN = Explanation(
    gettext_noop("We asked Mercado Libre too often in a short time."),
    gettext_noop("Nothing: calls for this seller slow down and go on by themselves."),
)

TABLE: Table = (
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
    ("pa_unauthorized_result_from_policies", LACKS_PERMISSION),
    ("at least one policy returned unauthorized", LACKS_PERMISSION),
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
    ("rate limit exceeded", TOO_OFTEN),
    ("too_many_request", TOO_OFTEN),
    ("can not identify the user", NOBODY),
    ("caller.id", NOBODY),
    (
        "unavailable.for.legal.reasons",
        Explanation(
            gettext_noop("Mercado Libre may not show this user's data, for legal reasons."),
            gettext_noop("Nothing can be done from here; ask Mercado Libre about the sale."),
        ),
    ),
    ("not_owned_order", OTHER_SELLERS_ORDER),
    ("the user has not access to the order", OTHER_SELLERS_ORDER),
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
