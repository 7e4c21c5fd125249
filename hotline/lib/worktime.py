"""Working time: office hours on the working days of a calendar that is passed in.

Instants are aware and come back in Asia/Shanghai, which has no summer time. A day that the calendar calls a
working day but gives no hours counts as free. A calendar without working time for two years on end is an
error (ValueError), not an endless walk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from hotline.lib.provisional import statutory_days

SHANGHAI = ZoneInfo("Asia/Shanghai")
Interval = tuple[time, time]
OFFICE_HOURS: tuple[Interval, ...] = ((time(8, 30), time(12)), (time(13, 30), time(17, 30)))
ONE_DAY, MINUTE, NOTHING = timedelta(days=1), timedelta(minutes=1), timedelta(0)
LONGEST_REST = 2 * 366
"""Days without working time after which a calendar is taken to be broken."""


class WorkCalendar(Protocol):
    """What working time asks of a calendar. Answers must not change while a calculation runs."""

    def is_work(self, day: date) -> bool:
        """True for working days, make-up Saturdays and Sundays included."""

    def intervals(self, day: date) -> Sequence[Interval]:
        """Office hours of a working day, in order, not overlapping, not across midnight."""

    def is_official(self, day: date) -> bool:
        """False while the day's status is a guess because the official list of its year is not out."""


@dataclass(frozen=True)
class TableCalendar:
    """A calendar out of rows: the days that differ from the plain week, and which years are known.

    A day without a row is a working day from Monday to Friday; in a year that is not official, the statutory
    holidays are free as well (`lunar_new_year` may name the first days of lunar years, else they are
    computed)."""

    days: Mapping[date, bool]
    official_years: frozenset[int]
    decided: frozenset[date] = frozenset()
    """Days known for certain although their year is not: local orders."""
    lunar_new_year: Mapping[int, date] = field(default_factory=dict)
    hours: tuple[Interval, ...] = OFFICE_HOURS

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[tuple[date, bool, str]],
        lunar_new_year: Mapping[int, date] | None = None,
        hours: tuple[Interval, ...] = OFFICE_HOURS,
    ) -> "TableCalendar":
        """From (day, is_work, source) with source official, provisional or local; the last row of a day wins.

        A year is official when it has an official row of its own."""
        days: dict[date, bool] = {}
        years: set[int] = set()
        decided: set[date] = set()
        for day, is_work, source in rows:
            days[day] = is_work
            if source == "official":
                years.add(day.year)
            if source == "local":
                decided.add(day)
        return cls(days, frozenset(years), frozenset(decided), lunar_new_year or {}, hours)

    def is_work(self, day: date) -> bool:
        known = self.days.get(day)
        if known is not None:
            return known
        if day.weekday() > 4:
            return False
        year = day.year
        return year in self.official_years or day not in statutory_days(year, self.lunar_new_year.get(year))

    def intervals(self, day: date) -> Sequence[Interval]:
        return self.hours

    def is_official(self, day: date) -> bool:
        return day.year in self.official_years or day in self.decided


class Due(NamedTuple):
    """An instant that was counted, and whether a guessed day was counted on the way."""

    at: datetime
    provisional: bool


def due_after_minutes(start: datetime, minutes: float, cal: WorkCalendar) -> Due:
    """`add_work_minutes`, and whether the answer is provisional."""
    at = add_work_minutes(start, minutes, cal)
    return Due(at, is_provisional(start, at, cal))


def due_after_workdays(start: datetime, n: int, cal: WorkCalendar) -> Due:
    """`add_workdays`, and whether the answer is provisional."""
    at = add_workdays(start, n, cal)
    return Due(at, is_provisional(start, at, cal))


def is_provisional(start: datetime, end: datetime, cal: WorkCalendar) -> bool:
    """True when a day from `start` to `end`, both included, in either order, is not officially known."""
    day, last = sorted((local(start).date(), local(end).date()))
    while day <= last:
        if not cal.is_official(day):
            return True
        day += ONE_DAY
    return False


def add_work_minutes(start: datetime, minutes: float, cal: WorkCalendar) -> datetime:
    """The instant when `minutes` of working time have passed since `start`; negative minutes count back.

    Time used up exactly at closing ends there, not at the next opening (08:30 + 210 = 12:00). No minutes:
    `start`."""
    at, left = local(start), timedelta(minutes=minutes)
    if left > NOTHING:
        for opens, closes in open_spans(at, cal):
            begin = opens if opens > at else at
            room = closes - begin
            if room >= left:
                return begin + left
            if room > NOTHING:
                left -= room
    elif left < NOTHING:
        for opens, closes in open_spans_back(at, cal):
            end = closes if closes < at else at
            room = end - opens
            if room >= -left:
                return end + left
            if room > NOTHING:
                left += room
    return at


def add_workdays(start: datetime, n: int, cal: WorkCalendar) -> datetime:
    """The closing of the n-th working day after the day of `start`, which is day 0; n = 0 is the end of day
    0.

    A start after closing or on a free day counts from the next opening, so the next working day is day 0.
    Negative n counts back from the date of `start` itself: -1 is the closing of the working day before."""
    at = local(start)
    day = at.date()
    if n < 0:
        return closing(workday(day, n, cal), cal)
    hours = hours_of(day, cal)
    if not hours or at.time() > hours[-1][1]:
        day = workday(day, 1, cal)
    return closing(workday(day, n, cal), cal)


def work_between(a: datetime, b: datetime, cal: WorkCalendar) -> float:
    """Minutes of working time from `a` to `b`; negative when `b` is the earlier."""
    if b < a:
        return -work_between(b, a, cal)
    start, end = local(a), local(b)
    total, day, last = NOTHING, start.date(), end.date()
    while day <= last:
        for opens, closes in hours_of(day, cal):
            begin, finish = max(instant(day, opens), start), min(instant(day, closes), end)
            if finish > begin:
                total += finish - begin
        day += ONE_DAY
    return total / MINUTE


def next_opening(at: datetime, cal: WorkCalendar) -> datetime:
    """`at` itself within office hours, else the next opening; closing time itself is outside."""
    moment = local(at)
    for opens, closes in open_spans(moment, cal):
        if moment < closes:
            return max(opens, moment)
    raise AssertionError("open_spans never ends")


def is_work_time(at: datetime, cal: WorkCalendar) -> bool:
    """True within office hours: from opening, up to but not at closing."""
    return next_opening(at, cal) == at


def day_minutes(hours: Sequence[Interval] = OFFICE_HOURS) -> int:
    """Minutes of a day with these hours: 450 for the default, 7.5 hours."""
    return sum((closes.hour - opens.hour) * 60 + closes.minute - opens.minute for opens, closes in hours)


def workday(day: date, n: int, cal: WorkCalendar) -> date:
    """The n-th working day after `day` (before it for negative n); `day` itself for 0."""
    step = ONE_DAY if n > 0 else -ONE_DAY
    left, rest = abs(n), 0
    while left:
        day += step
        if hours_of(day, cal):
            left, rest = left - 1, 0
        else:
            rest = rested(rest, day)
    return day


def closing(day: date, cal: WorkCalendar) -> datetime:
    """The end of office hours on `day`; of the whole day when it is free."""
    hours = hours_of(day, cal)
    return instant(day, hours[-1][1]) if hours else instant(day + ONE_DAY, time(0))


def hours_of(day: date, cal: WorkCalendar) -> Sequence[Interval]:
    """The office hours of `day`, none when it is free."""
    return cal.intervals(day) if cal.is_work(day) else ()


def open_spans(at: datetime, cal: WorkCalendar) -> Iterator[tuple[datetime, datetime]]:
    """Office hours as instants, from the day of `at` on, without end."""
    day, rest = at.date(), 0
    while True:
        hours = hours_of(day, cal)
        for opens, closes in hours:
            yield instant(day, opens), instant(day, closes)
        rest = 0 if hours else rested(rest, day)
        day += ONE_DAY


def open_spans_back(at: datetime, cal: WorkCalendar) -> Iterator[tuple[datetime, datetime]]:
    """Office hours as instants, latest first, from the day of `at` back, without end."""
    day, rest = at.date(), 0
    while True:
        hours = hours_of(day, cal)
        for opens, closes in reversed(hours):
            yield instant(day, opens), instant(day, closes)
        rest = 0 if hours else rested(rest, day)
        day -= ONE_DAY


def rested(days: int, day: date) -> int:
    """One more free day. Raises ValueError when that is too many for any real calendar."""
    if days >= LONGEST_REST:
        raise ValueError(f"The calendar has no working time in the two years around {day}.")
    return days + 1


def instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, SHANGHAI)


def local(at: datetime) -> datetime:
    """`at` in Asia/Shanghai. Raises ValueError for a naive datetime."""
    if at.tzinfo is None:
        raise ValueError("Working time needs an aware datetime.")
    return at.astimezone(SHANGHAI)
