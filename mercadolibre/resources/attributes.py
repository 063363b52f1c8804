"""Attributes, and what hides in them: SKU, GTINs, what makes a variation differ."""

from dataclasses import dataclass
from typing import Any

from mercadolibre.fields import build, sequence, text, texts, wire, word


def value_names(value: Any) -> tuple[str, ...]:
    return texts([entry.get("name") for entry in sequence(value) if isinstance(entry, dict)])


@dataclass(frozen=True)
class Attribute:
    """One of an item's or variation's attributes. `value_id` "-1" with no name means "does not apply"."""

    id: str = wire(word)
    name: str | None = wire(text)
    value_id: str | None = wire(text)
    value_name: str | None = wire(text)
    values: tuple[str, ...] = wire(value_names)

    @classmethod
    def from_json(cls, data: Any) -> "Attribute":
        return build(cls, data)


def attributes_of(value: Any) -> tuple[Attribute, ...]:
    return tuple(Attribute.from_json(entry) for entry in sequence(value) if isinstance(entry, dict))


def _attribute(attribute_id: str, value: Any) -> Attribute | None:
    entries = (entry for entry in sequence(value) if isinstance(entry, dict) and entry.get("id") == attribute_id)
    found = next(entries, None)
    return None if found is None else Attribute.from_json(found)


def _values_of(attribute_id: str, value: Any) -> tuple[str, ...]:
    """All values of an attribute: its `values`, else the comma-joined `value_name`; each once, in order."""
    found = _attribute(attribute_id, value)
    joined = [] if found is None else found.values or [found.value_name or ""]
    parts = (part.strip() for one in joined for part in one.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def gtins_of(value: Any) -> tuple[str, ...]:
    return _values_of("GTIN", value)


def seller_sku_of(value: Any) -> str | None:
    """The SELLER_SKU attribute, as it is: leading zeros and commas belong to it."""
    found = _attribute("SELLER_SKU", value)
    return None if found is None else found.value_name or next(iter(found.values), None)


def combinations_of(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((one.name or one.id, one.value_name or "") for one in attributes_of(value))
