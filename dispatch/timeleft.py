"""Time left on an order's deadlines, counted once for lists, pages and answers."""

from __future__ import annotations

from datetime import datetime, timedelta

from dispatch.models import CalendarDay, LunarNewYear
from hotline.lib.cached import Cached
from hotline.lib.worktime import TableCalendar, add_work_minutes, day_minutes, work_between

SOON_NATURAL = timedelta(hours=8)
"""A natural deadline nearer than this is due soon; a working one within one working day."""


def _load_calendar() -> TableCalendar:
    return TableCalendar.from_rows(
        CalendarDay.objects.values_list("date", "is_work", "source"),
        dict(LunarNewYear.objects.values_list("year", "date")),
    )


calendar = Cached(_load_calendar, seconds=60)


def minutes_left(due_at: datetime | None, now: datetime, *, working: bool) -> int | None:
    """Whole minutes until `due_at`, working minutes where the clock counts working time; negative when overdue; None
    without a deadline."""
    if due_at is None:
        return None
    if not working:
        return int((due_at - now) / timedelta(minutes=1))
    return int(work_between(now, due_at, calendar.get()))


def soon_limits(now: datetime) -> tuple[datetime, datetime]:
    """Until when a working and a natural deadline count as due soon."""
    return add_work_minutes(now, day_minutes(), calendar.get()), now + SOON_NATURAL
