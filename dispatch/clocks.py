"""Clocks: started, met and stopped by what happens to an order.

Moments (`dispatched`, `replied` …) are named as in the columns `starts_on` and `stops_on` of the rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import TypedDict

from dispatch.calendar import working_calendar
from dispatch.clockrows import Changes, Start, latest_clocks
from dispatch.clockrules import HANDLING, Case, Moment, due_of, rule_book, steps_of
from dispatch.models import Clock, ClockRule, ClockStep
from workorders.lifecycle import FINAL, URGENCY_RANK, State, Urgency
from workorders.models import OrderEvent, WorkOrder
from workorders.models.callback import Attempt

Waiting = dict[int, list[Moment]]
"""Moments still to come, by the clock's id."""


class Shown(TypedDict):
    due_at: datetime | None
    due_is_working: bool
    next_due_at: datetime | None


STARTED_HERE = (
    "dispatch",
    "sign",
    "contact",
    "first_result",
    "handle",
    "return_window",
    "interim_report",
    "return_review",
    "adjudicate",
    "reply_review",
    "callback",
    "callback_retry",
    "rework",
    "archive",
)
"""Kinds that follow the life of an order. Rules of others (calls, staffing …) start nothing here."""
SHOWN = ("first_result", "handle", "rework")
"""Kinds that `due_at` of the order shows: the earliest unmet one."""
OF_THE_LEAD = frozenset({"contact", "first_result", "handle", "interim_report"})
"""Begin anew when a ruling names another lead."""
MOMENTS: dict[str, frozenset[str]] = {
    "submit": frozenset({"submitted"}),
    "create": frozenset({"submitted"}),
    "dispatch": frozenset({"dispatched"}),
    "forward": frozenset({"forwarded"}),
    "sign": frozenset({"signed", "signed_by_hand"}),
    "return": frozenset({"return_requested"}),
    "review-return": frozenset({"return_decided"}),
    "adjudicate": frozenset({"ruled"}),
    "progress": frozenset({"progress"}),
    "reply": frozenset({"replied"}),
    "review-reply": frozenset({"reply_reviewed"}),
}
"""What a verb always means. `deem-signed` is no signature: the sweep has ended its clock, unmet."""


def moments(order: WorkOrder, event: OrderEvent) -> set[str]:
    """What this event means in the words of the rules. Empty for what concerns no clock."""
    left, to, facts = event.from_state, event.to_state, event.facts
    found: set[str] = set(MOMENTS.get(event.verb, ()))
    if event.verb == "create" and to != State.PENDING:
        return set()
    if to and to != left:
        found |= {"pending_entered"} if to == State.PENDING else set()
        found |= {"left_pending"} if left == State.PENDING else set()
        found |= {"closed"} if to == State.CLOSED else set()
        found |= {"adjudication_opened"} if to == State.ADJUDICATION else set()
    special = {
        "first_contact": event.verb == "contact" and facts.get("reached") is True,
        "reply_accepted": event.verb == "review-reply" and to == State.CALLBACK,
        "callback_answered": event.verb == "callback" and facts.get("attempt") == Attempt.ANSWERED,
        "callback_first_attempt": event.verb == "callback" and to == State.CALLBACK and facts.get("try") == 1,
        "rework_ordered": event.verb == "rework" and facts.get("redo") is True,
    }
    return found | {name for name, holds in special.items() if holds}


def follow(order: WorkOrder, event: OrderEvent) -> None:
    """Start, meet and stop the clocks that this event touches; keep `due_at` and `next_due_at` on the order.

    Called for every event, with the order locked. Two round trips; none for events that concern no clock."""
    if not concerns(order, event):
        return
    latest = {} if event.verb == "create" else latest_clocks(order.pk)
    changes = changes_of(order, event, latest, waiting_moments)
    changes.write(**shown(changes, latest))


def concerns(order: WorkOrder, event: OrderEvent) -> bool:
    """Whether this event can change a clock at all."""
    return bool(moments(order, event) or begun_anew(order, event) or ends_everything(event))


def changes_of(
    order: WorkOrder,
    event: OrderEvent,
    latest: Mapping[str, Clock],
    waiting: Callable[[Collection[Clock]], Waiting],
) -> Changes:
    """What this event starts, meets and stops, given the newest clock of each kind. Touches no order or
    clock in the database; `waiting` tells the moments of clocks that have not fired."""
    happened, again = moments(order, event), begun_anew(order, event)
    running = {kind: clock for kind, clock in latest.items() if clock.ended_at is None}
    changes = Changes(order, event.at)
    for kind, clock in running.items():
        if stops_on(clock) & happened or (kind == "interim_report" and "progress" in happened):
            changes.met.append(clock)
        elif ends_everything(event) or kind in again:
            changes.stopped.append(clock)
    case = Case.of(order, event.at)
    for kind, rule in starting(case, happened, again):
        if may_start(kind, order, case, running):
            begin = start_of(kind, order, event, running)
            changes.starts.append(fresh(kind, rule, begin, case, generation(latest, kind)))
    if event.verb == "review-reply" and event.to_state == State.HANDLING:
        changes.starts += resumed(order, latest, event.at, waiting)
    return changes


def begun_anew(order: WorkOrder, event: OrderEvent) -> frozenset[str]:
    """Kinds that start again although they run."""
    if event.verb == "classify" and order.state == State.PENDING and {"urgency", "kind"} & event.facts.keys():
        return frozenset({"dispatch"})
    if event.verb == "progress":
        return frozenset({"interim_report"})
    return OF_THE_LEAD if event.verb == "adjudicate" and event.facts.get("changed") else frozenset()


def ends_everything(event: OrderEvent) -> bool:
    """Whether the order ends or goes back to be dispatched: whatever still runs then stops, unmet."""
    return event.to_state != event.from_state and event.to_state in FINAL | {State.PENDING}


def stops_on(clock: Clock) -> set[str]:
    """The moments that meet this clock, by the rule that made it."""
    rule = rule_book().by_id.get(clock.rule_id or 0)
    return set(rule.stops_on.split("|")) if rule else set()


def starting(case: Case, happened: set[str], again: frozenset[str]) -> list[tuple[str, ClockRule]]:
    """Kinds that start now, each with its rule."""
    book = rule_book()
    best = ((kind, book.best(kind, "", case)) for kind in STARTED_HERE)
    return [(kind, rule) for kind, rule in best if rule and (rule.starts_on in happened or kind in again)]


def may_start(kind: str, order: WorkOrder, case: Case, running: dict[str, Clock]) -> bool:
    """Some clocks make no sense for some orders: no handling for kinds without it, no contact with nobody."""
    if kind == "interim_report" and order.state == State.HANDLING and kind not in running:
        return False
    if kind in HANDLING:
        return case.is_handled
    return kind != "contact" or order.caller_id is not None


def start_of(kind: str, order: WorkOrder, event: OrderEvent, running: dict[str, Clock]) -> datetime:
    """From when the clock counts: the event, with two exceptions of the rules.

    An emergency's call-back counts from the reply. An order that waits for its dispatch keeps the time it has
    waited when its urgency is lowered or its kind corrected; with a higher urgency it counts from now."""
    if kind == "callback" and order.urgency == Urgency.E1 and order.replied_at is not None:
        return order.replied_at
    if event.verb == "classify" and kind == "dispatch" and kind in running:
        old, new = event.facts.get("urgency", ["", ""])
        if URGENCY_RANK.get(new, 0) <= URGENCY_RANK.get(old, 0):
            return running[kind].started_at
    return event.at


def generation(latest: Mapping[str, Clock], kind: str) -> int:
    return latest[kind].generation + 1 if kind in latest else 1


def fresh(kind: str, rule: ClockRule, start: datetime, case: Case, number: int) -> Start:
    """A clock of this rule that starts at `start`."""
    cal = working_calendar()
    due = due_of(rule, start, case.leaf, cal)
    steps = steps_of(kind, case, start, due.at, rule.is_working, cal)
    return Start(kind, number, rule.pk, start, due.at, rule.is_working, due.provisional, steps)


def resumed(
    order: WorkOrder,
    latest: Mapping[str, Clock],
    now: datetime,
    waiting: Callable[[Collection[Clock]], Waiting],
) -> list[Start]:
    """A refused reply did not meet anything: what it had met goes on, with the same due time and the moments
    that had not yet come. Only the interim reports, which repeat, begin anew."""
    undone = {
        kind: clock
        for kind, clock in latest.items()
        if clock.met_at is not None and clock.met_at == order.replied_at and "replied" in stops_on(clock)
    }
    left = waiting(undone.values())
    starts = []
    for kind, clock in undone.items():
        if kind == "interim_report":
            rule = rule_book().by_id[clock.rule_id or 0]
            starts.append(fresh(kind, rule, now, Case.of(order, now), clock.generation + 1))
            continue
        starts.append(
            Start(
                kind,
                clock.generation + 1,
                clock.rule_id,
                clock.started_at,
                clock.due_at,
                clock.is_working,
                clock.is_provisional,
                left.get(clock.pk, []),
                clock.breached_at,
            )
        )
    return starts


def waiting_moments(clocks: Collection[Clock]) -> Waiting:
    """The moments of these clocks that have not fired."""
    left: Waiting = {}
    for step in ClockStep.objects.filter(clock__in=clocks, fired_at__isnull=True):
        left.setdefault(step.clock_id, []).append(Moment(step.step, step.due_at))
    return left


def shown(changes: Changes, latest: Mapping[str, Clock]) -> Shown:
    """What the order shows after these changes: what is due, and when the next thing happens."""
    ended = {clock.pk for clock in (*changes.met, *changes.stopped)}
    going = [clock for clock in latest.values() if clock.ended_at is None and clock.pk not in ended]
    due = min(
        ((clock.due_at, clock.is_working) for clock in (*going, *changes.starts) if clock.kind in SHOWN),
        default=(None, changes.order.due_is_working),
    )
    coming = [clock.next_step_at for clock in going if clock.next_step_at]
    coming += [moment.at for start in changes.starts for moment in start.steps]
    return {"due_at": due[0], "due_is_working": due[1], "next_due_at": min(coming, default=None)}


def repeated(missed: list[Clock], now: datetime) -> None:
    """Start the next interim report of each of these, which were due and have ended. Call with the orders
    locked."""
    following = Clock.objects.bulk_create(next_report(clock, now) for clock in missed)
    ClockStep.objects.bulk_create(
        ClockStep(clock=clock, order_id=clock.order_id, step="due", due_at=clock.due_at, try_at=clock.due_at)
        for clock in following
    )


def next_report(missed: Clock, now: datetime) -> Clock:
    """The unsaved clock after a missed report: one period after the one that was missed, or after now where
    that has passed as well."""
    period = missed.due_at - missed.started_at
    start = missed.due_at if missed.due_at + period > now else now
    return Clock(
        order_id=missed.order_id,
        assignment_id=missed.assignment_id,
        kind=missed.kind,
        generation=missed.generation + 1,
        rule_id=missed.rule_id,
        is_working=missed.is_working,
        started_at=start,
        due_at=start + period,
    )
