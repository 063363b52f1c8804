"""Spreadsheets of staff, checked wholly before anything is written: what each row would do, or why it cannot.

products   sku,name,cost,currency,gtin       an empty cell keeps what is there
mappings   item_id,variation_id,sku,units    variation_id empty or 0: the item itself; units empty: 1
prices     item_id,price                     the listing's own price, in its currency
kits       kit,component,quantity            SKUs; a quantity of 0 takes the component out
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

AMOUNT = re.compile(r"\d{1,12}([.,]\d{1,2})?")
WHOLE = re.compile(r"\d{1,18}")


class Kind(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


class CellError(ValueError):
    """A cell that cannot be taken; the message is for staff."""


@dataclass(frozen=True)
class Line:
    """What one row of the sheet does. `value` is what to write."""

    row: int
    kind: Kind
    name: str
    old: str
    new: str
    value: Any = None


@dataclass(frozen=True)
class Problem:
    row: int
    words: str

    def __str__(self) -> str:
        return _("Row %(row)d: %(words)s") % {"row": self.row, "words": self.words}


@dataclass
class Plan:
    """What a whole sheet would do. `conflicts` are rows that contradict each other or something staff has decided."""

    lines: list[Line] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)
    conflicts: list[Problem] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.errors and not self.conflicts

    @property
    def problems(self) -> list[Problem]:
        return sorted([*self.errors, *self.conflicts], key=lambda one: one.row)

    def of(self, kind: Kind) -> list[Line]:
        return [line for line in self.lines if line.kind is kind]

    @property
    def to_write(self) -> list[Line]:
        return [line for line in self.lines if line.kind is not Kind.SAME]


def kind_of(old: object, new: object) -> Kind:
    if old is None:
        return Kind.NEW
    return Kind.SAME if old == new else Kind.CHANGED


def planned(
    rows: Iterable[Any],
    plan_row: Callable[[Any], Line],
    key_of: Callable[[Any], object],
    named: dict[object, int] | None = None,
) -> Plan:
    """Plan each row; one that names what an earlier row named is a conflict, one that cannot be taken an error.

    `named` is what rows before these have named, and in which row; what these name is added.
    """
    plan = Plan()
    first_row = {} if named is None else named
    for row in rows:
        key = key_of(row)
        if key in first_row:
            words = _("The same as in row %(first)d. Keep one of them.") % {"first": first_row[key]}
            plan.conflicts.append(Problem(row.number, words))
            continue
        first_row[key] = row.number
        try:
            plan.lines.append(plan_row(row))
        except CellError as error:
            plan.errors.append(Problem(row.number, str(error)))
    return plan


def amount(text: str, name: str) -> Decimal:
    """An amount with a decimal point or comma and no grouping."""
    if not AMOUNT.fullmatch(text):
        raise CellError(
            _('%(name)s "%(text)s" is not an amount: write it like 1234.50, without grouping.')
            % {"name": name, "text": text[:40]}
        )
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise CellError(_("%(name)s is not an amount.") % {"name": name}) from error


def whole(text: str, name: str, *, default: int | None = None) -> int:
    if not text and default is not None:
        return default
    if not WHOLE.fullmatch(text):
        raise CellError(_('%(name)s "%(text)s" is not a whole number.') % {"name": name, "text": text[:40]})
    return int(text)


def chunks(values: Collection[Any], size: int) -> Iterator[list[Any]]:
    listed = list(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]
