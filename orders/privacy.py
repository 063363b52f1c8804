"""What we keep of the raw answers: everything but who the buyer is and where they live. Pure."""

from __future__ import annotations

import re
from typing import Any

# Parts of key names, wherever they stand: people, contact, documents, places, cards.
PERSONAL = re.compile(
    r"first_name|last_name|full_name|surname|receiver|phone|e_?mail|contact|doc(_|ument|$)|identification|billing"
    r"|address|street|zip|latitude|longitude|geolocation|destination|comment|card|authorization_code|birth|gender",
    re.IGNORECASE,
)
PEOPLE = {"buyer", "payer", "payer_info"}
KEPT_OF_PEOPLE = {"id", "nickname"}


def is_personal(key: str) -> bool:
    """Whether a value under this key may say who or where the buyer is."""
    return PERSONAL.search(key) is not None


def without_personal_data(value: Any) -> Any:
    """A copy of a JSON value without personal keys; of a buyer only id and nickname stay."""
    if isinstance(value, dict):
        return {key: _kept(key, below) for key, below in value.items() if not is_personal(key)}
    if isinstance(value, list):
        return [without_personal_data(below) for below in value]
    return value


def _kept(key: str, below: Any) -> Any:
    if key in PEOPLE and isinstance(below, dict):
        return {name: below[name] for name in sorted(KEPT_OF_PEOPLE) if isinstance(below.get(name), str | int | None)}
    return without_personal_data(below)
