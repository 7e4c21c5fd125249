"""Thanks: whom they praise, and that they reach them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hotline.accounts.models import Unit, User
from workorders.actions import begin
from workorders.errors import InvalidInput
from workorders.intake import required
from workorders.models import Commendation, WorkOrder


def describe(
    order: WorkOrder,
    *,
    unit: Unit | None,
    person: str = "",
    deed: str = "",
    body: str = "",
    consent: bool = False,
    is_story: bool = False,
) -> Commendation:
    """Write down whom a thanks order praises, confirmed by a person of the hotline. Raises InvalidInput
    otherwise."""
    check_is_thanks(order)
    row, _is_new = Commendation.objects.get_or_create(order=order)
    row.unit, row.person, row.deed, row.body = unit, person.strip()[:60], deed.strip(), body.strip()[:120]
    row.consent, row.is_story, row.confirmed = consent, is_story, True
    row.save()
    return row


@transaction.atomic
def praise(
    order_id: int,
    *,
    actor: User,
    now: datetime,
    expect: int | None,
    unit: Unit | None,
    person: str = "",
    deed: str = "",
    body: str = "",
    consent: bool = False,
    is_story: bool = False,
) -> WorkOrder:
    """`describe` as a verb of the order: by the hotline while it waits, by the supervisor afterwards. The
    trail says who wrote what down, not whom: names stay on the commendation. A story needs a deed.

    The unit of thanks that were passed on stays. Raises InvalidInput, and what `begin` raises."""
    move = begin(order_id, "praise", actor=actor, now=now, expect=expect)
    order = move.order
    if is_story and not deed.strip():
        raise InvalidInput(_("A story needs to be told: write what was done."), field="deed")
    before = Commendation.objects.filter(order=order).select_related("unit").first()
    if before is not None and before.forwarded_at is not None:
        unit = before.unit
    describe(order, unit=unit, person=person, deed=deed, body=body, consent=consent, is_story=is_story)
    return move.finish(facts={"unit": unit.code if unit else "", "named": consent, "story": is_story})


def check_is_thanks(order: WorkOrder) -> None:
    if order.kind_id != "thanks":
        raise InvalidInput(_("Only thanks are passed on."), field="kind")


def mark_forwarded(order: WorkOrder, unit: Unit, *, actor: User, now: datetime, text: str) -> None:
    """Note on the commendation that the praised unit got it. Call inside the forwarding transaction."""
    check_is_thanks(order)
    required(text, "text", _("Write what the unit is thanked for."))
    row, _is_new = Commendation.objects.get_or_create(order=order)
    row.unit, row.forwarded_at, row.confirmed = unit, now, True
    row.deed = row.deed or text.strip()
    row.save()
