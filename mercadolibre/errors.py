"""Everything that can go wrong between us and Mercado Libre (ML), as one tree.

MeliError
├── NotSent                  refused by ourselves, before any byte left
│   ├── WritesDisabled       the switch for writing is off
│   ├── StaleRead            the item to be written was not read in the last seconds
│   └── IncompleteVariations the body would leave a variation out, and ML deletes what is left out
├── TransportError           no answer
│   ├── ConnectFailed        nothing was sent
│   ├── TimedOut             outcome unknown
│   └── ConnectionLost       outcome unknown
├── RateLimited              429
├── ServerError              5xx, 408, HTML instead of JSON
│   └── BadResponse          an answer that cannot be read
├── Unauthorized             401: the access token is no longer good
│   └── ScopeBlocked         401: our application is blocked
├── InvalidGrant             OAuth: the seller has to connect again
├── InvalidClient            OAuth: our own id or secret is refused
├── TokenEndpointError       OAuth: anything else it refuses
├── Forbidden                403
│   └── PolicyDenied         403: a permission of the application is missing
├── NotFound                 404
├── Conflict                 409
│   └── VersionMismatch      409: the stock changed since it was read
├── Rejected                 400, 422 and other 4xx: ML understood and said no
│   ├── PriceNotModifiable
│   ├── StockNotModifiable
│   ├── InvalidScroll
│   └── StoreProblem
├── UnexpectedRedirect       3xx, never followed
└── WrongResource            the answer is about something else than was asked

`retryable` says whether the same request may succeed later by itself; `outcome_unknown` whether a write may have
been applied although it failed; `meaning` and `todo` are sentences for staff.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from mercadolibre import explanations
from mercadolibre.explanations import Explanation
from mercadolibre.marking import gettext_noop

__all__ = ["Cause", "Explanation", "MeliError", "explain"]

BY_ITSELF = gettext_noop("Nothing: it is tried again by itself.")
RECONNECT = gettext_noop("Let the seller connect again.")
REPORT = gettext_noop("Report it: this is for a developer to look at.")


@dataclass(frozen=True)
class Cause:
    """One entry of ML's `cause` or `warnings`; whatever is missing is empty."""

    code: str = ""
    message: str = ""
    cause_id: int | None = None
    type: str = ""  # "error" or "warning"
    department: str = ""
    references: tuple[str, ...] = ()


class MeliError(Exception):
    """Base of the tree, with ML's own words. `request` is method and path, `body` its first 2 kB without tokens."""

    retryable: ClassVar[bool] = False
    outcome_unknown: ClassVar[bool] = False
    meaning: ClassVar[str] = gettext_noop("The call to Mercado Libre failed.")
    todo: ClassVar[str] = REPORT

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        code: str = "",
        causes: tuple[Cause, ...] = (),
        request: str = "",
        body: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.causes = causes
        self.request = request
        self.body = body

    def __str__(self) -> str:
        status = "" if self.status is None else str(self.status)
        causes = (f"[{' '.join(filter(None, (cause.code, cause.message)))}]" for cause in self.causes)
        return " ".join(part for part in (self.request, status, self.code, self.message, *causes) if part)

    def words(self) -> Iterator[str]:
        """Everything ML said that a phrase can be looked for in: codes first, then sentences."""
        yield self.code
        yield from (cause.code for cause in self.causes)
        yield self.message
        yield from (cause.message for cause in self.causes)


class NotSent(MeliError):
    meaning = gettext_noop("We did not send the change to Mercado Libre.")


class WritesDisabled(NotSent):
    meaning = gettext_noop("Writing to Mercado Libre is switched off.")
    todo = gettext_noop("Switch writing on for the seller when you want changes to reach Mercado Libre.")


class StaleRead(NotSent):
    retryable = True
    meaning = gettext_noop("The listing was not read just before it was to be changed.")
    todo = BY_ITSELF


class IncompleteVariations(NotSent):
    meaning = gettext_noop(
        "The change would have left a variation out, and Mercado Libre deletes variations that are left out."
    )


class TransportError(MeliError):
    retryable = True
    outcome_unknown = True
    meaning = gettext_noop("Mercado Libre could not be reached.")
    todo = BY_ITSELF


class ConnectFailed(TransportError):
    outcome_unknown = False
    meaning = gettext_noop("No connection to Mercado Libre; nothing was sent.")


class TimedOut(TransportError):
    meaning = gettext_noop("Mercado Libre did not answer in time; whether it did what was asked is not known.")


class ConnectionLost(TransportError):
    meaning = gettext_noop(
        "The connection broke before the answer was complete; whether ML did what was asked is not known."
    )


class RateLimited(MeliError):
    """429, often with an empty body. `retry_after` is seconds, None when ML does not say (it usually does not)."""

    retryable = True
    meaning = gettext_noop("We asked Mercado Libre too often in a short time.")
    todo = gettext_noop("Nothing: calls for this seller slow down and go on by themselves.")
    retry_after: float | None = None


class ServerError(MeliError):
    retryable = True
    outcome_unknown = True
    meaning = gettext_noop("Mercado Libre has a problem on its side.")
    todo = BY_ITSELF


class BadResponse(ServerError):
    meaning = gettext_noop("Mercado Libre sent an answer that cannot be read.")


class Unauthorized(MeliError):
    meaning = gettext_noop("Mercado Libre no longer accepts the access token.")
    todo = gettext_noop("The token is renewed by itself; if it comes back, let the seller connect again.")


class ScopeBlocked(Unauthorized):
    meaning = gettext_noop("Mercado Libre has blocked our application.")
    todo = gettext_noop("Write to Mercado Libre's developer support; no seller can be served until they lift it.")


class InvalidGrant(MeliError):
    meaning = gettext_noop("The seller's authorisation has ended or was already used.")
    todo = RECONNECT


class InvalidClient(MeliError):
    meaning = gettext_noop("Mercado Libre does not accept our application's id or secret, or has blocked it.")
    todo = gettext_noop("Check the application's id and secret in the settings and in DevCenter.")


class TokenEndpointError(MeliError):
    meaning = gettext_noop("Mercado Libre refused to issue a token.")
    todo = gettext_noop(
        "Check the application in DevCenter: redirect address, PKCE, permissions and allowed IP addresses."
    )


class Forbidden(MeliError):
    meaning = gettext_noop("The seller's account may not see or change this.")
    todo = gettext_noop("Check that it belongs to this seller; if it does, let the seller connect again.")


class PolicyDenied(Forbidden):
    meaning = gettext_noop("Our application lacks a permission for this area.")
    todo = gettext_noop(
        "Check the application's functional permissions in DevCenter, then let the seller connect again."
    )


class NotFound(MeliError):
    meaning = gettext_noop("Mercado Libre does not have it: it is gone, or too new to be shown yet.")
    todo = gettext_noop("If it is new, wait a few minutes; if it was deleted at Mercado Libre, nothing.")


class Conflict(MeliError):
    retryable = True
    meaning = gettext_noop("Something else changed it at the same moment.")
    todo = gettext_noop("Nothing: it is read again, computed again and sent again.")


class VersionMismatch(Conflict):
    meaning = gettext_noop("The stock changed at Mercado Libre since it was read, for example by a sale.")


class Rejected(MeliError):
    meaning = gettext_noop("Mercado Libre refused the change.")
    todo = gettext_noop("Read Mercado Libre's own words, correct the cause, then try again.")


class PriceNotModifiable(Rejected):
    meaning = gettext_noop("The price of this listing cannot be changed now: an automation or a promotion sets it.")
    todo = gettext_noop(
        "End the automation or promotion in Mercado Libre's panel, or take the price rule off the listing."
    )


class StockNotModifiable(Rejected):
    meaning = gettext_noop("The stock of this listing cannot be set in this way.")
    todo = gettext_noop("Import the listing and the seller again; Full stock can only be changed by sending units.")


class InvalidScroll(Rejected):
    meaning = gettext_noop("The scan of the listings took too long and has to start again.")
    todo = gettext_noop("Nothing: it starts again by itself.")


class StoreProblem(Rejected):
    meaning = gettext_noop("Mercado Libre does not accept the warehouse.")
    todo = gettext_noop("Compare our warehouses with those in the seller's panel and link them again.")


class UnexpectedRedirect(MeliError):
    meaning = gettext_noop("Mercado Libre sent us to another address, which we never follow.")


class WrongResource(MeliError):
    retryable = True
    meaning = gettext_noop("Mercado Libre answered about something else than was asked.")
    todo = BY_ITSELF


def explain(error: MeliError) -> Explanation:
    """What the error means and what to do: by ML's own codes and phrases where we know them, else by its class."""
    return explanations.find(error.words()) or Explanation(error.meaning, error.todo)


def explain_kept(words: str, class_name: str) -> Explanation | None:
    """The same of an error of which only the words and the name of its class were kept; None where it is not ML's."""
    kind = by_name().get(class_name)
    if kind is None:
        return None
    return explanations.find([words]) or Explanation(kind.meaning, kind.todo)


@cache
def by_name() -> dict[str, type[MeliError]]:
    """Every class of the tree."""
    found, below = {}, [MeliError]
    while below:
        kind = below.pop()
        found[kind.__name__] = kind
        below += kind.__subclasses__()
    return found
