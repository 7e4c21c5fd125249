"""Tables for spreadsheets, CSV and XLSX: a cell is what it says, never a formula, and numbers that are names
(order numbers, phones) stay text.

Rows are read one by one and written as they come, so that a long table needs no memory."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import IO, Any
from zoneinfo import ZoneInfo

import xlsxwriter

CITY_TIME = ZoneInfo("Asia/Shanghai")
LEADS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet takes text that begins so for a formula, or for another cell (security: OWASP's list)."""
AT_ONCE = 500
"""Rows sent together: a system call for each would be slow."""
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767
"""Characters that a cell of XLSX can hold."""


def safe_text(value: Any) -> str:
    """The value as text that no spreadsheet runs: what could begin a formula gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(CITY_TIME).strftime("%Y-%m-%d %H:%M:%S")
    text = str(value)
    return f"'{text}" if text.startswith(LEADS) else text


class Echo:
    """A file that gives back what is written."""

    def write(self, text: str) -> str:
        return text


def csv_chunks(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The table as CSV in UTF-8 with byte order mark, as Excel and WPS need it, in pieces for a streamed
    answer."""
    writer = csv.writer(Echo())
    lines = ["\ufeff" + writer.writerow([safe_text(cell) for cell in header])]
    for row in rows:
        lines.append(writer.writerow([safe_text(cell) for cell in row]))
        if len(lines) >= AT_ONCE:
            yield "".join(lines).encode()
            lines = []
    yield "".join(lines).encode()


def xlsx_file(
    title: str,
    facts: Sequence[tuple[Any, Any]],
    header: Sequence[Any],
    rows: Iterable[Sequence[Any]],
    widths: Sequence[int] = (),
) -> IO[bytes]:
    """The table as XLSX in a temporary file, ready to be read: a title, lines of facts (name, value), then
    header and rows. The header is frozen and has a filter; instants are real dates in the city's time, all
    else is text unless it is a number."""
    file = TemporaryFile()  # noqa: SIM115  # the caller reads and closes it
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(file, options)
    styles = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format({"bold": True, "bottom": 1}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    sheet = book.add_worksheet()
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    top = len(facts) + 2
    sheet.freeze_panes(top + 1, 0)
    sheet.write_string(0, 0, title, styles["title"])
    for number, (name, value) in enumerate(facts, start=1):
        sheet.write_string(number, 0, str(name))
        sheet.write_string(number, 1, str(value))
    for column, name in enumerate(header):
        sheet.write_string(top, column, str(name), styles["head"])
    last = top
    for last, row in enumerate(rows, start=top + 1):
        for column, value in enumerate(row):
            write_cell(sheet, last, column, value, styles)
    sheet.autofilter(top, 0, last, max(len(header) - 1, 0))
    book.close()
    file.seek(0)
    return file


def write_cell(sheet: Any, row: int, column: int, value: Any, styles: dict[str, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value.astimezone(CITY_TIME).replace(tzinfo=None), styles["time"])
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, styles["day"])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value)[:LONGEST_CELL])
