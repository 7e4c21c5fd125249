"""Days and weeks of reports, in the city's time."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from analytics.models import Parameter
from hotline.lib.errors import InvalidInput

CITY_TIME = ZoneInfo("Asia/Shanghai")
FRIDAY = 5
WEEK = re.compile(r"(\d{4})-W(\d{2})")


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The half-open day [00:00, next 00:00) in Asia/Shanghai."""
    start = datetime.combine(day, time(), CITY_TIME)
    return start, start + timedelta(days=1)


def parse_day(text: str) -> date:
    """A date 2026-02-12. Raises InvalidInput."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(_("Write a day as 2026-02-12."), field="date") from None


def week_of(day: date) -> date:
    """First day of the configured report week that holds `day`."""
    row = Parameter.objects.filter(key="week_starts_on").first()
    first = int(row.value) if row else FRIDAY
    return day - timedelta(days=(day.isoweekday() - first) % 7)


def parse_week(text: str) -> date:
    """First day of the report week named by a date in it or by an ISO week (the configured week that holds
    its Thursday). Raises InvalidInput."""
    if match := WEEK.fullmatch(text):
        try:
            return week_of(date.fromisocalendar(int(match[1]), int(match[2]), 4))
        except ValueError:
            raise InvalidInput(_("There is no such week."), field="week") from None
    return week_of(parse_day(text))
