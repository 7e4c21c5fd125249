"""Tables for spreadsheets: nothing in them is ever run."""

import csv
import io
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from hotline.lib.sheets import csv_chunks, safe_text, xlsx_file

DANGEROUS = [
    "=1+1",
    "{=1+1}",
    "+1",
    "-1",
    "@x",
    "\t=1",
    "\r=1",
    "\n=1",
    "=cmd|' /C calc'!A0",
    "http://x.example",
]


def rows_of_csv(*rows):
    text = b"".join(csv_chunks(["a"], rows)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def cells_of_xlsx(*values):
    book = load_workbook(xlsx_file("title", [("by", "me")], ["a"], [[value] for value in values]))
    return [row[0] for row in book.active.iter_rows(min_row=5)]


@pytest.mark.parametrize("text", [text for text in DANGEROUS if text[0] not in "{h"])
def test_a_formula_becomes_text_in_csv(text):
    assert rows_of_csv([text])[1] == [f"'{text}"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_formula_becomes_text_in_xlsx(text):
    (cell,) = cells_of_xlsx(text)[0:1]

    assert cell.data_type == "s" and cell.hyperlink is None


def test_csv_begins_with_a_byte_order_mark():
    assert next(csv_chunks(["a"], [])).startswith(b"\xef\xbb\xbf")


def test_a_long_table_comes_in_pieces():
    assert len(list(csv_chunks(["a"], ([number] for number in range(1_200))))) == 3


def test_a_number_that_is_a_name_stays_text():
    (cell,) = cells_of_xlsx("13812345678")

    assert (cell.data_type, cell.value) == ("s", "13812345678")


def test_an_instant_is_a_real_date_in_the_citys_time():
    at = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)

    (cell,) = cells_of_xlsx(at)

    assert cell.value == datetime(2026, 3, 10, 12, 0)
    assert safe_text(at) == "2026-03-10 12:00:00"


def test_the_header_is_frozen_and_can_be_filtered():
    sheet = load_workbook(xlsx_file("title", [("by", "me")], ["a", "b"], [["1", "2"]])).active

    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A5", "A4:B5")
    assert sheet["B2"].value == "me"
