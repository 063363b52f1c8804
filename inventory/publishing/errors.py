"""Which field of the publishing form a refusal of Mercado Libre is about. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from inventory.publishing.categories import PREFIX
from mercadolibre import errors
from ui.stored import together

STORES = "stores"  # whichever store: shown above the fields of all
# A word of ML's in a cause's code, its references or its sentence, and the field; the first that is found wins.
FIELDS = (
    ("stock_locations", STORES),
    ("available_quantity", STORES),
    ("store", STORES),
    ("network node", STORES),
    ("catalog_product", "catalog_product_id"),
    ("listing_type", "listing_type_id"),
    ("category", "category_id"),
    ("price", "price"),
    ("currency", "price"),
    ("family_name", "name"),
    ("title", "name"),
    ("picture", "pictures"),
    ("condition", "condition"),
    ("seller_sku", "sku"),
)


def problems_of(
    error: errors.MeliError, *, store_ids: Iterable[str] = (), attribute_ids: Iterable[str] = ()
) -> Iterator[tuple[str, str]]:
    """(field, what to tell) for each thing that ML refused; the field is "" where none is named.

    A store that is named is its own field: "store_100", and so is an attribute: "attribute_BRAND", where it is one of
    those given. What to tell is to be read with `ui.stored.told`.
    """
    stores, attributes = tuple(store_ids), frozenset(attribute_ids)
    told = errors.explain(error)
    causes = [one for one in error.causes if one.type != "warning"]
    if not causes:
        yield field_of(f"{error.code} {error.message}", stores), together(told.meaning, told.todo, error.message)
    for number, cause in enumerate(causes):
        said = f"{cause.code} {' '.join(cause.references)} {cause.message}"
        meaning = (told.meaning, told.todo) if number == 0 else ()
        for field in attributes_in(cause.message, attributes) or [field_of(said, stores)]:
            yield field, together(*meaning, cause.message)


def attributes_in(words: str, attribute_ids: frozenset[str]) -> list[str]:
    """The fields of the attributes that ML names in brackets: `The attributes [BRAND, MODEL] are required`."""
    named = (one.strip() for listed in re.findall(r"\[([^\]]*)\]", words) for one in listed.split(","))
    return [f"{PREFIX}{one}" for one in dict.fromkeys(named) if one in attribute_ids]


def field_of(words: str, store_ids: Iterable[str] = ()) -> str:
    """The field that ML's words name."""
    said = words.lower()
    field = next((field for word, field in FIELDS if word in said), "")
    if field == STORES:
        return next((f"store_{one}" for one in store_ids if one in said.split() or f": {one}" in said), STORES)
    return field
