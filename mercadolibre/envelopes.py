"""From an answer that is not 2xx to an error of the tree: every envelope ML was seen to use, and anything else."""

import html
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from mercadolibre import errors, fields
from mercadolibre.encoding import excerpt, parse_json, redact
from mercadolibre.errors import Cause, MeliError

# Looked for in the codes and messages of a 4xx that is not 401, 403, 404, 409 or 429, in this order, lower case.
REJECTIONS: tuple[tuple[str, type[MeliError]], ...] = (
    ("invalid.scroll.id", errors.InvalidScroll),
    ("invalid scroll id", errors.InvalidScroll),
    ("item.price.not_modifiable", errors.PriceNotModifiable),
    ("cannot modify price", errors.PriceNotModifiable),
    ("available_quantity.not_updatable", errors.StockNotModifiable),
    ("available_quantity.not_modifiable", errors.StockNotModifiable),
    ("available_quantity is not updatable", errors.StockNotModifiable),
    ("available_quantity is not modifiable", errors.StockNotModifiable),
    ("cannot modify selling address stock", errors.StockNotModifiable),
    ("cannot update selling address stock", errors.StockNotModifiable),
    ("modifications to the selling address", errors.StockNotModifiable),
    ("the fields [available_quantity] are invalid", errors.StockNotModifiable),
    ("the fields [stock_locations] are required", errors.StoreProblem),
    ("store not found", errors.StoreProblem),
    ("store does not belong", errors.StoreProblem),
    ("not configured to be a stock location", errors.StoreProblem),
    ("store cannot be null or empty", errors.StoreProblem),
    ("seller with a single warehouse", errors.StoreProblem),
)

# What /oauth/token answers in `error`, with any 4xx status.
TOKEN_ERRORS: dict[str, type[MeliError]] = {
    "invalid_grant": errors.InvalidGrant,
    "unauthorized_client": errors.InvalidGrant,
    "invalid_client": errors.InvalidClient,
    "unauthorized_application": errors.InvalidClient,
}


@dataclass(frozen=True)
class Envelope:
    """The few things all error bodies have in common; whatever is missing is empty."""

    code: str = ""
    message: str = ""
    causes: tuple[Cause, ...] = ()
    blocked_by: str = ""

    def says(self, phrase: str) -> bool:
        words = [self.code, self.message, *(f"{cause.code} {cause.message}" for cause in self.causes)]
        return any(phrase in text.lower() for text in words)


def error_from(status: int, headers: Mapping[str, str], body: bytes, request: str) -> MeliError:
    """The error of the tree for an answer. Decides on the status first, on ML's words second. Never raises."""
    envelope = read_envelope(body)
    kind = _by_status(status, envelope, is_html=_is_html(body))
    error = _filled(kind, status, envelope, body, request)
    if isinstance(error, errors.RateLimited):
        error.retry_after = retry_after(headers)
    return error


def token_error_from(status: int, headers: Mapping[str, str], body: bytes, request: str) -> MeliError:
    """The same for the token endpoint, which has words of its own."""
    if status == 429 or not 400 <= status < 500 or _is_html(body):
        return error_from(status, headers, body, request)
    envelope = read_envelope(body)
    kind = TOKEN_ERRORS.get(envelope.code, errors.TokenEndpointError)
    return _filled(kind, status, envelope, body, request)


def _filled(kind: type[MeliError], status: int, envelope: Envelope, body: bytes, request: str) -> MeliError:
    message = envelope.message or ("" if envelope.code else excerpt(body)[:200].strip())
    found = {"status": status, "code": envelope.code, "causes": envelope.causes}
    return kind(redact(message), request=request, body=excerpt(body), **found)  # type: ignore[arg-type]


def _by_status(status: int, envelope: Envelope, *, is_html: bool) -> type[MeliError]:
    if status == 429:
        return errors.RateLimited
    if status == 401:
        return errors.ScopeBlocked if envelope.says("unauthorized_scopes") else errors.Unauthorized
    if status >= 500 or status == 408 or is_html:
        return errors.ServerError
    if status < 400:
        return errors.BadResponse
    return _refusal(status, envelope)


def _refusal(status: int, envelope: Envelope) -> type[MeliError]:
    if status == 403:
        by_policy = envelope.blocked_by == "PolicyAgent" or envelope.code.startswith("PA_")
        return errors.PolicyDenied if by_policy or envelope.says("at least one policy") else errors.Forbidden
    if status == 404:
        return errors.NotFound
    if status == 409:
        return errors.VersionMismatch if envelope.says("version mismatch") else errors.Conflict
    return next((kind for phrase, kind in REJECTIONS if envelope.says(phrase)), errors.Rejected)


def _is_html(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def read_envelope(body: bytes) -> Envelope:
    """Whatever can be read of an error body: JSON of any shape, text or nothing. Never raises."""
    try:
        data = parse_json(body)
    except ValueError:
        return Envelope()
    if not isinstance(data, dict):
        return Envelope(message=data if isinstance(data, str) else "")
    words = [_words(data.get(key)) for key in ("error", "code", "type")]
    return Envelope(
        code=next((found for found in words if found and " " not in found), ""),
        message=_message(data),
        causes=read_causes(data.get("cause")) or read_causes(data.get("causes")),
        blocked_by=_words(data.get("blocked_by")),
    )


def _message(data: dict[str, Any]) -> str:
    """ML's sentence: `message`, or one of the keys it uses instead; `error` when it holds a sentence, not a code."""
    found = (_words(data.get(key)) for key in ("message", "error_description", "msg"))
    sentence = next(filter(None, found), "")
    return sentence or (_words(data.get("error")) if " " in _words(data.get("error")) else "")


def _words(value: Any) -> str:
    return html.unescape(value).strip() if isinstance(value, str) else ""


def read_causes(value: Any) -> tuple[Cause, ...]:
    """ML's `cause` or `warnings`: a list of objects or texts, one object, one text, null or anything."""
    entries = value if isinstance(value, list) else [value]
    readers: dict[type, Callable[[Any], Cause]] = {dict: _cause, str: lambda text: Cause(message=redact(_words(text)))}
    causes = (readers[type(entry)](entry) for entry in entries if entry and type(entry) in readers)
    return tuple(causes)


def _cause(entry: dict[str, Any]) -> Cause:
    return Cause(
        code=_words(entry.get("code")),
        message=redact(_words(entry.get("message"))),
        cause_id=fields.integer(entry.get("cause_id")),
        type=_words(entry.get("type")),
        department=_words(entry.get("department")),
        references=fields.texts(entry.get("references")),
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by the Retry-After header of an answer (seconds or a date); None when absent or senseless.

    A date is compared with the answer's own: our clock may be wrong.
    """
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        seconds = _moment(value) - _moment(headers.get("date", format_datetime(datetime.now(UTC))))
    return seconds if math.isfinite(seconds) and 0 <= seconds <= 86_400 else None


def _moment(date: str) -> float:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, OverflowError, TypeError, IndexError):
        return math.nan
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
