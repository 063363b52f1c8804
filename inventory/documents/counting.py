"""Counted quantities from a spreadsheet: checked as a whole, then written as one change or as a count that waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from catalog.kits import compositions
from catalog.models import Product
from inventory import ledger
from inventory.documents import direct_counts
from inventory.models import StockCount, Warehouse
from inventory.queries import in_use
from ui.importing import Row


class UnknownWarehouse(Exception):
    """There is no warehouse with this code, or it is not in use."""


class WrongRows(Exception):
    """Rows that cannot be taken; nothing was written."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True)
class Counted:
    """A checked file: units by product id."""

    warehouse: Warehouse
    counts: dict[int, int]


def warehouse_named(code: str) -> Warehouse:
    found = in_use().filter(code=code).first()
    if found is None:
        codes = ", ".join(in_use().values_list("code", flat=True))
        raise UnknownWarehouse(
            _("Warehouse %(code)s is not in use. In use: %(codes)s.") % {"code": code, "codes": codes}
        )
    return found


def read(rows: Sequence[Row], *, warehouse_code: str) -> Counted:
    """Check every row (`sku`, `on_hand`). Raises UnknownWarehouse, or WrongRows with every problem at once."""
    warehouse = warehouse_named(warehouse_code)
    known = dict(Product.objects.filter(sku__in={row["sku"] for row in rows}).values_list("sku", "pk"))
    kits = set(compositions(known.values()))
    counts: dict[int, int] = {}
    problems = []
    for row in rows:
        problem = _problem(row, known, counts, kits)
        if problem:
            problems.append(_("Row %(row)d: %(problem)s") % {"row": row.number, "problem": problem})
        else:
            counts[known[row["sku"]]] = int(row["on_hand"])
    if problems:
        raise WrongRows(problems)
    return Counted(warehouse, counts)


def _problem(row: Row, known: dict[str, int], counts: dict[int, int], kits: set[int]) -> str:
    if row["sku"] not in known:
        return _("there is no product with the SKU %(sku)s.") % {"sku": row["sku"] or "–"}
    if known[row["sku"]] in kits:
        return _("%(sku)s is a kit and has no stock of its own: count its components.") % {"sku": row["sku"]}
    if known[row["sku"]] in counts:
        return _("the SKU %(sku)s is in the file twice.") % {"sku": row["sku"]}
    text = row["on_hand"]
    if not (text.isascii() and text.isdigit() and len(text) <= 8 and int(text) <= ledger.LARGEST):
        return _("%(text)s is not a whole number of units, zero or more.") % {"text": text or "–"}
    return ""


def apply(counted: Counted, *, reason: str = "", by: Any = None) -> StockCount | int:
    """Write the counts that differ, in one transaction. How many differed, or the count that waits for approval.

    Repeating is harmless. Raises NeedsPerson where the differences are large and nobody is said to have counted.
    """
    return direct_counts.count_many(warehouse=counted.warehouse, counted=counted.counts, by=by, reason=reason)
