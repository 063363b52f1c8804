"""How a JSON value becomes a field: small tolerant readers, and `wire`, which says where a field comes from.

Readers answer None (or empty) for what is missing or of an unexpected type; only the `required_` ones raise Malformed.
A float never gets in: amounts and ids come from JSON as Decimal, int or text.
"""

import dataclasses
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from operator import methodcaller
from typing import Any, TypeVar

from mercadolibre.times import parse_time

T = TypeVar("T")
R = TypeVar("R")
Finder = Callable[[dict[str, Any]], Any]

BIGINT = 2**63
NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
INTEGER = re.compile(r"-?[0-9]{1,20}")


class Malformed(ValueError):
    """A field we cannot do without is missing or impossible."""


def wire(read: Callable[[Any], T], path: str | tuple[str, ...] | None = None) -> T:
    """A dataclass field read from JSON with `read`.

    `path` is dotted ("shipping.mode"); several are alternatives, the first that is not null wins; the field's own
    name when not given; "" is the whole object, which stays out of repr and comparison.
    """
    whole = path == ""
    described = dataclasses.field(repr=not whole, compare=not whole, metadata={"read": read, "path": path})
    return described  # type: ignore[no-any-return]


def build(cls: type[R], data: Any, **extra: Any) -> R:
    """An instance of a dataclass whose fields are described by `wire`. Raises Malformed, naming the field."""
    if not isinstance(data, dict):
        raise Malformed(f"{cls.__name__}: not an object")
    for name, find, read in _described(cls):  # type: ignore[arg-type]  # a class is hashable
        try:
            extra[name] = read(find(data))
        except Malformed as error:
            raise Malformed(f"{cls.__name__}.{name}: {error}") from error
    return cls(**extra)


@cache
def _described(cls: type[Any]) -> tuple[tuple[str, Finder, Callable[[Any], Any]], ...]:
    """Name, finder and reader of each field, worked out once for a class: a catalog is millions of fields."""
    described = (field for field in dataclasses.fields(cls) if "read" in field.metadata)
    return tuple((one.name, _finder(one.name, one.metadata["path"]), one.metadata["read"]) for one in described)


def _finder(name: str, path: str | tuple[str, ...] | None) -> Finder:
    paths = (name,) if path is None else (path,) if isinstance(path, str) else path
    if len(paths) == 1 and paths[0] and "." not in paths[0]:
        return methodcaller("get", paths[0])
    return lambda data: next((found for one in paths if (found := dig(data, one)) is not None), None)


def dig(data: Any, path: str) -> Any:
    """The value at a dotted path, None where the path ends early."""
    for key in path.split(".") if path else ():
        data = data.get(key) if isinstance(data, dict) else None
    return data


def text(value: Any) -> str | None:
    """Text; a whole number becomes its digits; empty is None."""
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def word(value: Any) -> str:
    """Text that may grow new values (a status); empty when missing."""
    return text(value) or ""


def required_text(value: Any) -> str:
    found = text(value)
    if found is None:
        raise Malformed("missing")
    return found


def integer(value: Any) -> int | None:
    """A whole number that fits 64 bits, from a number or its digits."""
    if isinstance(value, str) and INTEGER.fullmatch(value):
        value = int(value)
    if isinstance(value, Decimal) and abs(value) < BIGINT and value == value.to_integral_value():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if -BIGINT <= value < BIGINT else None


def required_integer(value: Any) -> int:
    found = integer(value)
    if found is None:
        raise Malformed("not a whole number")
    return found


def money(value: Any) -> Decimal | None:
    """An amount. Raises Malformed for a float: it was rounded before it came here."""
    if isinstance(value, float):
        raise Malformed("an amount arrived as float")
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str):
        value = Decimal(value) if NUMBER.fullmatch(value) else None
    return value if isinstance(value, Decimal) and value.is_finite() else None


def decimal_number(literal: str) -> Decimal:
    """The number of a JSON literal. Raises ValueError where it is beyond any sense."""
    try:
        number = Decimal(literal)
    except InvalidOperation as error:
        raise ValueError("number out of range") from error
    if not number.is_finite() or abs(number.adjusted()) > 400:
        raise ValueError("number out of range")
    return number


def moment(value: Any) -> datetime | None:
    return parse_time(value)


def flag(value: Any) -> bool:
    return value is True


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list, in order; anything else in it is passed over."""
    return tuple(found for found in map(text, sequence(value)) if found is not None)


def many(read: Callable[[Any], R]) -> Callable[[Any], tuple[R, ...]]:
    """A reader of a list of objects: each of them has to be readable."""
    return lambda value: tuple(read(one) for one in sequence(value))


def optional(read: Callable[[Any], R]) -> Callable[[Any], R | None]:
    """A reader of an object that may be null."""
    return lambda value: read(value) if isinstance(value, dict) and value else None
