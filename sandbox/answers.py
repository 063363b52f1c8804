"""What goes back to the caller, in the envelopes Mercado Libre uses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Json = dict[str, Any]


@dataclass
class Answer:
    """One HTTP answer. `body` is JSON data, text, bytes ready to send, or None for an empty body."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json;charset=utf-8"

    def payload(self) -> bytes:
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else dump(self.body)


class Refusal(Exception):
    """A handler's way out: the answer that says no."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def dump(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()


def _plain(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"cannot put {type(value).__name__} into JSON")


def html(page: str, status: int = 200) -> Answer:
    return Answer(status, page, content_type="text/html;charset=utf-8")


def text(words: str, status: int = 200) -> Answer:
    return Answer(status, words, content_type="text/plain;charset=utf-8")


def redirect(location: str, status: int = 303) -> Answer:
    return Answer(status, None, {"Location": location})


def error(status: int, code: str, message: str, cause: Any = ()) -> Answer:
    """The usual envelope; `cause` is a list nearly everywhere, null for orders."""
    cause = list(cause) if isinstance(cause, tuple) else cause
    return Answer(status, {"message": message, "error": code, "status": status, "cause": cause})


def cause(code: str, message: str, cause_id: int, field_name: str, kind: str = "error") -> Json:
    return {
        "department": "items",
        "cause_id": cause_id,
        "type": kind,
        "code": code,
        "references": [field_name],
        "message": message,
    }


def invalid(*causes: Json) -> Refusal:
    """400 with the reasons in `cause`."""
    return Refusal(Answer(400, dict(VALIDATION, cause=list(causes))))


VALIDATION: Mapping[str, Any] = {"message": "Validation error", "error": "validation_error", "status": 400}


def bad_request(message: str, code: str = "bad_request") -> Refusal:
    return Refusal(error(400, code, message))


def not_found(message: str) -> Refusal:
    return Refusal(error(404, "not_found", message))


def forbidden() -> Refusal:
    """The resource belongs to another seller."""
    return Refusal(
        Answer(
            403,
            {
                "status": 403,
                "error": "access_denied",
                "message": "access to the requested resource is forbidden",
                "code": "FORBIDDEN",
            },
        )
    )
