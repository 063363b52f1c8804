"""Parameters of what is done from outside: forms send words, the control API sends JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Parameters = Mapping[str, Any]


class BadParameter(ValueError):
    """A parameter is missing or is not what it should be."""


def whole(parameters: Parameters, name: str, default: int | None = None) -> int:
    value = parameters.get(name, "")
    if value in ("", None) and default is not None:
        return default
    try:
        return int(value)
    except (TypeError, ValueError) as problem:
        raise BadParameter(f"{name} must be a whole number") from problem


def maybe(parameters: Parameters, name: str) -> int | None:
    return whole(parameters, name) if parameters.get(name) not in (None, "") else None


def text(parameters: Parameters, name: str, default: str | None = None) -> str:
    value = parameters.get(name) or default
    if value is None:
        raise BadParameter(f"{name} is missing")
    return str(value)


def flag(parameters: Parameters, name: str, default: bool = False) -> bool:
    value = parameters.get(name, default)
    return value.lower() in ("1", "on", "true", "yes") if isinstance(value, str) else bool(value)
