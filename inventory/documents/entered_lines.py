"""Products and units as staff types, scans or pastes them: a product in each line, its units last. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 500
LINE = re.compile(r"^(?P<code>.*?\S)(?:\s*[\t,;]\s*|\s+)(?P<units>[0-9]{1,8})$")


@dataclass(frozen=True)
class Entered:
    """A line: its number, the SKU or barcode, and the units."""

    row: int
    code: str
    units: int


class NotALine(Exception):
    """A line that is not a SKU and a whole number."""

    def __init__(self, row: int, text: str) -> None:
        super().__init__(f"line {row}: {text}")
        self.row, self.text = row, text


def read(text: str) -> list[Entered]:
    """The lines of a text; empty ones are passed over. A code without units is a scan: one unit. Raises NotALine.

    The same code again adds up, as it does when a scanner reads every box.
    """
    found: dict[str, Entered] = {}
    for row, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            one = _line(row, line.strip())
            before = found.get(one.code)
            found[one.code] = Entered(before.row, one.code, before.units + one.units) if before else one
    return list(found.values())


def _line(row: int, line: str) -> Entered:
    match = LINE.match(line)
    if match:
        return Entered(row, match["code"].strip(), int(match["units"]))
    if re.search(r"[\s,;]", line):
        raise NotALine(row, line)
    return Entered(row, line, 1)
