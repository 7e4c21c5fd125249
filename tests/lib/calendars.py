"""The official calendar of 2026, as the tests of working time need it."""

from datetime import date, datetime, timedelta

from hotline.lib.worktime import SHANGHAI, TableCalendar

HOLIDAYS = [("01-01", 3), ("02-15", 9), ("04-04", 3), ("05-01", 5), ("06-19", 3), ("09-25", 3), ("10-01", 7)]
MAKE_UP = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]


def rows_of_2026():
    for first, length in HOLIDAYS:
        for offset in range(length):
            yield date.fromisoformat(f"2026-{first}") + timedelta(days=offset), False, "official"
    for day in MAKE_UP:
        yield date.fromisoformat(f"2026-{day}"), True, "official"


OFFICIAL_2026 = TableCalendar.from_rows(rows_of_2026())
"""2026 is official, every other year provisional."""


def at(text):
    """An instant in Shanghai: at("2026-02-13 10:00")."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
