"""Which rule makes a clock, and when it is due: rows of the timer table, read for one order on one day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from dispatch.calendar import natural, opening_after
from dispatch.models import ClockRule
from hotline.lib.cached import Cached
from hotline.lib.worktime import (
    Due,
    TableCalendar,
    add_work_minutes,
    add_workdays,
    due_after_minutes,
    due_after_workdays,
    work_between,
)
from workorders.models import Category, Kind, WorkOrder

NATURAL = {
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "day": timedelta(days=1),
}
LEAF_OVERRIDES, LEAF_AT_MOST = "leaf value overrides", "min(leaf"
"""How a rule's note begins when the category's own number of working days counts."""
HANDLING = frozenset({"first_result", "handle", "interim_report"})
"""Clocks that only kinds with a handling clock have."""
FROM_DUE = "T05.due"


@dataclass(frozen=True)
class Case:
    """What rules look at. `leaf` is the category's number of working days, None when it names none."""

    urgency: str
    kind: str
    leaf: int | None
    on: date
    is_handled: bool = True
    """Whether the kind has a handling clock."""

    @classmethod
    def of(cls, order: WorkOrder, at: datetime) -> Case:
        handled, default = _kinds.get().get(order.kind_id or "", (True, None))
        leaf = leaf_days(order.category_id) or default
        return cls(order.urgency, order.kind_id or "", leaf, timezone.localdate(at), handled)


class RuleBook:
    """All rules, by id and by what they are for."""

    def __init__(self, rules: Iterable[ClockRule]) -> None:
        self.by_id: dict[int, ClockRule] = {}
        self.by_use: dict[tuple[str, str], list[ClockRule]] = {}
        self.step_names: dict[str, list[str]] = {}
        for rule in rules:
            self.by_id[rule.pk] = rule
            self.by_use.setdefault((rule.kind, rule.step), []).append(rule)
            if rule.step and rule.step not in self.step_names.setdefault(rule.kind, []):
                self.step_names[rule.kind].append(rule.step)

    def best(self, kind: str, step: str, case: Case) -> ClockRule | None:
        """The most specific rule valid on that day, of equals the newest; None when there is none."""
        fitting = [rule for rule in self.by_use.get((kind, step), ()) if fits(rule, case)]
        return max(fitting, key=rank, default=None)

    def steps(self, kind: str, case: Case) -> dict[str, ClockRule]:
        """The rules of the cards of this kind of clock, by step."""
        found = ((step, self.best(kind, step, case)) for step in self.step_names.get(kind, ()))
        return {step: rule for step, rule in found if rule is not None}


_kinds = Cached(
    lambda: {
        code: (clock, days)
        for code, clock, days in Kind.objects.values_list("code", "handling_clock", "default_workdays")
    }
)
_leaves = Cached(lambda: dict(Category.objects.filter(level="leaf").values_list("pk", "deadline_workdays")))
_book = Cached(lambda: RuleBook(ClockRule.objects.order_by("pk")))


def rule_book() -> RuleBook:
    return _book.get()


def leaf_days(category_id: int | None) -> int | None:
    """The leaf's number of working days, also of one that was added a moment ago in another process."""
    if category_id is None:
        return None
    known = _leaves.get()
    if category_id not in known:
        _leaves.forget()
        known = _leaves.get()
    return known.get(category_id)


def fits(rule: ClockRule, case: Case) -> bool:
    """Whether the rule is valid on the day and speaks of this case."""
    if rule.valid_from > case.on or (rule.valid_to is not None and rule.valid_to < case.on):
        return False
    if rule.urgency not in ("", case.urgency):
        return False
    if rule.variant.startswith("kind="):
        return case.kind in rule.variant.removeprefix("kind=").split("|")
    if rule.variant.startswith("leaf<="):
        return case.leaf is not None and case.leaf <= int(rule.variant.removeprefix("leaf<="))
    if rule.variant.startswith("leaf>"):
        return case.leaf is None or case.leaf > int(rule.variant.removeprefix("leaf>"))
    return not rule.variant  # other variants speak of what an order does not have


def rank(rule: ClockRule) -> tuple[bool, bool, date, int]:
    return bool(rule.variant), bool(rule.urgency), rule.valid_from, rule.pk


def span_of(rule: ClockRule, leaf: int | None) -> tuple[int, str]:
    """How long, as (number, unit), with the leaf's own days and the cap where the rule says they count."""
    value, unit = rule.duration_value, rule.duration_unit
    if leaf is not None and unit == "workday":
        if rule.note.startswith(LEAF_OVERRIDES):
            value = leaf
        elif rule.note.startswith(LEAF_AT_MOST):
            value = min(leaf, value)
    if rule.cap_value is not None and rule.cap_unit == unit:
        value = min(value, rule.cap_value)
    return value, unit


def due_of(rule: ClockRule, start: datetime, leaf: int | None, cal: TableCalendar) -> Due:
    """When a clock of this rule that starts at `start` is due. A pure function of its arguments.

    Raises ValueError for a unit that only counts from another clock."""
    value, unit = span_of(rule, leaf)
    if unit == "workhour":
        return due_after_minutes(start, value * 60, cal)
    if unit == "workday":
        return due_after_workdays(start, value, cal)
    if unit not in NATURAL:
        raise ValueError(f"{rule}: {unit} does not say when a clock is due.")
    return natural(start, value * NATURAL[unit])


def step_at(
    rule: ClockRule, start: datetime, due: datetime, is_working: bool, cal: TableCalendar
) -> datetime:
    """The moment of a card: a share of the handling time, or before or after its end.

    A number of working days after the end means the opening of that day; before it, the closing."""
    value, unit = rule.duration_value, rule.duration_unit
    if unit == "percent":
        if is_working:
            return add_work_minutes(start, work_between(start, due, cal) * value / 100, cal)
        return start + (due - start) * value / 100
    if rule.starts_on != FROM_DUE:
        return due_of(rule, start, None, cal).at
    if unit == "workday":
        return (
            opening_after(due, value, cal) if value > 0 else add_workdays(due, value, cal) if value else due
        )
    if unit == "workhour":
        return add_work_minutes(due, value * 60, cal)
    return due + value * NATURAL[unit]


class Moment(NamedTuple):
    """A step of a clock: its name and when it happens."""

    step: str
    at: datetime


def steps_of(
    kind: str, case: Case, start: datetime, due: datetime, is_working: bool, cal: TableCalendar
) -> list[Moment]:
    """`due`, and the cards of this kind of clock. A card that would lie at or before the start is left out:
    the time is too short for a warning."""
    found = [Moment("due", due)]
    for step, rule in rule_book().steps(kind, case).items():
        at = step_at(rule, start, due, is_working, cal)
        if at > start:
            found.append(Moment(step, at))
    return found
