"""Bytes to JSON and back without ever making an amount a float, and texts without tokens."""

import json
import re
from decimal import Decimal
from typing import Any

from mercadolibre.fields import decimal_number

SECRET = re.compile(r"\b(?:APP_USR|TEST|TG)-[A-Za-z0-9_-]{6,}|(?i:bearer)\s+\S+")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
BODY_KEPT = 2048


def parse_json(body: bytes) -> Any:
    """JSON with Decimal for fractions. Raises ValueError, whatever the bytes are.

    What a database cannot keep (NUL, lone surrogates) is replaced by the replacement character.
    """
    suspicious = b"\\u0000" in body or b"\\ud" in body.lower()
    try:
        value = json.loads(body, parse_float=decimal_number, parse_constant=_no_constant)
        return _storable(value) if suspicious else value
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(one) for key, one in value.items()}
    return value


def encode(value: Any) -> bytes:
    """JSON for a request. Decimals keep their digits; a float raises TypeError, so that no amount was ever one."""
    return _encoded(value).encode()


def _encoded(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(str(key))}:{_encoded(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_encoded, value)) + "]"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if value is None or isinstance(value, bool | int | str):
        return json.dumps(value)
    raise TypeError(f"{type(value).__name__} does not go into a request")


def excerpt(body: bytes) -> str:
    """The first 2 kB of a body for people to read, with tokens blotted out."""
    return redact(body[:BODY_KEPT].decode("utf-8", "replace"))


def redact(words: str) -> str:
    return UNSTORABLE.sub("\ufffd", SECRET.sub("[token]", words))
