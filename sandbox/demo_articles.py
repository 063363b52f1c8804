"""The merchant's warehouse, and how its SKUs came to be written in listings."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.demo_catalog import RANGE, Line


@dataclass(frozen=True)
class Article:
    """One thing in the merchant's warehouse."""

    sku: str
    es: str
    pt: str
    cost: Decimal
    gtin: str | None
    on_hand: int
    line: Line
    option: str = ""
    opcao: str = ""


def articles() -> list[Article]:
    """Every SKU of the range, with quantities and bar codes that do not depend on a seed."""
    found: list[Article] = []
    for line in RANGE:
        for suffix, es, pt in line.options or (("", "", ""),):
            number = len(found) + 1
            found.append(
                Article(
                    sku=f"{line.code}-{suffix}" if suffix else line.code,
                    es=f"{line.es} {es}".strip(),
                    pt=f"{line.pt} {pt}".strip(),
                    cost=line.cost,
                    gtin=_gtin(number) if number % 3 == 0 else None,
                    on_hand=0 if number % 15 == 8 else (number * 37) % 61 + 2,
                    line=line,
                    option=es,
                    opcao=pt,
                )
            )
    return found


def _gtin(number: int) -> str:
    """EAN-13 with a valid check digit."""
    digits = f"779{number * 7919:09d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def products() -> list[dict[str, Any]]:
    """The merchant's own list: sku, name, cost (a string), currency, gtin or "", on_hand in units."""
    return [
        {
            "sku": article.sku,
            "name": article.es,
            "cost": str(article.cost),
            "currency": "USD",
            "gtin": article.gtin or "",
            "on_hand": article.on_hand,
        }
        for article in articles()
    ]


def untidy_sku(sku: str, number: int) -> str | None:
    """The SKU as somebody typed it into the listing: mostly right."""
    if number % 11 == 5:
        return None
    if number % 13 == 4:
        return sku.lower()
    if number % 17 == 8:
        return sku.replace("-", "")
    if number % 19 == 3:
        return sku.replace("-", " ")
    return f" {sku}" if number % 43 == 9 else sku
