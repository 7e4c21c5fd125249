"""Rows out of CSV and XLSX files as people have them: encodings, column names, dates."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from hotline.lib.worktime import SHANGHAI
from workorders.errors import InvalidInput

FIELDS = (
    "id",
    "title",
    "content",
    "created_at",
    "channel",
    "kind",
    "category",
    "place",
    "address",
    "urgency",
    "caller_name",
    "caller_phone",
    "mode",
)
ENCODINGS = ("utf-8-sig", "gb18030")
DELIMITERS = ",;\t"
LONGEST_CELL = 10 * 1024 * 1024
DATE = re.compile(
    r"(\d{4})[-/.\u5e74](\d{1,2})[-/.\u6708](\d{1,2})\u65e5?"  # year, month, day
    r"(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?"
)


class UnreadableFile(InvalidInput):
    """The file, its map or its columns cannot be used; said in one sentence."""

    code = "unreadable_file"


@dataclass(frozen=True)
class Row:
    """One row: its number in the file (the header is 1), its fields, and everything as it stood there."""

    number: int
    values: Mapping[str, str]
    raw: Mapping[str, Any] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.values.get(name, "")


@dataclass(frozen=True)
class Table:
    """A file that can be read: its columns, and which field each column fills."""

    path: Path
    columns: list[str]
    fields: dict[str, str]
    encoding: str
    total: int

    def rows(self) -> Iterator[Row]:
        for number, cells in enumerate(cells_of(self.path, self.encoding), start=1):
            if number == 1 or not any(text_of(cell) for cell in cells):
                continue
            raw = dict(zip(self.columns, [*cells, *[""] * len(self.columns)], strict=False))
            values = {name: text_of(raw[column]) for column, name in self.fields.items()}
            yield Row(number, values, {column: text_of(cell) for column, cell in raw.items()})


def open_table(path: Path, column_map: Mapping[str, str] | None = None) -> Table:
    """Look at the file as a whole before anything is imported. Raises UnreadableFile."""
    encoding = "" if is_xlsx(path) else encoding_of(path)
    rows = cells_of(path, encoding)
    columns = [text_of(cell) for cell in next(rows, [])]
    fields = fields_of(columns, column_map or {})
    total = sum(1 for cells in rows if any(text_of(cell) for cell in cells))
    return Table(path, columns, fields, encoding, total)


def read_map(path: Path) -> dict[str, str]:
    """The JSON map {column: field}. Raises UnreadableFile."""
    try:
        given = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as problem:
        raise UnreadableFile(_("The map cannot be read: %(problem)s.") % {"problem": problem}) from None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise UnreadableFile(_("The map must be a JSON object of column: field."))
    return given


def fields_of(columns: list[str], column_map: Mapping[str, str]) -> dict[str, str]:
    """Which field each column fills: by the map, else by its own name. The map wins. Raises
    UnreadableFile."""
    for column, name in column_map.items():
        if name not in FIELDS:
            raise UnreadableFile(
                _("The map names the field '%(field)s'; there are: %(all)s.")
                % {"field": name, "all": ", ".join(FIELDS)}
            )
        if column not in columns:
            raise UnreadableFile(
                _("The map names the column '%(column)s', which the file does not have.") % {"column": column}
            )
    if len(set(column_map.values())) < len(column_map):
        raise UnreadableFile(_("The map names a field twice."))
    taken = set(column_map.values())
    own = {column: column for column in columns if column in FIELDS and column not in taken}
    found = own | dict(column_map)
    if "content" not in found.values():
        raise UnreadableFile(
            _("No column is the content. The file has: %(columns)s; a map can name it.")
            % {"columns": ", ".join(columns) or "–"}
        )
    return found


def is_xlsx(path: Path) -> bool:
    return path.suffix.lower() in (".xlsx", ".xlsm")


def encoding_of(path: Path) -> str:
    """UTF-8 or GB 18030, by reading all of it. Raises UnreadableFile for anything else."""
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise UnreadableFile(
            _("The file cannot be read: %(problem)s.") % {"problem": problem.strerror}
        ) from None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding in ENCODINGS if b"\0" not in data else ():
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnreadableFile(_("The file is neither CSV in UTF-8 or GB 18030 nor XLSX."))


def cells_of(path: Path, encoding: str) -> Iterator[list[Any]]:
    return xlsx_cells(path) if is_xlsx(path) else csv_cells(path, encoding)


def csv_cells(path: Path, encoding: str) -> Iterator[list[Any]]:
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding=encoding, newline="") as file:
        header = file.readline()
        file.seek(0)
        try:
            yield from csv.reader(file, delimiter=max(DELIMITERS, key=header.count))
        except csv.Error as problem:
            raise UnreadableFile(
                _("The file is no proper CSV: %(problem)s.") % {"problem": problem}
            ) from None


def xlsx_cells(path: Path) -> Iterator[list[Any]]:
    """The first sheet; values, not formulas."""
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (OSError, BadZipFile, InvalidFileException, KeyError, ValueError) as problem:
        raise UnreadableFile(_("The file is no proper XLSX: %(problem)s.") % {"problem": problem}) from None
    try:
        for cells in book.worksheets[0].iter_rows(values_only=True):
            yield list(cells)
    finally:
        book.close()


def text_of(cell: Any) -> str:
    """A cell as text: whole numbers without a point, instants as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
    return str(cell).replace("\0", "").strip()


def instant_of(text: str, now: datetime) -> datetime:
    """When it was told; `now` for an empty text. Without a zone it is the city's time; a day alone is its
    midnight.

    Raises InvalidInput for what is no date, and for the future."""
    if not text:
        return now
    at = parsed(text)
    if at > now:
        raise InvalidInput(_("created_at lies in the future: %(text)s") % {"text": text}, field="created_at")
    return at


def parsed(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        match = DATE.fullmatch(text)
        try:
            if match is None:
                raise ValueError from None
            numbers = [int(part) for part in match.groups(default="0")]
            at = datetime.combine(date(*numbers[:3]), time(*numbers[3:]))
        except ValueError:
            raise InvalidInput(
                _("created_at is no date: %(text)s") % {"text": text}, field="created_at"
            ) from None
    if at.year < 1900:
        raise InvalidInput(_("created_at is no date: %(text)s") % {"text": text}, field="created_at")
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)
