"""The door of state: lock, check, write, record, tell. Every verb goes through `begin` and `Move.finish`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from hotline.accounts.models import Role, User
from hotline.lib.bulkinsert import insert_rows
from workorders.errors import IllegalTransition, NotAllowed, StaleVersion
from workorders.lifecycle import FINAL, TRANSITIONS, WITH_LEAD, By, State, Step, allowed_verbs
from workorders.models import OrderEvent, WorkOrder
from workorders.signals import order_changed


class Move:
    """One verb being carried out on a locked order. Lives inside the caller's transaction."""

    def __init__(self, order: WorkOrder, verb: str, step: Step, *, actor: User | None, now: datetime) -> None:
        self.order, self.verb, self.step, self.actor, self.now = order, verb, step, actor, now
        self.before = order.state

    def finish(
        self,
        *,
        to: State | None = None,
        facts: dict[str, Any] | None = None,
        step: int | None = None,
        **changes: Any,
    ) -> WorkOrder:
        """Write state, version and `changes` (fields of the order), append the event, tell the listeners.

        `to` is needed where the table names several targets. Raises IllegalTransition for a target it
          does not name."""
        target = self.step.to[0] if to is None and len(self.step.to) == 1 else to
        if target not in self.step.to:
            raise IllegalTransition()
        order = self.order
        if target is not None:
            order.state = target
            if target in FINAL and self.before not in FINAL:
                changes.setdefault("closed_at", self.now)
            elif target not in FINAL and self.before in FINAL:
                changes["closed_at"] = None
        for name, value in changes.items():
            setattr(order, name, value)
        append_event(
            order,
            self.verb,
            actor=self.actor,
            now=self.now,
            before=self.before if target is not None else None,
            facts=facts,
            step=step,
            changed=changes,
        )
        return order


def begin(order_id: int, verb: str, *, actor: User | None, now: datetime, expect: int | None) -> Move:
    """Lock the order and check that the verb may be taken: version, then table, then role.

    `expect` is the version the actor saw; None skips the check (the system, and acts that cannot
      conflict: notes).
    Must run inside a transaction. Raises StaleVersion, IllegalTransition, NotAllowed."""
    order = WorkOrder.objects.select_for_update(no_key=True).get(pk=order_id)
    if expect is not None and order.version != expect:
        raise StaleVersion(seen=expect, version=order.version)
    step = TRANSITIONS.get((State(order.state), verb))
    if step is None:
        raise IllegalTransition(state=order.state, verb=verb)
    if not step.by & parties(order, actor, may_look_up=By.SEES_IT in step.by):
        raise NotAllowed()
    return Move(order, verb, step, actor=actor, now=now)


@transaction.atomic
def advance(
    order_id: int,
    verb: str,
    *,
    actor: User | None,
    now: datetime,
    expect: int | None,
    facts: dict[str, Any] | None = None,
    **changes: Any,
) -> WorkOrder:
    """A verb with one target and no rule of its own: begin and finish."""
    return begin(order_id, verb, actor=actor, now=now, expect=expect).finish(facts=facts, **changes)


def parties(order: WorkOrder, actor: User | None, *, may_look_up: bool = True) -> set[str]:
    """As what this person counts towards this order: the role, and the By values that hold.

    A person of a unit counts by unit only; an auditor reads and changes nothing, so sees it as no party.
    `may_look_up` allows the query that SEES_IT needs."""
    if actor is None:
        return {By.SYSTEM}
    if not actor.is_active:
        return set()
    found: set[str] = set() if actor.role == Role.UNIT else {str(actor.role)}
    if actor.role == Role.UNIT and order.state in WITH_LEAD and order.unit_id in actor.unit_ids():
        found |= {By.LEAD_UNIT, By.SEES_IT}
    elif (
        may_look_up
        and actor.role != Role.AUDITOR
        and WorkOrder.objects.visible_to(actor).filter(pk=order.pk).exists()
    ):
        found.add(By.SEES_IT)
    return found


def open_verbs(order: WorkOrder, actor: User) -> list[str]:
    """Verbs this person may take on this order now, as far as table and role go. For buttons."""
    return allowed_verbs(order.state, parties(order, actor))


def append_event(
    order: WorkOrder,
    verb: str,
    *,
    actor: User | None,
    now: datetime,
    before: str | None = None,
    facts: dict[str, Any] | None = None,
    step: int | None = None,
    changed: dict[str, Any] | None = None,
) -> OrderEvent:
    """Record what happened: one event, whose number is the order's new version. Call with the order locked.

    `before` is the state left, when the verb moved the order. Sends `order_changed`."""
    order.version += 1
    order.save(update_fields=["state", "version", *(changed or {})])
    event = OrderEvent.objects.create(
        order=order,
        number=order.version,
        verb=verb,
        actor=actor,
        role=actor.role if actor else "",
        unit_id=order.unit_id,
        at=now,
        from_state=before or "",
        to_state=order.state if before is not None else "",
        facts=facts or {},
        step=step,
    )
    order_changed.send(sender=OrderEvent, order=order, event=event)
    return event


@dataclass(frozen=True)
class SystemAct:
    """A verb of the clocks on an order that the caller has locked. Acts on one order share the instance."""

    order: WorkOrder
    verb: str
    facts: dict[str, Any]
    step: int
    changes: dict[str, Any] = field(default_factory=dict)
    """Fields of the order, out of SYSTEM_FIELDS."""


SYSTEM_FIELDS = ("card", "deemed_signed", "archived_at", "next_due_at")
WRITE_MANY = """
UPDATE workorders_workorder AS stored SET state = given.state, version = given.version, card = given.card,
  deemed_signed = given.deemed_signed, archived_at = given.archived_at, next_due_at = given.next_due_at
FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::text[], %s::bool[], %s::timestamptz[], %s::timestamptz[])
  AS given(id, state, version, card, deemed_signed, archived_at, next_due_at) WHERE stored.id = given.id
"""


def act_in_bulk(acts: Sequence[SystemAct], *, now: datetime) -> None:
    """What `begin` and `finish` do, for many acts of the system in two statements: thousands of clocks fall
    due at the same minute. Same table, same trail, same signal; acts on one order follow each other as given.

    For verbs with one target that does not end the order. Raises IllegalTransition."""
    events, orders = [], {act.order.pk: act.order for act in acts}
    for act in acts:
        order, step = act.order, TRANSITIONS.get((State(act.order.state), act.verb))
        if step is None or By.SYSTEM not in step.by or len(step.to) != 1 or step.to[0] in FINAL:
            raise IllegalTransition(state=order.state, verb=act.verb)
        before = order.state
        order.state, order.version = step.to[0] or before, order.version + 1
        for name, value in act.changes.items():
            setattr(order, name, value)
        moved = step.to[0] is not None
        events.append(
            OrderEvent(
                order=order,
                number=order.version,
                verb=act.verb,
                unit_id=order.unit_id,
                at=now,
                facts=act.facts,
                step=act.step,
                from_state=before if moved else "",
                to_state=order.state if moved else "",
            )
        )
    names = ("pk", "state", "version", *SYSTEM_FIELDS)
    columns = [[getattr(order, name) for order in orders.values()] for name in names]
    with connection.cursor() as cursor:
        cursor.execute(WRITE_MANY, columns)
    written = [field.attname for field in OrderEvent._meta.concrete_fields if not field.primary_key]
    ids = insert_rows(OrderEvent, [{name: getattr(event, name) for name in written} for event in events])
    for event, pk in zip(events, ids, strict=True):
        event.pk = pk
        order_changed.send(sender=OrderEvent, order=event.order, event=event)


def found(order: WorkOrder, *, actor: User | None, now: datetime, facts: dict[str, Any]) -> WorkOrder:
    """Insert a new order (state draft or pending) with its first event, `create`. The caller filled all
    other fields."""
    order.version = 1
    order.save(force_insert=True)
    event = OrderEvent.objects.create(
        order=order,
        number=1,
        verb="create",
        actor=actor,
        role=actor.role if actor else "",
        at=now,
        to_state=order.state,
        facts=facts,
    )
    order_changed.send(sender=OrderEvent, order=order, event=event)
    return order
