"""退单: a unit says the order is not its own; the hotline decides; the second time it is adjudicated."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dispatch.assigning import open_lead
from dispatch.models import Clock, Request
from dispatch.models.request import RequestKind
from hotline.accounts.models import Role, Unit, User
from workorders.actions import begin
from workorders.errors import IllegalTransition, InvalidInput, NotAllowed
from workorders.intake import reason_of, required
from workorders.lifecycle import State
from workorders.models import WorkOrder
from workorders.models.reason import ReasonUse


@transaction.atomic
def ask_return(
    order_id: int,
    *,
    actor: User,
    now: datetime,
    expect: int | None,
    reason: str,
    basis: str,
    suggested_unit: Unit | None = None,
    text: str = "",
) -> WorkOrder:
    """→ return_review. Within the window an ordinary return; after it, or after a signature by hand, a
    late one, which the supervisor decides and which is counted. Once refused it cannot be repeated; a
    rework is not returned."""
    row = reason_of(reason, ReasonUse.RETURN)
    basis = required(basis, "basis", _("Name the legal basis."))
    move = begin(order_id, "return", actor=actor, now=now, expect=expect)
    order = move.order
    if order.return_refused:
        raise IllegalTransition(_("A return of this order was refused. It cannot be asked for again."))
    if order.round > 1:
        raise IllegalTransition(_("An order in rework stays with its unit."))
    if suggested_unit is not None and suggested_unit.pk == order.unit_id:
        raise InvalidInput(_("Suggest another unit than your own."), field="suggested_unit")
    late = not window_is_open(order, now)
    Request.objects.create(
        order=order,
        assignment=open_lead(order),
        kind=RequestKind.RETURN,
        reason=row,
        basis=basis,
        suggested_unit=suggested_unit,
        text=text.strip(),
        late=late,
        requested_by=actor,
        requested_at=now,
    )
    facts = {"reason": row.code, "basis": basis, "text": text.strip(), "late": late}
    facts["suggested_unit"] = suggested_unit.code if suggested_unit else ""
    return move.finish(facts=facts)


def window_is_open(order: WorkOrder, now: datetime) -> bool:
    """Whether the return window of the present dispatch still runs: not signed by hand, its clock not past
    due."""
    return Clock.objects.running().filter(order=order, kind="return_window", due_at__gt=now).exists()


@transaction.atomic
def review_return(
    order_id: int, *, actor: User, now: datetime, expect: int | None, uphold: bool, text: str
) -> WorkOrder:
    """Upheld: back to `pending`, the second time to `adjudication` with the unit still in charge. Refused:
    the unit handles it. A late return is the supervisor's; nobody reviews the return of their own
    dispatch."""
    text = required(text, "text", _("Give the grounds of the decision."))
    move = begin(order_id, "review-return", actor=actor, now=now, expect=expect)
    order = move.order
    request = (
        order.requests.select_for_update()
        .select_related("assignment")
        .get(kind="return", granted__isnull=True)
    )
    if request.late and actor.role != Role.SUPERVISOR:
        raise NotAllowed(_("A late return is decided by the duty supervisor."))
    if request.assignment.dispatched_by_id == actor.pk:
        raise NotAllowed(_("You dispatched this order: another person decides on its return."))
    request.granted, request.decided_by, request.decided_at, request.decision_text = uphold, actor, now, text
    request.save(update_fields=["granted", "decided_by", "decided_at", "decision_text"])
    facts = {"uphold": uphold, "text": text, "reason": request.reason_id}
    if not uphold:
        return move.finish(to=State.HANDLING, facts=facts, return_refused=True)
    upheld = order.returns_upheld + 1
    to = State.PENDING if upheld == 1 else State.ADJUDICATION
    return move.finish(to=to, facts=facts, returns_upheld=upheld)
