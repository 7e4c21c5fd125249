"""The working calendar that every deadline asks: the table, and a marked guess where a year is not out."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from dispatch.models import CalendarDay, LunarNewYear
from hotline.lib.cached import Cached
from hotline.lib.worktime import Due, TableCalendar, is_provisional, local, workday


def load() -> TableCalendar:
    """Read the calendar from its rows."""
    days = CalendarDay.objects.order_by("date").values_list("date", "is_work", "source")
    return TableCalendar.from_rows(days, dict(LunarNewYear.objects.values_list("year", "date")))


_calendar = Cached(load)


def working_calendar() -> TableCalendar:
    """The calendar as it stands, at most ten seconds old."""
    return _calendar.get()


def opening_after(at: datetime, days: int, cal: TableCalendar) -> datetime:
    """The opening of the `days`-th working day after the day of `at` (days >= 1)."""
    day = workday(local(at).date(), days, cal)
    return datetime.combine(day, cal.intervals(day)[0][0], local(at).tzinfo)


def natural(start: datetime, span: timedelta) -> Due:
    """So much later by the natural clock; no calendar is asked, so nothing about it is a guess."""
    return Due(start + span, False)


def guessed_years(start: datetime, end: datetime, cal: TableCalendar) -> list[int]:
    """Years between two instants whose official calendar is needed and not out; empty when all is known."""
    if not is_provisional(start, end, cal):
        return []
    first, last = sorted((local(start).date(), local(end).date()))
    years = range(first.year, last.year + 1)
    return [year for year in years if not all(cal.is_official(day) for day in days_of(year, first, last))]


def days_of(year: int, first: date, last: date) -> list[date]:
    """The days of a year that lie from `first` to `last`."""
    start, end = max(date(year, 1, 1), first), min(date(year, 12, 31), last)
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]
