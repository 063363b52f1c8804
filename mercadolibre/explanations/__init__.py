"""Mercado Libre's error codes and phrases in plain English: one table by subject, read by `errors.explain`."""

from collections.abc import Iterable

from mercadolibre.explanations import access, connecting, full, global_selling, items, orders, stock
from mercadolibre.explanations.explanation import Explanation, Table

__all__ = ["BY_PHRASE", "Explanation", "find"]

# The first phrase that is found wins, so what is said of any field comes last.
BY_PHRASE: Table = (
    *connecting.TABLE,
    *access.TABLE,
    *orders.TABLE,
    *global_selling.TABLE,
    *stock.TABLE,
    *full.TABLE,
    *items.TABLE,
    *access.GENERAL,
)


def find(words: Iterable[str]) -> Explanation | None:
    """The explanation of the first known phrase in ML's words, or None."""
    haystack = "\n".join(words).lower()
    return next((explanation for phrase, explanation in BY_PHRASE if phrase in haystack), None)
