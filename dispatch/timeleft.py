"""Time left on a deadline, from plain values, so that lists need no instances."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import floor

from dispatch.calendar import working_calendar
from hotline.lib.worktime import WorkCalendar, add_work_minutes, day_minutes, local, work_between

SOON_NATURAL = timedelta(hours=8)
"""A natural deadline nearer than this is due soon; a working one within one working day."""


def minutes_left(due_at: datetime | None, now: datetime, *, working: bool) -> int | None:
    """Whole minutes until `due_at`, working minutes where the clock counts working time; negative when
    overdue; None without a deadline."""
    if due_at is None:
        return None
    if not working:
        return floor((due_at - now) / timedelta(minutes=1))
    day, cal = local(now).replace(hour=0, minute=0, second=0, microsecond=0), working_calendar()
    return floor(round(_since(day, due_at, cal) - _since(day, now, cal), 6))


_kept: tuple[WorkCalendar | None, dict[tuple[datetime, datetime], float]] = (None, {})
KEPT = 20_000


def _since(day: datetime, at: datetime, cal: WorkCalendar) -> float:
    """Working minutes from the start of today to an instant, kept while day and calendar last: the same
    deadlines are counted for every reader of a list."""
    global _kept
    if _kept[0] is not cal or len(_kept[1]) > KEPT:
        _kept = (cal, {})
    minutes = _kept[1].get((day, at))
    if minutes is None:
        minutes = _kept[1][(day, at)] = work_between(day, at, cal)
    return minutes


def soon_limits(now: datetime) -> tuple[datetime, datetime]:
    """Until when a working and a natural deadline count as due soon."""
    return add_work_minutes(now, day_minutes(), working_calendar()), now + SOON_NATURAL
