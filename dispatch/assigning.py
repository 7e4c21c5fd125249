"""Giving an order to a unit: dispatch, naming a handler, contact and progress of the unit, passing thanks
on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dispatch import routing
from dispatch.models import Assignment
from hotline.accounts.models import Role, Unit, User
from workorders import gratitude
from workorders.actions import begin
from workorders.errors import InvalidInput
from workorders.intake import required
from workorders.models import WorkOrder

CONTACT_CHANNELS = ("phone", "sms", "visit", "wechat", "other")


@transaction.atomic
def dispatch(
    order_id: int,
    *,
    actor: User | None,
    now: datetime,
    expect: int | None,
    unit: Unit,
    co: Sequence[Unit] = (),
    reason: str = "",
) -> WorkOrder:
    """pending → dispatched to `unit` as lead. The assignment keeps why: what the catalogue says for leaf
    and place, and the person's reason where another unit was chosen.

    Raises InvalidInput: no kind or category yet, thanks (they are forwarded), a unit that cannot hold
    orders, another unit than the catalogue's without a reason, a co unit that is the lead."""
    move = begin(order_id, "dispatch", actor=actor, now=now, expect=expect)
    order = move.order
    check_ready(order)
    check_holds_orders(unit, "unit")
    route = routing.resolve(order.category, order.place, on=timezone.localdate(now))
    why: dict[str, Any] = route.as_facts()
    why["follows"] = route.unit is not None and route.unit.pk == unit.pk
    if not why["follows"] and route.unit is not None and not route.ask and not reason.strip():
        raise InvalidInput(
            _("The catalogue names %(unit)s. Say why this order goes elsewhere.") % {"unit": route.unit},
            field="reason",
        )
    for other in co:
        check_holds_orders(other, "co")
        if other.pk == unit.pk:
            raise InvalidInput(_("The lead cannot co-handle as well."), field="co")
    Assignment.objects.create(
        order=order,
        unit=unit,
        round=order.round,
        started_at=now,
        dispatched_by=actor,
        why=why,
        reason=reason.strip(),
    )
    Assignment.objects.bulk_create(
        Assignment(order=order, unit=other, role="co", round=order.round, started_at=now, dispatched_by=actor)
        for other in {other.pk: other for other in co}.values()
    )
    facts = {"unit": unit.code, "co": [other.code for other in co], "why": why, "reason": reason.strip()}
    changes: dict[str, Any] = {"unit": unit, "card": "", "return_refused": False, "deemed_signed": False}
    if order.dispatched_at is None:
        changes["dispatched_at"] = now
    return move.finish(facts=facts, **changes)


def check_ready(order: WorkOrder) -> None:
    """Raises InvalidInput while the order lacks what a unit needs."""
    if order.kind_id is None:
        raise InvalidInput(_("Choose the kind first."), field="kind")
    if order.kind_id == "thanks":
        raise InvalidInput(_("Thanks are passed on to the praised unit, not dispatched."), field="kind")
    if order.category_id is None:
        raise InvalidInput(_("Choose the category first."), field="category")


def check_holds_orders(unit: Unit, field: str) -> None:
    if not unit.is_active:
        raise InvalidInput(_("This unit is retired."), field=field)


def open_lead(order: WorkOrder) -> Assignment:
    """The open lead of an order that has one; call with the order locked."""
    return order.assignments.select_for_update().get(role="lead", ended_at__isnull=True)


@transaction.atomic
def forward(
    order_id: int, *, actor: User, now: datetime, expect: int | None, unit: Unit, text: str
) -> WorkOrder:
    """Thanks go to the praised unit and are closed with it: a lead that opens and ends at the same
    instant, so that the unit sees them."""
    move = begin(order_id, "forward", actor=actor, now=now, expect=expect)
    order = move.order
    check_holds_orders(unit, "unit")
    gratitude.mark_forwarded(order, unit, actor=actor, now=now, text=text)
    Assignment.objects.create(
        order=order,
        unit=unit,
        started_at=now,
        ended_at=now,
        current=True,
        dispatched_by=actor,
        signed_at=now,
        why={"praised": True},
    )
    changes: dict[str, Any] = {"dispatched_at": now} if order.dispatched_at is None else {}
    return move.finish(
        facts={"unit": unit.code, "text": text.strip()},
        unit=unit,
        outcome="forwarded",
        no_callback_reason="kind",
        **changes,
    )


@transaction.atomic
def assign(order_id: int, *, actor: User, now: datetime, expect: int | None, handler: User) -> WorkOrder:
    """Name the person in the unit who handles the order."""
    move = begin(order_id, "assign", actor=actor, now=now, expect=expect)
    lead = open_lead(move.order)
    check_works_in(lead.unit_id, handler)
    lead.handler = handler
    lead.save(update_fields=["handler"])
    return move.finish(facts={"handler": handler.username})


def check_works_in(unit_id: int, handler: User) -> None:
    if handler.role != Role.UNIT or not handler.is_active or unit_id not in handler.unit_ids():
        raise InvalidInput(_("This person does not work in the unit."), field="handler")


@transaction.atomic
def contact(
    order_id: int,
    *,
    actor: User,
    now: datetime,
    expect: int | None,
    at: datetime,
    channel: str,
    reached: bool,
    text: str,
) -> WorkOrder:
    """The unit contacted the caller, or tried to. The first that reached somebody meets the contact clock."""
    if channel not in CONTACT_CHANNELS:
        raise InvalidInput(_("Say how the caller was contacted."), field="channel")
    text = required(text, "text", _("Write what was said."))
    move = begin(order_id, "contact", actor=actor, now=now, expect=expect)
    lead = open_lead(move.order)
    minute = lead.started_at.replace(second=0, microsecond=0)  # people and forms tell times to the minute
    if at > now or at < minute:
        raise InvalidInput(_("The contact lies between the dispatch and now."), field="at")
    if reached and lead.contacted_at is None:
        lead.contacted_at = max(at, lead.started_at)
        lead.save(update_fields=["contacted_at"])
    return move.finish(facts={"at": at.isoformat(), "channel": channel, "reached": reached, "text": text})


@transaction.atomic
def progress(
    order_id: int, *, actor: User, now: datetime, expect: int | None, text: str, at: datetime | None = None
) -> WorkOrder:
    """An interim result: meets `first_result`, restarts `interim_report`."""
    text = required(text, "text", _("Write what was found or done so far."))
    if at is not None and at > now:
        raise InvalidInput(_("The result cannot lie in the future."), field="at")
    move = begin(order_id, "progress", actor=actor, now=now, expect=expect)
    return move.finish(facts={"text": text, "at": (at or now).isoformat()})
