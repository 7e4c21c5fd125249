"""The clocks of a life that is being written in bulk: the rules of `clocks`, on rows that are not in the
database yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from dispatch import clocks, escalation
from dispatch.clockrows import QUIET, Start
from dispatch.clockrules import Moment
from dispatch.models import Clock, ClockStep
from dispatch.retrying import tries_allowed
from workorders.models import OrderEvent

if TYPE_CHECKING:
    from dispatch.bulk import Life


SWEEP_DELAY = timedelta(seconds=1)


class ClockWork:
    """All clocks of one life, and which of their moments are still to come."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.latest: dict[str, Clock] = {}
        self.clocks: list[Clock] = []
        self.steps: list[ClockStep] = []
        self.waiting: list[ClockStep] = []

    def follow(self, event: OrderEvent) -> None:
        """As `clocks.follow`."""
        order = self.life.order
        if not clocks.concerns(order, event):
            return
        changes = clocks.changes_of(order, event, self.latest, self._moments)
        shown = clocks.shown(changes, self.latest)
        for clock in (*changes.met, *changes.stopped):
            self._end(clock, event.at, is_met=clock in changes.met)
        for start in changes.starts:
            self._start(start, event.at)
        for name, value in shown.items():
            setattr(order, name, value)

    def fire_until(self, until: datetime) -> None:
        """What the sweep would have done up to `until`, one moment after the other, each a second late."""
        while due := [step for step in self.waiting if step.try_at <= until]:
            step = min(due, key=lambda step: (step.try_at, step.pk))
            self._fire(step, max(min(step.try_at + SWEEP_DELAY, until), self.life.at))

    def _fire(self, step: ClockStep, now: datetime) -> None:
        """As `escalation.fire` for one step."""
        life, clock, order = self.life, step.clock, self.life.order
        self.waiting.remove(step)
        step.fired_at = now
        if step.step == "due":
            self._is_due(clock, now)
        self.look_ahead(clock)
        order.next_due_at = min((other.due_at for other in self.waiting), default=None)
        if escalation.is_retry(step) and life.tries >= tries_allowed(order):
            life.give_up(now, step.pk)
            return
        act = escalation.act_of(step, now)
        life.take(act.verb, actor=None, at=now, facts=act.facts, step=step.pk, **act.changes)
        life.tell(escalation.messages_of(step, set()), now)

    def _is_due(self, clock: Clock, now: datetime) -> None:
        if clock.kind not in QUIET and clock.breached_at is None:
            clock.breached_at = now
        if clock.kind in escalation.ENDS_AT_DUE:
            clock.ended_at = now
            clock.met_at = now if clock.kind == "archive" else None
        if clock.kind == "sign":
            self.life.lead.signed_at, self.life.lead.deemed = now, True
        if clock.kind == "interim_report":
            self._insert(
                clocks.next_report(clock, now), [Moment("due", clocks.next_report(clock, now).due_at)], now
            )

    def _moments(self, asked: Collection[Clock]) -> clocks.Waiting:
        left: clocks.Waiting = {}
        ids = {clock.pk for clock in asked}
        for step in self.steps:
            if step.clock_id in ids and step.fired_at is None:
                left.setdefault(step.clock_id, []).append(Moment(step.step, step.due_at))
        return left

    def _end(self, clock: Clock, at: datetime, *, is_met: bool) -> None:
        clock.ended_at, clock.met_at = at, at if is_met else None
        if clock.breached_at is None and clock.due_at < at and clock.kind not in QUIET:
            clock.breached_at = at
        for step in self.waiting:
            if step.clock_id == clock.pk:
                step.cancelled_at = at
        self.waiting = [step for step in self.waiting if step.clock_id != clock.pk]

    def _start(self, start: Start, at: datetime) -> None:
        lead = self.life.open_lead()
        clock = Clock(
            order=self.life.order,
            assignment_id=lead.pk if lead else None,
            kind=start.kind,
            generation=start.generation,
            rule_id=start.rule_id,
            is_working=start.is_working,
            is_provisional=start.is_provisional,
            started_at=start.started_at,
            due_at=start.due_at,
            breached_at=start.breached_at,
        )
        self._insert(clock, start.steps, at)

    def _insert(self, clock: Clock, moments: Sequence[Moment], at: datetime) -> None:
        clock.pk = self.life.ids.next(Clock)
        self.latest[clock.kind] = clock
        self.clocks.append(clock)
        for moment in moments:
            step = ClockStep(
                pk=self.life.ids.next(ClockStep),
                clock=clock,
                order=self.life.order,
                step=moment.step,
                due_at=moment.at,
                try_at=max(moment.at, at),
            )
            self.steps.append(step)
            self.waiting.append(step)
        self.look_ahead(clock)

    def look_ahead(self, clock: Clock) -> None:
        """Keep `next_step_at` on a clock, which `clocks.shown` reads."""
        coming = [step.due_at for step in self.waiting if step.clock_id == clock.pk]
        clock.next_step_at = min(coming, default=None)
