"""The clocks of an order as pages and the API show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language

from dispatch.clockrules import rule_book
from dispatch.models import Clock, ClockRule
from dispatch.timeleft import minutes_left
from workorders.models import WorkOrder


@dataclass(frozen=True)
class ClockLine:
    """`status`: running, late, met, met_late, stopped."""

    kind: str
    name: str
    generation: int
    started_at: datetime
    due_at: datetime
    ended_at: datetime | None
    met_at: datetime | None
    breached_at: datetime | None
    is_working: bool
    is_provisional: bool
    basis: str
    status: str
    remaining: int | None
    """Minutes left, working minutes for working clocks; None once it has ended."""


def clocks_of(order: WorkOrder, now: datetime) -> list[ClockLine]:
    """Every clock the order ever had, in the order in which they started. One query."""
    rules = rule_book().by_id
    clocks = Clock.objects.filter(order=order).order_by("started_at", "due_at", "pk")
    return [line_of(clock, rules.get(clock.rule_id or 0), now) for clock in clocks]


def line_of(clock: Clock, rule: ClockRule | None, now: datetime) -> ClockLine:
    remaining = minutes_left(clock.due_at, now, working=clock.is_working)
    return ClockLine(
        kind=clock.kind,
        name=name_of(clock.kind, rule),
        generation=clock.generation,
        started_at=clock.started_at,
        due_at=clock.due_at,
        ended_at=clock.ended_at,
        met_at=clock.met_at,
        breached_at=clock.breached_at,
        is_working=clock.is_working,
        is_provisional=clock.is_provisional,
        basis=rule.basis if rule else "",
        status=status_of(clock, now),
        remaining=None if clock.ended_at else remaining,
    )


def name_of(kind: str, rule: ClockRule | None) -> str:
    """What the clock is called, in the reader's language."""
    if rule is None:
        return kind
    return rule.name_en if (get_language() or "").startswith("en") else rule.name_zh


def status_of(clock: Clock, now: datetime) -> str:
    if clock.ended_at is None:
        return "late" if clock.due_at < now else "running"
    if clock.met_at is None:
        return "stopped"
    return "met_late" if clock.breached_at else "met"
