import io
import zipfile

import pytest
from openpyxl import Workbook

from ui import importing
from ui.importing import UnreadableFile, read_rows


def upload(content: str | bytes) -> io.BytesIO:
    return io.BytesIO(content if isinstance(content, bytes) else content.encode())


def sheet(*rows) -> io.BytesIO:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    file.seek(0)
    return file


def values(file, *columns, **kwargs) -> list[dict[str, str]]:
    return [row.values for row in read_rows(file, columns, **kwargs)]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_separator_and_encoding_are_found_out(separator, encoding):
    text = f"sku{separator}name\r\nA-1{separator}Lámpara é ñ\r\n"

    assert values(upload(text.encode(encoding)), "sku", "name") == [{"sku": "A-1", "name": "Lámpara é ñ"}]


def test_rows_have_the_numbers_of_the_spreadsheet():
    rows = read_rows(upload("sku,on_hand\nA,1\n\n,\nB,2\n"), ["sku", "on_hand"])

    assert [(row.number, row["sku"]) for row in rows] == [(2, "A"), (5, "B")]


def test_headings_are_matched_loosely_and_other_columns_passed_over():
    read = values(upload("Notes, SKU ,On hand\nx,A,1\n"), "sku", "on_hand", optional=["gtin"])

    assert read == [{"sku": "A", "on_hand": "1", "gtin": ""}]


def test_short_rows_have_empty_cells():
    assert values(upload("sku,name\nA\n"), "sku", "name") == [{"sku": "A", "name": ""}]


def test_a_separator_line_from_excel_is_skipped():
    assert values(upload("sep=;\r\nsku;name\r\nA;x\r\n"), "sku", "name") == [{"sku": "A", "name": "x"}]


def test_the_leading_apostrophe_is_taken_away():
    assert values(upload("sku,name\n'=A,''x\n"), "sku", "name") == [{"sku": "=A", "name": "'x"}]


def test_xlsx_cells_become_text():
    rows = sheet(["sku", "gtin", "price", "none"], ["A", 7790000000101.0, 12.5, None])

    assert values(rows, "sku", "gtin", "price", "none") == [
        {"sku": "A", "gtin": "7790000000101", "price": "12.5", "none": ""}
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("sku\nA\n", "lacks: name"),
        ("sku,name,SKU\nA,b,c\n", "twice: sku"),
        ("sku,name\nA\x00,b\n", "Row 2: This is not a text file"),
        ("sku,name\nA,b\nB," + "x" * 2001, "Row 3: A cell has more than 2000"),
        ("sku,name\n" + "," * 101 + "\n", "Row 2: More than 100 columns"),
        (b"PK\x03\x04 not a zip", "damaged"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_row(content, problem):
    with pytest.raises(UnreadableFile, match=problem):
        read_rows(upload(content), ["sku", "name"])


def test_the_row_is_also_a_number():
    with pytest.raises(UnreadableFile) as refusal:
        read_rows(upload("sku\nA\x00\n"), ["sku"])

    assert refusal.value.row == 2


def test_a_file_that_is_too_large_is_not_parsed():
    with pytest.raises(UnreadableFile, match="larger than 5 MB"):
        read_rows(io.BytesIO(b"a" * (importing.MAX_BYTES + 1)), ["sku"])


def test_too_many_rows(monkeypatch):
    monkeypatch.setattr(importing, "MAX_ROWS", 3)

    with pytest.raises(UnreadableFile, match="more than 3 rows"):
        read_rows(upload("sku\n" + "A\n" * 4), ["sku"])


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)

    with pytest.raises(UnreadableFile, match="unpacks to far more"):
        read_rows(io.BytesIO(file.getvalue()), ["sku"])


def test_xml_with_a_document_type_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", b'<!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>')

    with pytest.raises(UnreadableFile, match="content that is not allowed"):
        read_rows(io.BytesIO(file.getvalue()), ["sku"])


def test_a_zip_that_is_no_workbook():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", b"hello")

    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_rows(io.BytesIO(file.getvalue()), ["sku"])
