"""Which field of the publishing form a refusal of Mercado Libre is about. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mercadolibre import errors
from ui.stored import together

STORES = "stores"  # whichever store: shown above the fields of all
# A word of ML's in a cause's code, its references or its sentence, and the field; the first that is found wins.
FIELDS = (
    ("stock_locations", STORES),
    ("available_quantity", STORES),
    ("store", STORES),
    ("network node", STORES),
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


def problems_of(error: errors.MeliError, *, store_ids: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """(field, what to tell) for each thing that ML refused; the field is "" where none is named.

    A store that is named is its own field: "store_100". What to tell is to be read with `ui.stored.told`.
    """
    stores = tuple(store_ids)
    told = errors.explain(error)
    causes = [one for one in error.causes if one.type != "warning"]
    if not causes:
        yield field_of(f"{error.code} {error.message}", stores), together(told.meaning, told.todo, error.message)
    for number, cause in enumerate(causes):
        field = field_of(f"{cause.code} {' '.join(cause.references)} {cause.message}", stores)
        meaning = (told.meaning, told.todo) if number == 0 else ()
        yield field, together(*meaning, cause.message)


def field_of(words: str, store_ids: Iterable[str] = ()) -> str:
    """The field that ML's words name."""
    said = words.lower()
    field = next((field for word, field in FIELDS if word in said), "")
    if field == STORES:
        return next((f"store_{one}" for one in store_ids if one in said.split() or f": {one}" in said), STORES)
    return field
