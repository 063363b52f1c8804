"""Why a seller could not be connected, in words for the person who tried."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mercadolibre import errors
from sellers.models import SellerAccount

Text = str | Promise


@dataclass(frozen=True)
class Problem:
    """`meaning` and `todo` may name `expected` and `found`."""

    meaning: Text
    todo: Text


PROBLEMS: dict[str, Problem] = {
    "stale": Problem(
        _("This way back from Mercado Libre was used already, is older than ten minutes, or began in another session."),
        _("Press Connect again and finish within ten minutes, in this browser."),
    ),
    "unknown_site": Problem(_("There is no such Mercado Libre country."), _("Choose a country from the list.")),
    "denied": Problem(
        _("Access was not allowed at Mercado Libre."),
        _("Press Connect again and choose Allow, logged in at Mercado Libre as the seller's main user."),
    ),
    "operator": Problem(
        _("A collaborator of the seller tried to allow access; only the main user of the account may."),
        _("Log out at Mercado Libre, log in as the account's main user, and press Connect again."),
    ),
    "no_code": Problem(
        _("Mercado Libre sent you back without an authorisation."), _("Press Connect again; nothing was connected.")
    ),
    "code_refused": Problem(
        _("Mercado Libre did not accept the authorisation: it was used already, or took too long."),
        _("Press Connect again and finish within ten minutes."),
    ),
    "application": Problem(
        _("Mercado Libre does not accept our application."),
        _(
            "An administrator has to compare its id, secret, redirect address, PKCE and permissions"
            " with those in Mercado Libre's DevCenter."
        ),
    ),
    "no_offline_access": Problem(
        _("The application may not renew its access, so the connection would end within hours."),
        _("An administrator has to tick the flow “Refresh Token” of the application in Mercado Libre's DevCenter."),
    ),
    "no_answer": Problem(
        _("Mercado Libre did not answer."), _("Wait a minute and press Connect again; nothing was connected.")
    ),
    "mixed_up": Problem(
        _("Mercado Libre's answers named two different sellers."),
        _("Nothing was connected. Press Connect again; tell an administrator if it happens twice."),
    ),
    "other_seller": Problem(
        _("You wanted to reconnect %(expected)s, but at Mercado Libre you are logged in as %(found)s."),
        _("Log out at Mercado Libre, log in as %(expected)s, and press Reconnect again. Nothing was changed."),
    ),
}

BY_ERROR: tuple[tuple[type[errors.MeliError], str], ...] = (
    (errors.InvalidGrant, "code_refused"),
    (errors.InvalidClient, "application"),
    (errors.TokenEndpointError, "application"),
    (errors.Forbidden, "operator"),
)


class ConnectProblem(Exception):
    """The seller was not connected; `code` is one of PROBLEMS."""

    def __init__(self, code: str, **names: str) -> None:
        super().__init__(code)
        self.code = code
        self.names = names

    @classmethod
    def of(cls, error: errors.MeliError) -> ConnectProblem:
        """What an error of the exchange means."""
        if "invalid_operator" in " ".join(error.words()).lower():
            return cls("operator")
        return cls(next((code for kind, code in BY_ERROR if isinstance(error, kind)), "no_answer"))

    @classmethod
    def at_consent(cls, error: str, description: str) -> ConnectProblem:
        """What `?error=` on the way back means."""
        if "invalid_operator" in f"{error} {description}".lower():
            return cls("operator")
        return cls("denied" if error == "access_denied" else "application")


def told(code: str, names: dict[str, str]) -> Problem:
    """The words for a problem, with its names put in."""
    problem = PROBLEMS.get(code, PROBLEMS["no_code"])
    return Problem(_filled(problem.meaning, names), _filled(problem.todo, names))


def _filled(text: Text, names: dict[str, str]) -> str:
    return str(text) % names if names else str(text)


NOTHING_CONNECTED = _("Nothing was connected.")


def connected(account: SellerAccount) -> str:
    """What to tell after a yes."""
    if account.mode == SellerAccount.Mode.LIVE:
        return _("%(seller)s is connected again, and live as before.") % {"seller": account}
    return _("%(seller)s is connected and observes: nothing is sent to Mercado Libre until you go live.") % {
        "seller": account
    }
