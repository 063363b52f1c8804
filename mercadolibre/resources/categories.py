"""What a category asks of its listings."""

from dataclasses import dataclass
from typing import Any

from mercadolibre.fields import Malformed, build, integer, many, mapping, required_text, text, texts, wire, word
from mercadolibre.resources.attributes import value_names

NUMBER, NUMBER_UNIT = "number", "number_unit"
CLOSED_LISTS = ("list", "boolean")
SET_BY_ML = frozenset({"read_only", "fixed"})


def _names(value: Any) -> tuple[str, ...]:
    """Tags come as an object, `{"required": true}`, and as a list."""
    if isinstance(value, dict):
        return tuple(str(name) for name, is_so in value.items() if is_so)
    return texts(value)


@dataclass(frozen=True)
class CategoryAttribute:
    """One line of GET /categories/{id}/attributes. `values` are all that a closed list takes, else suggestions."""

    id: str = wire(required_text)
    name: str = wire(word)
    value_type: str = wire(word)
    tags: tuple[str, ...] = wire(_names)
    values: tuple[str, ...] = wire(value_names)
    units: tuple[str, ...] = wire(value_names, "allowed_units")
    default_unit: str | None = wire(text)
    max_length: int | None = wire(integer, "value_max_length")
    hint: str | None = wire(text)

    @classmethod
    def from_json(cls, data: Any) -> "CategoryAttribute":
        return build(cls, data)

    @property
    def is_closed_list(self) -> bool:
        return self.value_type in CLOSED_LISTS and bool(self.values)

    @property
    def is_ours_to_say(self) -> bool:
        return not SET_BY_ML & set(self.tags)

    def is_required(self, *, condition: str) -> bool:
        return self.is_ours_to_say and ("required" in self.tags or ("new_required" in self.tags and condition == "new"))


_attributes = many(CategoryAttribute.from_json)


def category_attributes(data: Any) -> tuple[CategoryAttribute, ...]:
    """Raises Malformed for anything but a list: none must not look like nothing asked."""
    if not isinstance(data, list):
        raise Malformed("attributes of a category: no list")
    return _attributes(data)


def plain_text(data: Any) -> str:
    """GET /items/{id}/description."""
    return text(mapping(data).get("plain_text")) or ""
