import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils.safestring import mark_safe
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from ui import export
from ui.export import PLAIN_NUMBER, csv_response, neutralise, read_rows, write_xlsx, xlsx_response

TRIGGERS = "=+-@\t\r\n|%＝＋－＠"
texts = st.text(
    st.one_of(
        st.sampled_from(TRIGGERS + " '\ufeff\u200b"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\x00"),
    ),
    max_size=40,
)
# XML holds no control characters, and makes of every line end a "\n".
xlsx_texts = st.text(
    st.one_of(
        st.sampled_from("=+-@|%＝ '"), st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    ),
    max_size=40,
)


def body(response) -> bytes:
    return response.getvalue()


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@settings(max_examples=2000, deadline=None)
@given(texts)
def test_no_text_in_a_csv_is_a_formula(text):
    written = cells(body(csv_response("x", [["a", text]])))[0][1]

    if not PLAIN_NUMBER.fullmatch(written):
        assert not written.lstrip(" \ufeff\u200b").startswith(tuple(TRIGGERS))


@settings(max_examples=1000, deadline=None)
@given(st.lists(texts, min_size=1, max_size=4))
def test_what_a_csv_was_given_is_read_back(values):
    marked = [f"x{value}x" if value != value.strip() else value for value in values]
    rows = [["key", "text"], *(["k", value] for value in marked)]

    read = read_rows(io.BytesIO(body(csv_response("x", rows))), ["key", "text"])

    assert [row["text"] for row in read] == marked


@settings(max_examples=200, deadline=None)
@given(st.lists(xlsx_texts, min_size=1, max_size=4))
def test_what_an_xlsx_was_given_is_read_back_and_holds_no_formula(values):
    marked = [f"x{value}x" if value != value.strip() else value for value in values]
    file = io.BytesIO()
    write_xlsx(file, [["key", "text"], *(["k", value] for value in marked)])

    kinds = {cell.data_type for row in load_workbook(file).worksheets[0].iter_rows() for cell in row}
    file.seek(0)

    assert kinds <= {"s", "inlineStr", "n"}  # "f" would be a formula, "e" an error
    assert [row["text"] for row in read_rows(file, ["key", "text"])] == marked


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("  @SUM(A1)", "'  @SUM(A1)"),
        ("＝cmd", "'＝cmd"),
        ("-5", "-5"),
        ("-5,25", "-5,25"),
        ("-5+3", "'-5+3"),
        ("+5491122334455", "'+5491122334455"),
        ("'already", "''already"),
        ("-", "'-"),
        ("Cafetera 1.5 L", "Cafetera 1.5 L"),
        ("", ""),
    ],
)
def test_neutralise(text, written):
    assert neutralise(text) == written


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (12345678, "12345678"),
        (1.5, "1.5"),
        (date(2026, 11, 21), "2026-11-21"),
        (datetime(2026, 11, 21, 22, 15, tzinfo=UTC), "2026-11-21T22:15:00+00:00"),
        (mark_safe("<b>Caja &amp; bolsa</b>"), "Caja & bolsa"),
        ("<b>", "<b>"),
    ],
)
def test_values_are_written_for_machines(value, text, settings):
    settings.TIME_ZONE = "UTC"

    assert export.as_text(value) == text


def test_headings_are_neutralised_too():
    assert cells(body(csv_response("x", [["=cmd"]]))) == [["'=cmd"]]


def test_a_csv_is_sent_as_a_download():
    response = csv_response("Publicações: todas", [["a"]])

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="publicacoes-todas.csv"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_csv_is_written_row_by_row():
    def rows():
        yield ["a"]
        raise AssertionError("read too early")

    assert next(iter(csv_response("x", rows()).streaming_content)) == b"a\r\n"


def test_an_xlsx_keeps_numbers_as_numbers():
    file = io.BytesIO(body(xlsx_response("x", [["stock", "price"], [3, Decimal("12.5")]])))

    assert [cell.value for cell in load_workbook(file).worksheets[0][2]] == [3, 12.5]


def test_an_xlsx_of_too_many_rows_is_refused(monkeypatch):
    monkeypatch.setattr(export, "XLSX_ROWS", 2)

    with pytest.raises(export.TooManyRows, match="choose CSV"):
        xlsx_response("x", [["a"], [1], [2], [3]])
