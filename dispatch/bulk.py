"""Whole lives of orders, derived by walking the table in memory and copied into the database at once.

For the demo month and for benchmarks. A life only begins, never goes on: no existing order is touched, and
whoever has an order in the database changes it through the doors. What a life does is checked here as the
doors check it (table, role, time); what falls due on the way fires as the sweep would fire it.
`check_invariants` holds the result."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import connection, models, transaction

from dispatch.clockwork import ClockWork
from dispatch.models import Assignment, Clock, ClockStep
from hotline.accounts.models import Role, User
from workorders import notices
from workorders.lifecycle import FINAL, TRANSITIONS, WITH_LEAD, By, State
from workorders.models import Notice, OrderEvent, WorkOrder
from workorders.notices import Message

Row = TypeVar("Row", bound=models.Model)


class ImpossibleLife(Exception):
    """A step that the doors would refuse."""


# --- Ids and rows --------------------------------------------------------------------------------


class Ids:
    """Primary keys taken from the tables' own sequences, many at a time, so that rows can name each other."""

    def __init__(self, block: int = 1000) -> None:
        self.block = block
        self._left: dict[type[models.Model], list[int]] = {}

    def next(self, model: type[models.Model]) -> int:
        left = self._left.setdefault(model, [])
        if not left:
            left.extend(reversed(reserve(model, self.block)))
        return left.pop()


def reserve(model: type[models.Model], count: int) -> list[int]:
    """So many fresh primary keys, ascending."""
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [table, column, count],
        )
        return sorted(row[0] for row in cursor.fetchall())


ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})


def copy_rows(model: type[models.Model], rows: list[models.Model]) -> None:
    """Insert the rows with COPY, as fast as PostgreSQL takes them. Rows without a primary key get one; no
    signals."""
    if not rows:
        return
    fields = [
        field for field in model._meta.concrete_fields if not field.primary_key or rows[0].pk is not None
    ]
    names = [(field.attname, isinstance(field, models.JSONField)) for field in fields]
    text = io.StringIO()
    for row in rows:
        values = row.__dict__
        text.write(
            "\t".join(as_json(values[name]) if is_json else as_text(values[name]) for name, is_json in names)
        )
        text.write("\n")
    text.seek(0)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN', text)


def as_text(value: Any) -> str:
    """One value in the text format of COPY."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return str(value).translate(ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "{" + ",".join(array_item(item) for item in value) + "}"
    return str(value)


def array_item(item: int | str) -> str:
    if isinstance(item, int):
        return str(item)
    quoted = item.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'.translate(ESCAPES)


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).translate(ESCAPES)


# --- A life ----------------------------------------------------------------------------------------


class Life:
    """One order from its beginning, walked step by step; nothing is in the database before `copy_lives`.

    `order` is unsaved and filled like intake fills it (caller, texts, codes); its version and state are
    written here. Steps take an instant `at` that never goes back. `rows` keeps what the steps' own facts
    add (replies, requests …)."""

    def __init__(self, order: WorkOrder, ids: Ids) -> None:
        self.order, self.ids = order, ids
        order.pk = ids.next(WorkOrder)
        self.at = order.created_at
        self.events: list[OrderEvent] = []
        self.assignments: list[Assignment] = []
        self.rows: dict[type[models.Model], list[models.Model]] = defaultdict(list)
        self.clocks = ClockWork(self)
        self.tries = 0
        """Call-back attempts of the present round."""

    def begin(
        self, *, actor: User | None, at: datetime, state: State = State.PENDING, facts: dict[str, Any]
    ) -> None:
        """The first event, as `intake.create` writes it."""
        if state not in (State.DRAFT, State.PENDING) or self.events:
            raise ImpossibleLife(f"create → {state}")
        self.order.state = state
        self._record("create", actor, at, before="", facts=facts)

    def take(
        self,
        verb: str,
        *,
        actor: User | None,
        at: datetime,
        to: State | None = None,
        facts: dict[str, Any] | None = None,
        step: int | None = None,
        **changes: Any,
    ) -> None:
        """One verb of the table, as `actions.begin` and `Move.finish` take it. What is due before `at`
        fires first.

        Raises ImpossibleLife for what the table does not allow to this actor, or a time before the last
        step."""
        if step is None:
            self.wait_until(at)
        order, move = self.order, TRANSITIONS.get((State(self.order.state), verb))
        if move is None or not move.by & self._parties(actor):
            raise ImpossibleLife(f"{verb} in {order.state} by {actor.role if actor else 'system'}")
        target = move.to[0] if to is None and len(move.to) == 1 else to
        if target not in move.to or at < self.at:
            raise ImpossibleLife(f"{verb} in {order.state} → {target} at {at}, after {self.at}")
        before = order.state
        if target is not None:
            order.state = target
            if target in FINAL and before not in FINAL:
                changes.setdefault("closed_at", at)
            elif target not in FINAL and before in FINAL:
                changes["closed_at"] = None
        for name, value in changes.items():
            setattr(order, name, value)
        self._record(verb, actor, at, before=before if target is not None else None, facts=facts, step=step)

    def wait_until(self, at: datetime) -> None:
        """Time passes: every moment of a running clock up to `at` fires, in its order."""
        self.clocks.fire_until(at)

    def give_up(self, at: datetime, step: int) -> None:
        """What the sweep does when the time for call-back tries is over: see `callbacks.give_up`."""
        raise ImpossibleLife("a call-back without its verbs")

    def add(self, row: Row) -> Row:
        """A row that belongs to the last step; written with the life."""
        self.rows[type(row)].append(row)
        return row

    def tell(self, messages: Iterable[Message], at: datetime) -> None:
        """Notices of the past are bells only: nobody is sent a message about what is over."""
        self.rows[Notice] += [message.row(at) for message in messages]

    @property
    def lead(self) -> Assignment:
        """The open lead. Raises ImpossibleLife where there is none."""
        if (lead := self.open_lead()) is None:
            raise ImpossibleLife(f"no lead in {self.order.state}")
        return lead

    def open_lead(self) -> Assignment | None:
        found = (row for row in reversed(self.assignments) if row.role == "lead" and row.ended_at is None)
        return next(found, None)

    def assign(self, **fields: Any) -> Assignment:
        """A new assignment, before the step that it belongs to is recorded."""
        assignment = Assignment(pk=self.ids.next(Assignment), order=self.order, **fields)
        self.assignments.append(assignment)
        return assignment

    def _parties(self, actor: User | None) -> set[str]:
        if actor is None:
            return {By.SYSTEM}
        if actor.role != Role.UNIT:
            return {str(actor.role), By.SEES_IT}
        holds = self.order.state in WITH_LEAD and self.order.unit_id in actor.unit_ids()
        return {By.LEAD_UNIT, By.SEES_IT} if holds else set()

    def _record(
        self,
        verb: str,
        actor: User | None,
        at: datetime,
        *,
        before: str | None,
        facts: dict[str, Any] | None,
        step: int | None = None,
    ) -> None:
        order = self.order
        order.version += 1
        event = OrderEvent(
            order=order,
            number=order.version,
            verb=verb,
            actor=actor,
            role=actor.role if actor else "",
            unit_id=order.unit_id if verb != "create" else None,
            at=at,
            from_state=before or "",
            to_state=order.state if before is not None else "",
            facts=facts or {},
            step=step,
        )
        self.events.append(event)
        self.at = at
        self._end_assignments(event)
        self.clocks.follow(event)
        self.tell(notices.messages_of(order, event), at)

    def _end_assignments(self, event: OrderEvent) -> None:
        """As `listeners.assignments_follow_order`."""
        if event.verb == "create" or event.from_state == event.to_state:
            return
        pending_again = event.to_state == State.PENDING and event.from_state != State.DRAFT
        ended = event.to_state in FINAL and event.from_state not in (State.DRAFT, State.PENDING)
        for assignment in self.assignments:
            if assignment.ended_at is None and (ended or pending_again):
                assignment.ended_at = event.at
            if pending_again:
                assignment.current = False


# --- Writing ---------------------------------------------------------------------------------------


@transaction.atomic
def copy_lives(lives: Iterable[Life]) -> None:
    """Write whole lives, all or nothing. The database numbers and chains their events as it does every
    other's."""
    found = list(lives)
    copy_rows(WorkOrder, [life.order for life in found])
    copy_rows(Assignment, [row for life in found for row in life.assignments])
    copy_rows(Clock, [row for life in found for row in life.clocks.clocks])
    copy_rows(ClockStep, [row for life in found for row in life.clocks.steps])
    copy_rows(OrderEvent, [row for life in found for row in life.events])
    for model in dict.fromkeys(model for life in found for model in life.rows):
        copy_rows(model, [row for life in found for row in life.rows[model]])
