"""How a view, an endpoint or a task gets an order: through the access scope, or not at all."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _

from hotline.accounts.models import Role, User
from hotline.lib.requests import client_ip
from workorders.actions import begin
from workorders.errors import InvalidInput, NotAllowed
from workorders.models import AccessLog, WorkOrder
from workorders.models.accesslog import AccessAct

REVEALABLE = ("phone", "name", "address")


def order_for(user: User, number: str) -> WorkOrder:
    """The visible order with this number, joined to what pages print. Http404 alike for foreign and
    missing ones."""
    order = WorkOrder.objects.visible_to(user).with_words().filter(number=number).first()
    if order is None:
        raise Http404("no such order")
    return order


def log_access(
    act: AccessAct,
    *,
    user: User,
    now: datetime,
    order: WorkOrder | None = None,
    field: str = "",
    reason: str = "",
    request: HttpRequest | None = None,
    facts: dict | None = None,
) -> AccessLog:
    """One line of who saw what. Written in the transaction of the act itself."""
    return AccessLog.objects.create(
        act=act,
        user=user,
        order=order,
        field=field,
        reason=reason,
        at=now,
        facts=facts or {},
        ip=client_ip(request) if request else None,
        request_id=getattr(request, "request_id", "") or "",
    )


@transaction.atomic
def reveal(
    order_id: int, *, actor: User, now: datetime, field: str, reason: str, request: HttpRequest | None = None
) -> str:
    """The plain phone, name or full address of an order's caller, for a stated reason, recorded in trail
    and access log.

    A confidential caller is shown to the duty supervisor only; an anonymous one has nothing to show.
    Raises InvalidInput without a reason or for an unknown field, NotAllowed, and Move refusals."""
    if field not in REVEALABLE:
        raise InvalidInput(_("This field cannot be revealed."), field="field")
    reason = reason.strip()
    if len(reason) < 2:
        raise InvalidInput(_("State a reason: it is recorded."), field="reason")
    move = begin(order_id, "reveal", actor=actor, now=now, expect=None)
    order = move.order
    if order.is_confidential and actor.role != Role.SUPERVISOR:
        raise NotAllowed(_("The caller asked for confidentiality. Only the duty supervisor may open this."))
    move.finish(facts={"field": field})
    log_access(
        AccessAct.REVEAL, user=actor, now=now, order=order, field=field, reason=reason[:200], request=request
    )
    if field == "address":
        return order.address
    if order.caller is None:
        return ""
    return order.caller.plain_phone() if field == "phone" else order.caller.plain_name()
