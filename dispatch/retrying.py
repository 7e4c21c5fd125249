"""How often a citizen is called back, and when next: the rows of the timer `callback_retry`."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from dispatch.calendar import working_calendar
from dispatch.clockrules import NATURAL, Case, rule_book, span_of
from dispatch.models import ClockRule
from hotline.lib.worktime import add_work_minutes, day_minutes, local
from workorders.models import WorkOrder

CALL_FROM, CALL_UNTIL = time(8, 30), time(20, 30)
"""Nobody is called about a closed matter at night, also where the clock runs at night."""


def rule_of(order: WorkOrder) -> ClockRule | None:
    """The row that was valid when the unit replied."""
    return rule_book().best("callback_retry", "", Case.of(order, order.replied_at or order.created_at))


def tries_allowed(order: WorkOrder) -> int:
    """How many unanswered calls close the order as not rated; one where no row says otherwise."""
    rule = rule_of(order)
    return rule.max_times if rule and rule.max_times else 1


def next_try(order: WorkOrder, now: datetime) -> datetime | None:
    """When to call again after nobody answered at `now`: the time for all tries, spread evenly over them, so
    that the next one falls on another hour of the day. None where no row allows another."""
    rule = rule_of(order)
    if rule is None:
        return None
    value, unit = span_of(rule, None)
    tries = rule.max_times or 1
    if unit in NATURAL:
        return by_day(now + value * NATURAL[unit] / tries)
    minutes = value * (day_minutes() if unit == "workday" else 60) / tries
    return add_work_minutes(now, minutes, working_calendar())


def by_day(at: datetime) -> datetime:
    """`at` itself between morning and evening, else the next morning."""
    moment = local(at)
    if CALL_FROM <= moment.time() <= CALL_UNTIL:
        return moment
    later = moment if moment.time() < CALL_FROM else moment + timedelta(days=1)
    return datetime.combine(later.date(), CALL_FROM, later.tzinfo)
