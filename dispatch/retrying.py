"""How often a citizen is called back, and when next: the rows of the timer `callback_retry`."""

from __future__ import annotations

from datetime import datetime, timedelta

from dispatch.models import ClockRule
from dispatch.timeleft import calendar
from hotline.lib.cached import Cached
from hotline.lib.worktime import add_work_minutes
from workorders.lifecycle import Urgency
from workorders.models import WorkOrder

TRIES = 3
"""When no rule says otherwise."""
AFTER = timedelta(hours=4)
"""Half a working day: the next try falls into another part of the day."""

_rules: Cached[dict[str, int]] = Cached(
    lambda: {
        rule.urgency: rule.max_times or TRIES
        for rule in ClockRule.objects.filter(kind="callback_retry", valid_to__isnull=True).order_by(
            "valid_from"
        )
    }
)


def tries_allowed(order: WorkOrder) -> int:
    """How many unanswered calls close the order as not rated."""
    return _rules.get().get(order.urgency, TRIES)


def next_try(order: WorkOrder, now: datetime) -> datetime:
    """When to call again after nobody answered at `now`: in office hours, for emergencies at any hour."""
    if order.urgency != Urgency.N:
        return now + AFTER
    return add_work_minutes(now, AFTER // timedelta(minutes=1), calendar.get())
