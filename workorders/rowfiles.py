"""CSV files that people hand to a command: read with one clear sentence for whatever is wrong with them."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.utils.translation import gettext as _

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
LARGEST_FIELD = 16 * 1024 * 1024


class UnusableFile(ValueError):
    """The file cannot be read as asked; the message is the sentence to show."""


def read_rows(path: str | Path, required: Sequence[str]) -> Iterator[dict[str, str]]:
    """The rows of a UTF-8 CSV file with a header, as column → text; missing cells are empty, blank lines
    skipped.

    A byte order mark, Windows line ends and line breaks inside quotes are fine. `required` columns must be in
    the header. Raises UnusableFile, before the first row where possible."""
    path = Path(path)
    refuse_other_formats(path)
    csv.field_size_limit(LARGEST_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns = [name.strip() for name in reader.fieldnames or []]
            reader.fieldnames = columns
            if not any(columns):
                raise UnusableFile(_("%(file)s is empty.") % {"file": path})
            if missing := [name for name in required if name not in columns]:
                raise UnusableFile(
                    _("%(file)s has no column %(missing)s; its columns are: %(columns)s.")
                    % {"file": path, "missing": ", ".join(missing), "columns": ", ".join(columns)}
                )
            for row in reader:
                yield {name: row.get(name) or "" for name in columns}
    except UnicodeDecodeError as error:
        raise UnusableFile(_("%(file)s is not UTF-8 text; save it as UTF-8 CSV.") % {"file": path}) from error
    except csv.Error as error:
        raise UnusableFile(
            _("%(file)s is not a proper CSV file, line %(line)s: %(problem)s.")
            % {"file": path, "line": reader.line_num, "problem": error}
        ) from error
    except OSError as error:
        raise UnusableFile(cannot_read(path, error)) from error


def refuse_other_formats(path: Path) -> None:
    """A compressed file, a workbook or an empty file gets its own sentence."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise UnusableFile(cannot_read(path, error)) from error
    if start.startswith(GZIP):
        raise UnusableFile(_("%(file)s is compressed; unpack it first.") % {"file": path})
    if start.startswith(ZIP):
        raise UnusableFile(_("%(file)s is a workbook or archive; save it as UTF-8 CSV.") % {"file": path})
    if not start:
        raise UnusableFile(_("%(file)s is empty.") % {"file": path})


def cannot_read(path: Path, error: OSError) -> str:
    return _("%(file)s cannot be read: %(problem)s.") % {"file": path, "problem": error.strerror}
