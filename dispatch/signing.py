"""Signing for an order, by a person of the unit or, when the time is up, by the system."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from dispatch.assigning import check_works_in, open_lead
from dispatch.models import Assignment
from hotline.accounts.models import User
from workorders.actions import begin
from workorders.models import WorkOrder


@transaction.atomic
def sign(
    order_id: int, *, actor: User, now: datetime, expect: int | None, handler: User | None = None
) -> WorkOrder:
    """dispatched → handling. Ends the return window. The signer becomes the handler unless another is
    named."""
    move = begin(order_id, "sign", actor=actor, now=now, expect=expect)
    lead = open_lead(move.order)
    if handler is not None:
        check_works_in(lead.unit_id, handler)
    lead.signed_by, lead.signed_at, lead.handler = actor, now, handler or actor
    lead.save(update_fields=["signed_by", "signed_at", "handler"])
    return move.finish(facts={"handler": (handler or actor).username})


def deem_signed(order_ids: Collection[int], *, now: datetime) -> None:
    """视为签收: note on the open leads of these orders that time is up. The return window runs on.

    Part of the sweep, which holds the orders and writes the events `deem-signed`."""
    leads = Assignment.objects.filter(order__in=order_ids, role="lead", ended_at__isnull=True)
    leads.update(signed_at=now, deemed=True)
