"""Writing clocks: what one event changes on an order's clocks goes to the database in one round trip."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models import OuterRef, Subquery

from dispatch.clockrules import Moment
from dispatch.models import Clock, ClockStep
from workorders.models import WorkOrder

WAITING = models.Q(fired_at__isnull=True, cancelled_at__isnull=True, parked_at__isnull=True)
QUIET = ("return_window", "archive")
"""Clocks whose end is no failure of anybody: they are never breached."""
END = """
WITH ended AS (
  UPDATE dispatch_clock SET ended_at = %(at)s,
    met_at = CASE WHEN id = ANY(%(met)s::bigint[]) THEN %(at)s::timestamptz END,
    breached_at = CASE WHEN breached_at IS NULL AND due_at < %(at)s AND kind <> ALL(%(quiet)s)
                       THEN %(at)s ELSE breached_at END
  WHERE id = ANY(%(ended)s::bigint[]) RETURNING id)
UPDATE dispatch_clockstep SET cancelled_at = %(at)s FROM ended
WHERE clock_id = ended.id AND fired_at IS NULL AND cancelled_at IS NULL
"""
START = """
WITH started AS (
  INSERT INTO dispatch_clock (order_id, assignment_id, kind, generation, rule_id, is_working, is_provisional,
                              started_at, due_at, breached_at)
  SELECT %(order)s, (SELECT id FROM dispatch_assignment
                     WHERE order_id = %(order)s AND role = 'lead' AND ended_at IS NULL), given.*
  FROM unnest(%(kinds)s::text[], %(generations)s::int[], %(rules)s::bigint[], %(working)s::bool[],
              %(provisional)s::bool[], %(started)s::timestamptz[], %(due)s::timestamptz[],
              %(breached)s::timestamptz[]) AS given
  RETURNING id, kind)
INSERT INTO dispatch_clockstep (clock_id, order_id, step, due_at, try_at, tries, error)
SELECT started.id, %(order)s, moment.step, moment.at, greatest(moment.at, %(at)s), 0, ''
FROM started JOIN unnest(%(step_kinds)s::text[], %(steps)s::text[], %(step_at)s::timestamptz[])
  AS moment(kind, step, at) USING (kind)
"""
SHOW = """
UPDATE workorders_workorder
SET due_at = %(shown_due)s, due_is_working = %(shown_working)s, next_due_at = %(next_due)s
WHERE id = %(order)s
"""


@dataclass(frozen=True)
class Start:
    """A clock to be started, with the moments at which something happens."""

    kind: str
    generation: int
    rule_id: int | None
    started_at: datetime
    due_at: datetime
    is_working: bool
    is_provisional: bool
    steps: list[Moment]
    breached_at: datetime | None = None


@dataclass
class Changes:
    """What an event changes on the clocks of one locked order."""

    order: WorkOrder
    at: datetime
    met: list[Clock] = field(default_factory=list)
    stopped: list[Clock] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)

    def write(self, *, due_at: datetime | None, due_is_working: bool, next_due_at: datetime | None) -> None:
        """End, start, and show on the order what is due; nothing is sent when nothing changes."""
        order, script = self.order, []
        values: dict[str, Any] = {"order": order.pk, "at": self.at}
        if self.met or self.stopped:
            script.append(END)
            met = [clock.pk for clock in self.met]
            values |= {"met": met, "ended": met + [clock.pk for clock in self.stopped], "quiet": list(QUIET)}
        if self.starts:
            script.append(START)
            values |= self._columns()
        shown = {"due_at": due_at, "due_is_working": due_is_working, "next_due_at": next_due_at}
        if any(getattr(order, name) != value for name, value in shown.items()):
            script.append(SHOW)
            values |= {"shown_due": due_at, "shown_working": due_is_working, "next_due": next_due_at}
            for name, value in shown.items():
                setattr(order, name, value)
        if script:
            with connection.cursor() as cursor:
                cursor.execute(";".join(script), values)

    def _columns(self) -> dict[str, Any]:
        starts, steps = self.starts, [(start.kind, moment) for start in self.starts for moment in start.steps]
        return {
            "kinds": [start.kind for start in starts],
            "generations": [start.generation for start in starts],
            "rules": [start.rule_id for start in starts],
            "working": [start.is_working for start in starts],
            "provisional": [start.is_provisional for start in starts],
            "started": [start.started_at for start in starts],
            "due": [start.due_at for start in starts],
            "breached": [start.breached_at for start in starts],
            "step_kinds": [kind for kind, _moment in steps],
            "steps": [moment.step for _kind, moment in steps],
            "step_at": [moment.at for _kind, moment in steps],
        }


def latest_clocks(order_id: int) -> dict[str, Clock]:
    """The newest clock of each kind, with the first moment still to come as `next_step_at`. One query."""
    waiting = ClockStep.objects.filter(WAITING, clock=OuterRef("pk"))
    first = waiting.order_by("due_at").values("due_at")[:1]
    rows = Clock.objects.filter(order_id=order_id).order_by("kind", "-generation").distinct("kind")
    return {clock.kind: clock for clock in rows.annotate(next_step_at=Subquery(first))}
