"""会商裁定: who owns an order that was returned twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dispatch.assigning import check_holds_orders, open_lead
from dispatch.models import Assignment
from hotline.accounts.models import Unit, User
from workorders.actions import begin
from workorders.errors import InvalidInput
from workorders.intake import required
from workorders.models import WorkOrder


@transaction.atomic
def adjudicate(
    order_id: int,
    *,
    actor: User,
    now: datetime,
    expect: int | None,
    lead: Unit,
    grounds: str,
    co: Sequence[Unit] = (),
) -> WorkOrder:
    """adjudication → handling, with `lead` in charge from this instant. Another lead gets a full handling
    time."""
    grounds = required(grounds, "grounds", _("Write the grounds of the ruling."))
    move = begin(order_id, "adjudicate", actor=actor, now=now, expect=expect)
    order = move.order
    check_holds_orders(lead, "lead")
    before = open_lead(order)
    changed = before.unit_id != lead.pk
    if changed:
        before.ended_at, before.current = now, False
        before.save(update_fields=["ended_at", "current"])
        Assignment.objects.create(
            order=order,
            unit=lead,
            round=order.round,
            started_at=now,
            dispatched_by=actor,
            signed_at=now,
            why={"ruling": grounds},
        )
    for unit in co:
        check_holds_orders(unit, "co")
        if unit.pk == lead.pk:
            raise InvalidInput(_("The lead cannot co-handle as well."), field="co")
        Assignment.objects.create(
            order=order, unit=unit, role="co", round=order.round, started_at=now, dispatched_by=actor
        )
    facts = {"lead": lead.code, "co": [unit.code for unit in co], "grounds": grounds, "changed": changed}
    return move.finish(facts=facts, unit=lead, return_refused=True)
