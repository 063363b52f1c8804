"""The one writer of CSV and the one writer of XLSX. No cell they write is read as a formula.

Every cell is text or a plain number. Text that a spreadsheet could take for a formula gets a leading `'`, which
`ui.importing` takes away again; so does text that begins with `'`, so that reading gives back what was written.
"""

import csv
import html
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeData
from django.utils.text import slugify
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from ui.importing import Row, UnreadableFile, read_rows

__all__ = ["Row", "UnreadableFile", "as_response", "csv_response", "neutralise", "read_rows", "xlsx_response"]

FORMULA = re.compile(r"^(?:[\s\ufeff\u200b]*[=+\-@\t\r\n|%＝＋－＠]|')")
PLAIN_NUMBER = re.compile(r"-?\d{1,15}(?:[.,]\d{1,6})?")
XLSX_ROWS = 100_000
XLSX_CELL = 32_767
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Rows = Iterable[Sequence[Any]]


class TooManyRows(ValueError):
    """More rows than an XLSX file may have here; CSV has no such limit."""


def neutralise(text: str) -> str:
    """`text` so that no spreadsheet runs it. Plain numbers, negative ones too, stay as they are."""
    if FORMULA.match(text) and not PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def as_text(value: Any) -> str:
    """A value as machines read it: ISO times, dot decimals, no grouping, no tags."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | float):
        return format(Decimal(str(value)), "f")
    return html.unescape(strip_tags(str(value))) if isinstance(value, SafeData) else str(value)


def as_response(kind: str, name: str, rows: Rows) -> HttpResponseBase:
    """`rows` (the headings first) as a download; `kind` is "csv" or "xlsx"."""
    return xlsx_response(name, rows) if kind == "xlsx" else csv_response(name, rows)


class _Echo:
    """A file whose write() hands back what csv formatted, so that it can be streamed."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Rows) -> Iterator[str]:
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow([neutralise(as_text(value)) for value in row])


def csv_response(name: str, rows: Rows) -> HttpResponseBase:
    response = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    return _as_attachment(response, name, "csv")


def xlsx_response(name: str, rows: Rows) -> HttpResponseBase:
    """Raises TooManyRows above XLSX_ROWS, before anything is sent."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    try:
        write_xlsx(file, rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return _as_attachment(FileResponse(file, content_type=XLSX_TYPE), name, "xlsx")


def write_xlsx(file: Any, rows: Rows) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Enlace")
    sheet.freeze_panes = "A2"
    try:
        for number, row in enumerate(rows):
            if number > XLSX_ROWS:
                raise TooManyRows(
                    _("More than %(limit)d rows: choose CSV, or narrow the list first.") % {"limit": XLSX_ROWS}
                )
            sheet.append([_xlsx_cell(sheet, value) for value in row])
    except BaseException:
        sheet.close()
        raise
    book.save(file)


def _xlsx_cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value
    cell = WriteOnlyCell(sheet, value="")
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", neutralise(as_text(value)))[:XLSX_CELL]
    cell.data_type = "s"  # openpyxl would otherwise guess: a formula from "=", an error from "#N/A"
    return cell


def _as_attachment(response: Any, name: str, extension: str) -> HttpResponseBase:
    filename = f"{slugify(name) or 'export'}.{extension}"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    checked: HttpResponseBase = response
    return checked
