"""Connecting a seller, renewing its access, and access that has ended."""

from mercadolibre.explanations.explanation import Explanation, Table
from mercadolibre.marking import gettext_noop

TOKEN_ENDED = Explanation(
    gettext_noop("Mercado Libre no longer accepts the access token."),
    gettext_noop("The token is renewed by itself; if it comes back, let the seller connect again."),
)
APPLICATION_BLOCKED = Explanation(
    gettext_noop("Mercado Libre has blocked our application."),
    gettext_noop("Stop and write to Mercado Libre's developer support; no seller can be served until they lift it."),
)

TABLE: Table = (
    (
        "invalid_operator_user_id",
        Explanation(
            gettext_noop("A collaborator of the seller authorised us; only the main user of the account may."),
            gettext_noop("Ask the seller to connect again, logged in as the account's main user."),
        ),
    ),
    ("unauthorized_scopes", APPLICATION_BLOCKED),
    ("excessive_api_call", APPLICATION_BLOCKED),
    (
        "invalid_client",
        Explanation(
            gettext_noop("Mercado Libre does not accept our application's id or secret."),
            gettext_noop("Compare the application's id and secret in the settings with those in DevCenter."),
        ),
    ),
    (
        "invalid_grant",
        Explanation(
            gettext_noop("The seller's authorisation has ended, was taken back or was already used."),
            gettext_noop("Let the seller connect again: press Reconnect on the seller's page."),
        ),
    ),
    (
        "invalid_scope",
        Explanation(
            gettext_noop("The application asked for a permission that it does not have."),
            gettext_noop("Tick read, write and offline access of the application in DevCenter, then connect again."),
        ),
    ),
    (
        "code_verifier",
        Explanation(
            gettext_noop("The application's PKCE setting in DevCenter and ours do not fit together."),
            gettext_noop("Look at “PKCE” of the application in DevCenter, then connect again."),
        ),
    ),
    (
        "invalid_request",
        Explanation(
            gettext_noop("Mercado Libre misses something in the request, or found it twice."),
            gettext_noop("Compare the application's redirect address and PKCE in DevCenter with ours, then try again."),
        ),
    ),
    (
        "unsupported_grant_type",
        Explanation(
            gettext_noop("The application is not allowed this way of getting a token."),
            gettext_noop("Tick “Authorization code” and “Refresh token” of the application in DevCenter."),
        ),
    ),
    (
        "unauthorized_client",
        Explanation(
            gettext_noop("The seller has not allowed our application, or has taken it back."),
            gettext_noop("Let the seller connect again: press Reconnect on the seller's page."),
        ),
    ),
    (
        "unauthorized_application",
        Explanation(
            gettext_noop("Mercado Libre has blocked our application, or does not know it."),
            gettext_noop("Look at the application in DevCenter; if it is blocked, write to their support."),
        ),
    ),
    (
        "local_rate_limited",
        Explanation(
            gettext_noop("Mercado Libre limits how often tokens are renewed; the token was not used up."),
            gettext_noop("Nothing: it is tried again by itself."),
        ),
    ),
    ("invalid_token", TOKEN_ENDED),
    ("invalid access token", TOKEN_ENDED),
)
