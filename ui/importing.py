"""Reads a table that somebody uploaded. It trusts nothing: size, shape, encoding and compression all have limits."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 100
MAX_CELL = 2_000
MAX_ZIP_RATIO = 100
MAX_UNZIPPED = 100 * 1024 * 1024
ZIP_MAGIC = b"PK\x03\x04"


class UnreadableFile(ValueError):
    """The file cannot be taken in; `row` is the line of the sheet where that shows, if there is one."""

    def __init__(self, problem: str, row: int | None = None) -> None:
        super().__init__(_("Row %(row)d: %(problem)s") % {"row": row, "problem": problem} if row else problem)
        self.problem, self.row = problem, row


@dataclass(frozen=True)
class Row:
    """One line: `number` as the spreadsheet counts it (the heading is 1), `values` by column name, stripped."""

    number: int
    values: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values[name]


def read_rows(file: Any, columns: Sequence[str], *, optional: Sequence[str] = ()) -> list[Row]:
    """Every row of a CSV or XLSX upload that is not blank.

    `file` is open for bytes. `columns` must all stand in the heading, `optional` ones are "" where they do not; other
    columns are passed over. Raises UnreadableFile, naming the row.
    """
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise UnreadableFile(_("The file is larger than %(limit)d MB.") % {"limit": MAX_BYTES // 1024 // 1024})
    lines = _xlsx_lines(content) if content.startswith(ZIP_MAGIC) else _csv_lines(content)
    numbered = ((number, cells) for number, cells in _limited(lines) if any(cells))
    heading = next(numbered, None)
    if heading is None:
        raise UnreadableFile(_("The file is empty."))
    places = _places(heading[1], columns, optional)
    return [Row(number, _picked(cells, places)) for number, cells in numbered]


def _picked(cells: Sequence[str], places: dict[str, int | None]) -> dict[str, str]:
    return {name: "" if at is None or at >= len(cells) else cells[at] for name, at in places.items()}


def _places(heading: Sequence[str], columns: Sequence[str], optional: Sequence[str]) -> dict[str, int | None]:
    names = [name.strip().lower().replace(" ", "_") for name in heading]
    twice = sorted({name for name in names if name and names.count(name) > 1} & {*columns, *optional})
    if twice:
        raise UnreadableFile(_("The heading has these columns twice: %(names)s.") % {"names": ", ".join(twice)}, 1)
    missing = [name for name in columns if name not in names]
    if missing:
        wanted = ", ".join(missing)
        found = ", ".join(filter(None, names))[:300]
        raise UnreadableFile(
            _("The heading lacks: %(missing)s. It has: %(found)s.") % {"missing": wanted, "found": found}, 1
        )
    return {name: names.index(name) if name in names else None for name in (*columns, *optional)}


def _limited(lines: Iterable[Sequence[str]]) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(lines, start=1):
        if number > MAX_ROWS + 1:
            raise UnreadableFile(_("The file has more than %(limit)d rows.") % {"limit": MAX_ROWS})
        if len(cells) > MAX_COLUMNS:
            raise UnreadableFile(_("More than %(limit)d columns.") % {"limit": MAX_COLUMNS}, number)
        yield number, [_checked(cell, number) for cell in cells]


def _checked(cell: str, number: int) -> str:
    if "\x00" in cell:
        raise UnreadableFile(_("This is not a text file."), number)
    if len(cell) > MAX_CELL:
        raise UnreadableFile(_("A cell has more than %(limit)d characters.") % {"limit": MAX_CELL}, number)
    return plain(cell)


def plain(cell: str) -> str:
    """The text that `ui.export.neutralise` was given."""
    return cell[1:] if cell.startswith("'") else cell.strip()


# --- CSV ------------------------------------------------------------------------------------------------------------
def _csv_lines(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    if text[:4].lower() == "sep=":
        text = text.partition("\n")[2]
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    except csv.Error as error:
        raise UnreadableFile(_("This is not a CSV file: %(error)s.") % {"error": error}) from error


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _delimiter(text: str) -> str:
    heading = text.lstrip().split("\n", 1)[0]
    outside_quotes = "".join(heading.split('"')[::2])
    return max(",;\t", key=outside_quotes.count)


# --- XLSX -----------------------------------------------------------------------------------------------------------
def _xlsx_lines(content: bytes) -> Iterator[list[str]]:
    _refuse_bomb(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # the file's own word about its size is not to be trusted
        for cells in sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS + 1):
            yield _trimmed([_cell_text(value) for value in cells])
    except UnreadableFile:
        raise
    except Exception as error:  # openpyxl raises whatever its XML, zip and number parsers raise
        raise UnreadableFile(_("This XLSX file cannot be read. Save it again, or as CSV.")) from error


def _refuse_bomb(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            unzipped = sum(part.file_size for part in parts)
            swollen = any(part.file_size > MAX_ZIP_RATIO * max(part.compress_size, 1024) for part in parts)
            if len(parts) > 1_000 or unzipped > MAX_UNZIPPED or swollen:
                raise UnreadableFile(_("This XLSX file unpacks to far more than its size. Save it as CSV."))
            if any(b"<!DOCTYPE" in archive.read(part) for part in parts if part.filename.endswith((".xml", ".rels"))):
                raise UnreadableFile(_("This XLSX file has content that is not allowed. Save it again, or as CSV."))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise UnreadableFile(_("This XLSX file is damaged. Save it again, or as CSV.")) from error


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _cell_text(value: Any) -> str:
    """Cells as text: 7790000000101.0 is a barcode, not a float."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)
