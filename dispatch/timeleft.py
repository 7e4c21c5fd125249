"""Time left on a deadline, from plain values, so that lists need no instances."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import floor

from dispatch.calendar import working_calendar
from hotline.lib.worktime import add_work_minutes, day_minutes, work_between

SOON_NATURAL = timedelta(hours=8)
"""A natural deadline nearer than this is due soon; a working one within one working day."""


def minutes_left(due_at: datetime | None, now: datetime, *, working: bool) -> int | None:
    """Whole minutes until `due_at`, working minutes where the clock counts working time; negative when overdue; None
    without a deadline."""
    if due_at is None:
        return None
    if not working:
        return floor((due_at - now) / timedelta(minutes=1))
    return floor(work_between(now, due_at, working_calendar()))


def soon_limits(now: datetime) -> tuple[datetime, datetime]:
    """Until when a working and a natural deadline count as due soon."""
    return add_work_minutes(now, day_minutes(), working_calendar()), now + SOON_NATURAL
